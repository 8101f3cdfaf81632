using System.CommandLine;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <param name="Input">Base64 of what the command reads as its standard input.</param>
internal sealed record ExecRequest(IReadOnlyList<string> Command, string? Input);

/// <param name="Stream"><c>out</c> or <c>err</c>; null in the last one, which has the exit code.</param>
/// <param name="Data">Base64.</param>
internal sealed record ExecEvent(string? Stream, string? Data, int? ExitCode);

internal sealed record ExitEvent(int ExitCode);

/// <summary>Runs commands with a component's release and variables; our exit code is the command's.</summary>
internal static class CommandVerbs
{
    private const int InputBytesMax = 16 * 1024 * 1024;

    public static IEnumerable<Command> All(AxleCli cli) => [Run(cli), Exec(cli)];

    private static Verb Run(AxleCli cli)
    {
        var component = Arguments.Component();
        var environment = Arguments.Environment();
        var command = Arguments.CommandLine();
        var space = Arguments.Namespace();
        return new Verb("run", "Run a command once in an instance of its own, with the release and variables that serve", "axle run orders -e staging -- node migrate.js --dry-run")
        {
            component, command, environment, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new RunRequest(parsed.GetValue(environment), parsed.GetRequiredValue(command));
            var path = Paths.Component(parsed.GetRequiredValue(component), parsed.GetValue(space), "run");
            await foreach (var item in session.Client.EventsAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(request, AxleJson.Default.RunRequest), null, null, stop))
            {
                if (item.EventType == "exit" && JsonSerializer.Deserialize(item.Data, CliJson.Default.ExitEvent) is { } exit)
                {
                    return exit.ExitCode;
                }

                if (item.EventType == "log" && JsonSerializer.Deserialize(item.Data, AxleJson.Default.LogLine) is { } line)
                {
                    var to = line.Stream == "out" ? session.Host.Out : session.Host.Error;
                    to.WriteLine(line.Stream == "axle" ? session.Terminal.PaintError("axle: " + line.Text, Tone.Dim) : LogStream.Coloured(line.Text));
                }
            }

            throw Lost();
        });
    }

    private static Verb Exec(AxleCli cli)
    {
        var component = Arguments.Component();
        var environment = Arguments.Environment();
        var instance = new Option<string?>("--instance") { Description = "The instance; without it a ready one", HelpName = "id" };
        var input = new Option<bool>("--stdin", "-i") { Description = "Pass standard input on to the command" };
        var command = Arguments.CommandLine();
        var space = Arguments.Namespace();
        return new Verb("exec", "Run a command inside a running instance", "axle exec orders -e staging -- ps aux", "axle exec orders -e staging -i -- sqlite3 data.db < query.sql")
        {
            component, command, environment, instance, input, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new ExecRequest(parsed.GetRequiredValue(command), parsed.GetValue(input) ? await InputAsync(session, stop) : null);
            var query = Paths.Query(("environment", parsed.GetValue(environment)), ("instance", parsed.GetValue(instance)), ("namespace", parsed.GetValue(space)));
            var path = $"api/components/{Uri.EscapeDataString(parsed.GetRequiredValue(component))}/exec{query}";
            await using var output = session.Host.OutBytes();
            await foreach (var item in session.Client.EventsAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(request, CliJson.Default.ExecRequest), null, null, stop))
            {
                if (item.EventType != "out" || JsonSerializer.Deserialize(item.Data, CliJson.Default.ExecEvent) is not { } part)
                {
                    continue;
                }

                if (part.Data is { } data)
                {
                    var bytes = Convert.FromBase64String(data);
                    if (part.Stream == "err")
                    {
                        session.Host.Error.Write(System.Text.Encoding.UTF8.GetString(bytes));
                    }
                    else
                    {
                        await output.WriteAsync(bytes, stop);
                        await output.FlushAsync(stop);
                    }
                }

                if (part.ExitCode is { } code)
                {
                    return code;
                }
            }

            throw Lost();
        });
    }

    private static RefusedException Lost() => RefusedException.Because("connection_lost", "the connection ended before the command did; what became of it is not known", "axle activity", ExitCodes.Unreachable);

    private static async Task<string> InputAsync(Session session, CancellationToken stop)
    {
        await using var stream = session.Host.InBytes();
        using var all = new MemoryStream();
        var buffer = new byte[81920];
        while (await stream.ReadAsync(buffer, stop) is var read and > 0)
        {
            all.Write(buffer, 0, read);
            if (all.Length > InputBytesMax)
            {
                throw RefusedException.Usage($"standard input is longer than {InputBytesMax / (1024 * 1024)} MiB, the most that exec passes on");
            }
        }

        return Convert.ToBase64String(all.ToArray());
    }
}
