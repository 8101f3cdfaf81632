using System.CommandLine;
using System.Runtime.InteropServices;
using Axle.Cli.Output;

namespace Axle.Cli.Verbs;

internal sealed record VersionView(string Version, string Runtime, string Machine, string? Platform, string? PlatformVersion);

/// <summary>Which versions meet here.</summary>
internal static class VersionVerb
{
    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        new Verb("version", "Print the version of axle, and of the platform it talks to", "axle version", "axle version --output json").Runs(cli, async (session, _, stop) =>
        {
            var connection = session.Config.Connection();
            string? platform = null;
            try
            {
                platform = (await session.Client.GetAsync("api/platform", Contracts.AxleJson.Default.PlatformView, stop)).Version;
            }
            catch (RefusedException)
            {
                // No platform, or none that knows us: our own version is what was asked for.
            }

            return Show(session, connection.Url.GetLeftPart(UriPartial.Authority), platform);
        }),
    ];

    public static int Show(Session session) => Show(session, null, null);

    private static int Show(Session session, string? url, string? platform)
    {
        var view = new VersionView(AxleVersion.Text, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier, url, platform);
        return session.Show(view, CliJson.Default.VersionView, terminal =>
        {
            terminal.Line($"axle {view.Version}  ({view.Runtime}, {view.Machine})");
            if (url is not null)
            {
                terminal.Line(platform is null ? new Cell($"no platform answers at {url}", Tone.Dim) : $"platform {platform} at {url}");
            }
        });
    }
}
