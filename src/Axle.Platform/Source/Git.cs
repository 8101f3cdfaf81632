using Axle.Platform.Processes;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>
/// Runs the git program with settings that nobody else can change: no configuration of the machine or of a user, no
/// prompts, no protocol but those a call asks for, hooks from Axle's own folder only. All settings are given with each
/// call instead of being written into repositories, so that an upgrade of Axle changes them everywhere.
/// </summary>
internal sealed class Git(ProgramRunner programs, PlatformOptions platform, IOptions<SourceOptions> options)
{
    private const string PreReceive = """
        #!/bin/sh
        # Written by Axle at each start. Runs before any branch moves: refuses, in words, what Axle cannot take.
        set -u
        refused=0
        news=''
        refuse() { printf 'axle: %s\n' "$1"; refused=1; }
        while read -r old new ref; do
          case "$ref" in
            refs/heads/* | refs/tags/*) ;;
            *) refuse "$ref is refused: only branches and tags are kept here."; continue ;;
          esac
          case "$new" in
            *[!0]*) news="$news $new" ;;
            *)
              if [ "$ref" = "refs/heads/$AXLE_DEFAULT_BRANCH" ]; then
                refuse "$AXLE_DEFAULT_BRANCH is deployed from here and cannot be deleted."
              fi
              continue ;;
          esac
          case "$old" in
            *[!0]*)
              if [ "$ref" = "refs/heads/$AXLE_DEFAULT_BRANCH" ] && [ "$AXLE_FORCE" != yes ] && ! git merge-base --is-ancestor "$old" "$new"; then
                refuse "a force push to $AXLE_DEFAULT_BRANCH is refused, because releases point at its commits. Next: git pull --rebase, or git revert what should go."
              fi ;;
          esac
        done
        if [ -n "$news" ]; then
          large=$(printf '%s\n' $news | git rev-list --objects --stdin --not --all |
            git cat-file --batch-check='%(objecttype) %(objectsize) %(rest)' |
            awk -v max="$AXLE_FILE_MAX" '$1 == "blob" && $2 + 0 > max + 0 { size = $2; $1 = ""; $2 = ""; sub(/^  /, ""); printf "axle: %s is %d MB; the most that a file may have is %d MB.\n", $0, size / 1048576, max / 1048576 }')
          if [ -n "$large" ]; then
            printf '%s\n' "$large"
            printf 'axle: Next: take it out of the commits (git commit --amend, git rebase), and keep large files elsewhere.\n'
            refused=1
          fi
        fi
        # Only what passed so far is searched for secrets, by the platform. Both waits have an end, in case it dies meanwhile.
        if [ $refused = 0 ] && [ -n "$news" ]; then
          printf '%s\n' "${GIT_QUARANTINE_PATH:-}" $news '' | timeout 30 tee "$AXLE_GUARD/ask" >/dev/null
          verdict=$(timeout 180 sed -n '/^\.$/q;p' "$AXLE_GUARD/answer")
          case "$verdict" in
            ok*) ;;
            refused*) refused=1 ;;
            *) refuse 'this push could not be searched for secrets. Next: push again.' ;;
          esac
          printf '%s\n' "$verdict" | sed 1d
        fi
        exit $refused

        """;

    private readonly string _home = platform.Folder("run", "git-home");
    private readonly string _hooks = WriteHooks(platform.Folder("run", "git-hooks"));

    /// <summary>Runs git; a failure is in the answer's exit code.</summary>
    /// <param name="call">What differs from one call to the next.</param>
    /// <param name="stop">Kills git.</param>
    public Task<ProgramEnd> RunAsync(GitCall call, CancellationToken stop)
    {
        var variables = new Dictionary<string, string>(ProgramRunner.BasicVariables)
        {
            ["LC_ALL"] = "C",
            ["HOME"] = _home,
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_LITERAL_PATHSPECS"] = "1",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_ALLOW_PROTOCOL"] = call.Protocols,
            ["GIT_COMMITTER_NAME"] = call.Actor,
            ["GIT_COMMITTER_EMAIL"] = "axle@localhost",
            ["GIT_AUTHOR_NAME"] = call.Actor,
            ["GIT_AUTHOR_EMAIL"] = "axle@localhost",
        };
        foreach (var (name, value) in call.Variables)
        {
            variables[name] = value;
        }

