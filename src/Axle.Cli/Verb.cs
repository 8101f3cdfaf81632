using System.CommandLine;

namespace Axle.Cli;

/// <summary>A verb of the CLI, with the examples that its help shows.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Says what the verb does; failures are worded by <see cref="AxleCli.InvokeAsync"/>.</summary>
    public Verb Runs(AxleCli cli, Func<Session, ParseResult, CancellationToken, Task<int>> run)
    {
        SetAction((parsed, stop) => cli.InvokeAsync(parsed, run, stop));
        return this;
    }
}
