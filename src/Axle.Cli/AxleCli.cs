using System.CommandLine;
using Axle.Cli.Output;
using Axle.Cli.Verbs;

namespace Axle.Cli;

/// <summary>
/// The CLI as a whole: parses, runs one verb, and words every failure. Verbs are in <c>Verbs/</c>, one file for each
/// subject; they reach the platform by its HTTP API only.
/// </summary>
internal sealed class AxleCli(CliHost host)
{
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "table for people, json or yaml for programs",
        HelpName = "table|json|yaml",
        DefaultValueFactory = _ => "table",
        Recursive = true,
    };

    public async Task<int> RunAsync(string[] args, CancellationToken stop)
    {
        var root = Root();

        // Arguments such as '@file' belong to the commands that users run; they are never read as response files.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (UsageErrors.Find(parsed, host.CommandName) is { } wrong)
        {
            new Terminal(host).Refusal(wrong.Error, []);
            return wrong.ExitCode;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop);
        }
        catch (IOException e) when (e is not FileNotFoundException && e.HResult == BrokenPipe)
        {
            // The reader has seen enough (axle get … | head).
            return ExitCodes.Ok;
        }
    }

    private const int BrokenPipe = 32;

    /// <summary>Runs a verb's body; every way it can end is worded here.</summary>
    public async Task<int> InvokeAsync(ParseResult parsed, Func<Session, ParseResult, CancellationToken, Task<int>> run, CancellationToken stop)
    {
        using var session = new Session(host, OutputFormats.Parse(parsed.GetValue(_output)));
        try
        {
            return await run(session, parsed, stop);
        }
        catch (RefusedException e)
        {
            if (session.Format == OutputFormat.Json)
            {
                session.Terminal.RefusalAsJson(e.Error);
            }
            else
            {
                session.Terminal.Refusal(e.Error, e.Details);
            }

            return e.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not { HResult: BrokenPipe }))
        {
            session.Terminal.Refusal(new Contracts.Error("cli.file", e.Message, null, 0), []);
            return ExitCodes.Failed;
        }
    }

    /// <summary>Every verb with its options, as the parser knows them.</summary>
    internal RootCommand Root()
    {
        _output.AcceptOnlyFromAmong("table", "json", "yaml");
        var root = new RootCommand("Axle: from nothing to a service in production, on one machine or many.") { _output };
        foreach (var verb in AllVerbs())
        {
            root.Add(verb);
        }

        foreach (var usual in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(usual);
        }

        var version = new Option<bool>("--version") { Description = "Print the version" };
        root.Add(version);
        root.SetAction((parsed, stop) => parsed.GetValue(version)
            ? InvokeAsync(parsed, (session, _, _) => Task.FromResult(VersionVerb.Show(session)), stop)
            : Task.FromResult(ExampleHelp.Write(root, host, ["axle demo", "axle create node-service orders --owner team-shop", "axle status orders"])));
        ExampleHelp.Install(root, host);
        return root;
    }

    private IEnumerable<Command> AllVerbs() =>
    [
        .. MachineVerbs.All(this),
        .. DemoVerb.All(this),
        .. CreateVerbs.All(this),
        .. TemplateVerbs.All(this),
        .. TaskVerbs.All(this),
        .. DeliveryVerbs.All(this),
        .. StatusVerbs.All(this),
        .. LogVerbs.All(this),
        .. CommandVerbs.All(this),
        .. EntityVerbs.All(this),
        .. SearchVerb.All(this),
        .. LocationVerbs.All(this),
        .. EnvironmentVerbs.All(this),
        .. DatabaseVerbs.All(this),
        .. ResourceVerbs.All(this),
        .. ProvisionerVerbs.All(this),
        .. SecretVerbs.All(this),
        .. AccountVerbs.All(this),
        .. DoctorVerb.All(this),
        .. VersionVerb.All(this),
        .. CompletionVerb.All(this),
    ];
}
