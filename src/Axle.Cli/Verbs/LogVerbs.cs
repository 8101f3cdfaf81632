using System.CommandLine;
using System.Globalization;
using Axle.Cli.Api;
using Axle.Cli.Machine;
using Axle.Cli.Output;

namespace Axle.Cli.Verbs;

/// <summary>Logs of components, builds, and the platform itself.</summary>
internal static class LogVerbs
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public static IEnumerable<Command> All(AxleCli cli)
    {
        var component = Arguments.ComponentIfAny("The component; without it the platform's own logs");
        var environment = Arguments.Environment();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines come" };
        var process = new Option<string?>("--process", "-p") { Description = "Only this process (web, worker, …)", HelpName = "name" };
        var instance = new Option<string?>("--instance", "-i") { Description = "Only this instance", HelpName = "id" };
        var tail = new Option<int>("--tail") { Description = "Lines from the end to begin with", HelpName = "N", DefaultValueFactory = _ => 100 };
        var build = new Option<string?>("--build") { Description = "The log of a build (its name, or a ref)", HelpName = "name" };
        var (space, data) = (Arguments.Namespace(), Arguments.Data());
        return
        [
            new Verb("logs", "Show the log of a component, a build, or the platform", "axle logs orders -f", "axle logs orders -e production --process worker --tail 500", "axle logs --build orders-3f2a91c04b7e", "axle logs")
            {
                component, environment, follow, process, instance, tail, build, space, data,
            }.Runs(cli, async (session, parsed, stop) =>
            {
                var logs = new LogStream(session);
                if (parsed.GetValue(build) is { } name)
                {
                    await logs.BuildAsync(Arguments.Ref(name, parsed.GetValue(space), "build").Name, parsed.GetValue(follow), session.Host.Out, stop);
                }
                else if (parsed.GetValue(component) is { } which)
                {
                    var query = Paths.Query(
                        ("environment", parsed.GetValue(environment)),
                        ("instance", parsed.GetValue(instance)),
                        ("process", parsed.GetValue(process)),
                        ("tail", parsed.GetValue(tail).ToString(CultureInfo.InvariantCulture)),
                        ("follow", parsed.GetValue(follow) ? "true" : null),
                        ("namespace", parsed.GetValue(space)));
                    await logs.PrintAsync($"api/components/{Uri.EscapeDataString(which)}/logs{query}", withSource: true, parsed.GetValue(follow), session.Host.Out, stop);
                }
                else
                {
                    await PlatformAsync(session, new DataFolder(parsed.GetValue(data) ?? session.Config.Connection().DataFolder ?? DataFolder.Default(session.Host)), parsed.GetValue(tail), parsed.GetValue(follow), stop);
                }

                return ExitCodes.Ok;
            }),
        ];
    }

    /// <summary>The platform's own logs are files of this machine, so that they can be read when it does not start.</summary>
    private static async Task PlatformAsync(Session session, DataFolder data, int tail, bool follow, CancellationToken stop)
    {
        string[] names = ["supervisor", "agent", "server"];
        var files = names.Select(name => (name, file: data.Log(name))).Where(pair => File.Exists(pair.file)).ToList();
        if (files.Count == 0)
        {
            throw RefusedException.Because("no_logs", $"there are no logs in {data.Path}: no platform was started there", "axle up, or axle logs --data DIR");
        }

        var positions = new Dictionary<string, long>();
        foreach (var (name, file) in files)
        {
            positions[file] = new FileInfo(file).Length;
            foreach (var line in RotatedLog.Tail(file, tail))
            {
                session.Terminal.Line(new Cell(name.PadRight(11), Tone.Dim), LogStream.Coloured(line));
            }
        }

        while (follow)
        {
            await Task.Delay(s_look, session.Host.Clock, stop);
            foreach (var (name, file) in files)
            {
                positions[file] = Grown(file, positions[file], line => session.Terminal.Line(new Cell(name.PadRight(11), Tone.Dim), LogStream.Coloured(line)));
            }
        }
    }

    /// <summary>Shows the whole lines that were added, and says where it stopped.</summary>
    private static long Grown(string file, long from, Action<string> show)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < from)
        {
            // Rotated.
            from = 0;
        }

        stream.Seek(from, SeekOrigin.Begin);
        var fresh = new byte[Math.Min(stream.Length - from, 1 << 20)];
        var read = stream.ReadAtLeast(fresh, fresh.Length, throwOnEndOfStream: false);
        var end = Array.LastIndexOf(fresh, (byte)'\n', Math.Max(0, read - 1)) + 1;
        if (end == 0)
        {
            return from;
        }

        foreach (var line in System.Text.Encoding.UTF8.GetString(fresh, 0, end - 1).Split('\n'))
        {
            show(line);
        }

        return from + end;
    }
}
