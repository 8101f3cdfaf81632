using Axle.Cli.Machine;

namespace Axle.Cli.Configuration;

/// <summary>
/// Tells git to ask this program for the platform's password, for that URL only, so that a plain <c>git push</c> works
/// and no token is ever written into a remote's URL or another helper's store.
/// </summary>
internal static class GitHelper
{
    /// <summary>What decides where the user's git settings are.</summary>
    private static readonly string[] s_settings = ["HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"];

    /// <summary>What git runs; quoted for the shell that git uses.</summary>
    public static string Command(string program) => $"!'{program.Replace("'", "'\\''", StringComparison.Ordinal)}' git-credential";

    /// <summary>Options for one git command before there is a repository to configure.</summary>
    public static IReadOnlyList<string> Options(Uri platform, string program) =>
        ["-c", $"{Key(platform)}=", "-c", $"{Key(platform)}={Command(program)}"];

    /// <summary>Configures a clone, or with <paramref name="repository"/> null the user's own settings.</summary>
    public static async Task<bool> InstallAsync(Uri platform, CliHost host, string? repository, CancellationToken stop)
    {
        string[] where = repository is null ? ["config", "--global"] : ["-C", repository, "config"];

        // The empty value resets the list: no other helper gets to see, or to keep, the token.
        var reset = await GitAsync(host, [.. where, "--replace-all", Key(platform), ""], stop);
        var ours = reset.ExitCode == 0 ? await GitAsync(host, [.. where, "--add", Key(platform), Command(host.Program)], stop) : reset;
        return ours.ExitCode == 0;
    }

    /// <summary>Whether the user's settings name us already.</summary>
    public static async Task<bool> IsInstalledAsync(Uri platform, CliHost host, CancellationToken stop) =>
        (await GitAsync(host, ["config", "--global", "--get-all", Key(platform)], stop)).Output.Split('\n').Contains(Command(host.Program));

    /// <summary>Removes our entry from the user's settings; another program's stays.</summary>
    public static async Task RemoveAsync(Uri platform, CliHost host, CancellationToken stop)
    {
        var present = await GitAsync(host, ["config", "--global", "--get-all", Key(platform)], stop);
        if (present.ExitCode == 0 && present.Output.Contains(" git-credential", StringComparison.Ordinal))
        {
            await GitAsync(host, ["config", "--global", "--unset-all", Key(platform)], stop);
        }
    }

    private static Task<Programs.Outcome> GitAsync(CliHost host, IReadOnlyList<string> arguments, CancellationToken stop) =>
        Programs.RunAsync("git", arguments, stop, s_settings.ToDictionary(name => name, host.Variable));

    private static string Key(Uri platform) => $"credential.{platform.GetLeftPart(UriPartial.Authority)}.helper";
}
