using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Axle.Cli;

/// <summary>The usual help, and below it examples and the exit codes.</summary>
internal sealed class ExampleHelp(HelpAction usual, CliHost host) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public static void Install(RootCommand root, CliHost host)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new ExampleHelp((HelpAction)option.Action!, host);
        }
    }

    /// <summary>Help without having been asked for: <c>axle</c> alone.</summary>
    public static int Write(RootCommand root, CliHost host, IReadOnlyList<string> examples)
    {
        new HelpAction().Invoke(root.Parse([]));
        WriteExamples(host.Out, examples);
        return ExitCodes.Ok;
    }

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        WriteExamples(host.Out, parseResult.CommandResult.Command is Verb verb ? verb.Examples : ["axle demo", "axle create node-service orders --owner team-shop", "axle status orders"]);
        return ExitCodes.Ok;
    }

    private static void WriteExamples(TextWriter output, IReadOnlyList<string> examples)
    {
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        output.WriteLine("Exit codes:");
        output.WriteLine($"  {ExitCodes.Help}");
    }
}