        return programs.RunAsync(
            new ProgramCall("git", [.. Settings(call), .. call.Arguments])
            {
                Variables = variables,
                Folder = call.Folder ?? _home,
                Input = call.Input,
                Output = call.Output,
                OutputMax = call.OutputMax,
                TimeMax = call.TimeMax ?? options.Value.TransferTimeMax,
            },
            stop);
    }

    /// <summary>Runs git, which must succeed: for what can only fail when the disk or the program does.</summary>
    /// <exception cref="IOException">It failed; the message has git's words.</exception>
    public async Task<string> MustAsync(GitCall call, CancellationToken stop)
    {
        var end = await RunAsync(call, stop);
        return end.Ok ? end.Output : throw new IOException($"git {call.Arguments[0]} failed in {call.Folder}: {Words(end)}");
    }

    /// <summary>What git says about a failure, in one line.</summary>
    public static string Words(ProgramEnd end)
    {
        var lines = end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.FirstOrDefault(l => l.StartsWith("fatal:", StringComparison.Ordinal) || l.StartsWith("error:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? $"exit code {end.ExitCode}";
        return telling.Length > 500 ? telling[..500] : telling;
    }

    private IEnumerable<string> Settings(GitCall call)
    {
        string[] settings =
        [
            $"core.hooksPath={_hooks}",
            "core.logAllRefUpdates=true",
            "core.fsmonitor=false",
            "core.quotePath=false",
            "core.bigFileThreshold=50m",
            "pack.threads=1",
            "pack.windowMemory=128m",
            "credential.helper=",
            "http.followRedirects=false",
            "transfer.fsckObjects=true",
            // Slips of old git versions, in the history of many honest repositories.
            "receive.fsck.zeroPaddedFilemode=warn", "fetch.fsck.zeroPaddedFilemode=warn",
            "receive.fsck.missingSpaceBeforeDate=warn", "fetch.fsck.missingSpaceBeforeDate=warn",
            "receive.fsck.badTimezone=warn", "fetch.fsck.badTimezone=warn",
            $"receive.maxInputSize={options.Value.PushBytesMax}",
            "receive.denyDeleteCurrent=refuse",
            "receive.autogc=false",
            "receive.keepAlive=5",
            "transfer.hideRefs=refs/axle",
            "uploadpack.allowFilter=true",
            "gc.auto=0",
            "maintenance.auto=false",
            .. call.Settings,
        ];
        return settings.SelectMany(setting => new[] { "-c", setting });
    }

    private static string WriteHooks(string folder)
    {
        var hook = Path.Combine(folder, "pre-receive");
        var temporary = hook + ".new";
        File.WriteAllText(temporary, PreReceive);
        File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(temporary, hook, overwrite: true);
        return folder;
    }
}

/// <summary>One call of git.</summary>
internal sealed record GitCall(string? Folder, params IReadOnlyList<string> Arguments)
{
    /// <summary>Who git writes into reflogs and commits.</summary>
    public string Actor { get; init; } = "Axle";

    /// <summary>Protocols that git may use, separated by colons; none by default.</summary>
    public string Protocols { get; init; } = "none";

    /// <summary>Settings on top of the fixed ones, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public Func<Stream, CancellationToken, Task>? Input { get; init; }

    public Func<Stream, CancellationToken, Task>? Output { get; init; }

    public int OutputMax { get; init; } = 1024 * 1024;

    public TimeSpan? TimeMax { get; init; }
}
