using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>What one detector found out about a source tree: how it is built and how it is started by default.</summary>
internal sealed record Application
{
    /// <summary><c>dotnet</c>, <c>node</c>, <c>python</c>, <c>static</c>, <c>shell</c> or <c>procfile</c>.</summary>
    public required string Builder { get; init; }

    /// <summary>"ASP.NET Core app Shop.Web (net10.0)".</summary>
    public required string Title { get; init; }

    /// <summary>Program and arguments; empty when only a Procfile or score.yaml can say it, or the build's result decides.</summary>
    public IReadOnlyList<string> Start { get; init; } = [];

    /// <summary>The start command in words for people.</summary>
    public string StartWords { get; init; } = "";

    /// <summary><c>web</c>, <c>worker</c> or <c>static</c>.</summary>
    public string Kind { get; init; } = "web";

    /// <summary>For <c>static</c>: the folder inside the artifact.</summary>
    public string? Root { get; init; }

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders inside the artifact whose programs a Procfile's lines may call by name.</summary>
    public IReadOnlyList<string> ProgramFolders { get; init; } = [];

    public IReadOnlyList<BuildStep> Steps { get; init; } = [];

    /// <summary>Files that are written over the source before the first step, by path.</summary>
    public IReadOnlyDictionary<string, string> Overlay { get; init; } = new Dictionary<string, string>();

    /// <summary>Remarks for the build's log.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public Outcome Outcome { get; init; } = new(OutcomeKind.Source);

    /// <summary>Refused only if nothing else (a Procfile, score.yaml) says how to start.</summary>
    public Error? WithoutStart { get; init; }
}

/// <summary>One command of a build.</summary>
/// <param name="Name">Short, for ids: <c>install</c>.</param>
/// <param name="Command">Program and arguments; may hold the marks of <see cref="BuildFolders"/>.</param>
internal sealed record BuildStep(string Name, IReadOnlyList<string> Command)
{
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The command as people would type it.</summary>
    public string Words => string.Join(' ', Command).Replace(BuildFolders.Out, "out", StringComparison.Ordinal);
}

/// <summary>
/// Stands for a folder of the running build inside commands of a plan, which is made before it is known.
/// A NUL occurs in no path, so nothing in a repository can pass for a mark.
/// </summary>
internal static class BuildFolders
{
    /// <summary>Where a step leaves what becomes the artifact.</summary>
    public const string Out = "\0out";
}

/// <summary>Which files become the artifact, and what still depends on the build's result.</summary>
/// <param name="Name">For <see cref="OutcomeKind.Dotnet"/>: the assembly.</param>
internal sealed record Outcome(OutcomeKind Kind, string? Name = null);

internal enum OutcomeKind
{
    /// <summary>The source folder as the steps left it.</summary>
    Source,

    /// <summary>The source folder without what a web server must not show (dot files, the platform's own files).</summary>
    StaticSource,

    /// <summary>The published folder; started by the assembly or native program in it.</summary>
    Dotnet,

    /// <summary>The published folder's wwwroot, as static files.</summary>
    BlazorWasm,

    /// <summary>A Node build without start command: a server or a folder of pages, whichever the build made.</summary>
    NodeOutput,
}
