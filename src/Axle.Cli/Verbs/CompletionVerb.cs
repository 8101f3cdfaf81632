using System.CommandLine;

namespace Axle.Cli.Verbs;

/// <summary>Scripts that let the shell ask axle for the words that can come next.</summary>
internal static class CompletionVerb
{
    private const string Bash = """
        # In ~/.bashrc:  source <(axle completion bash)
        _axle_complete() {
            local IFS=$'\n'
            COMPREPLY=($(axle "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
            [[ ${COMPREPLY[0]:-} == */ ]] && compopt -o nospace
        }
        complete -o default -F _axle_complete axle
        """;

    private const string Zsh = """
        # In ~/.zshrc:  source <(axle completion zsh)
        _axle() {
            local -a words_found
            words_found=("${(@f)$(axle "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words_found
        }
        compdef _axle axle
        """;

    private const string Fish = """
        # In ~/.config/fish/config.fish:  axle completion fish | source
        complete -f -c axle -a '(axle "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static IEnumerable<Command> All(AxleCli cli)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return
        [
            new Verb("completion", "Print a script that completes verbs, names and environments in your shell", "source <(axle completion bash)", "axle completion fish | source") { shell }.Runs(cli, (session, parsed, _) =>
            {
                session.Host.Out.WriteLine(parsed.GetRequiredValue(shell) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    _ => Fish,
                });
                return Task.FromResult(ExitCodes.Ok);
            }),
        ];
    }
}
