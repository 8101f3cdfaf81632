using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>Everything a build does and results in, decided before anything runs. Equal plans over equal trees give the same artifact.</summary>
internal sealed record BuildPlan
{
    public required Application Application { get; init; }

    /// <summary>For people: what was found, and how it is started.</summary>
    public required string Sentence { get; init; }

    /// <summary>A score.yaml that says the same (or the one that is there).</summary>
    public required string ProposedScore { get; init; }

    public required JsonElement Workload { get; init; }

    public required IReadOnlyList<PlannedProcess> Processes { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public string Builder => Application.Builder;

    /// <summary>For people: which processes do not run at first, and how they are started; null when all run.</summary>
    public string? Waiting(string component)
    {
        var waiting = Processes.Where(p => p.Waits).Select(p => p.Name).ToList();
        return waiting.Count == 0 ? null
            : $"Only {Processes.First(p => p.Kind is "web" or "static" or "worker" && !p.Waits).Name} runs at first; to start {(waiting.Count == 1 ? waiting[0] : "the others")}: axle scale {component} {string.Join(' ', waiting.Select(w => w + "=1"))}";
    }

    /// <summary>
    /// The run plan and the files to keep, now that the steps have run. Pure: told which files the source folder or, for
    /// published applications, the published folder holds.
    /// </summary>
    public Result<Finished> Finish(IReadOnlyCollection<string> files)
    {
        switch (Application.Outcome)
        {
            case { Kind: OutcomeKind.StaticSource }:
                return new Finished(Plan(Processes), FromOut: false, Root: "", StaticDetector.IsPublic);

            case { Kind: OutcomeKind.Dotnet, Name: { } assembly }:
                var known = files as IReadOnlySet<string> ?? files.ToHashSet(StringComparer.Ordinal);
                var planned = Application.Start;
                var start = DotnetDetector.Start(assembly, planned is ["/bin/sh", ..], known.Contains);
                return new Finished(Plan([.. Processes.Select(p => p.Command.SequenceEqual(planned) ? p with { Command = start } : p)]), FromOut: true, Root: "", _ => true);

            case { Kind: OutcomeKind.BlazorWasm }:
                return new Finished(Plan(Processes), FromOut: true, Root: "", _ => true);

            case { Kind: OutcomeKind.NodeOutput }:
                return NodeOutput(files);

            default:
                return new Finished(Plan(Processes), FromOut: false, Root: "", _ => true);
        }
    }

    private Result<Finished> NodeOutput(IReadOnlyCollection<string> files)
    {
        var (server, root) = NodeDetector.Output(files);
        if (server is not null)
        {
            // The site turned out to be rendered by a server: its page processes become that server.
            var variables = new Dictionary<string, string> { ["NODE_ENV"] = "production" };
            return new Finished(Plan([.. Processes.Select(p => p.Kind == "static" ? p with { Kind = "web", Command = ["node", server], Root = null, Variables = variables } : p)]), FromOut: false, Root: "", _ => true);
        }

        return root is null
            ? new NoStart("A package.json with a build script", "Let the build write its pages to dist, build, out, _site or public, or add a start script, and push again.")
            : new Finished(Plan([.. Processes.Select(p => p.Kind == "static" ? p with { Root = root } : p)]), FromOut: false, Root: root + "/", _ => true);
    }

    private RunPlan Plan(IReadOnlyList<PlannedProcess> processes) => new() { Workload = Workload, Processes = processes };
}

/// <summary>What is kept of a finished build.</summary>
/// <param name="FromOut">The published folder instead of the source.</param>
/// <param name="Root">Only files below this folder; empty, or ends with a slash. They keep their paths.</param>
/// <param name="Keeps">Which of them.</param>
internal sealed record Finished(RunPlan Plan, bool FromOut, string Root, Func<string, bool> Keeps);
