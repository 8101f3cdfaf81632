using Axle.Contracts;

namespace Axle.Platform.Builds;

internal sealed record BuildUnknown(string Build)
    : Error("builds.unknown", $"There is no build {Build}.", "axle get builds", 404);

internal sealed record ComponentUnknown(string Component)
    : Error("builds.component_unknown", $"There is no component {Component}.", "axle get components", 404);

internal sealed record CommitUnknown(string Repository, string? Commit)
    : Error("builds.commit_unknown", Commit is null ? $"The repository {Repository} has no commit yet." : $"The repository {Repository} has no commit {Commit}.", $"git push, or axle clone {Repository} to see what is there", 404);

internal sealed record RepositoryUnknown(string Repository)
    : Error("builds.repository_unknown", $"There is no repository {Repository}.", "axle create, or axle import", 404);

internal sealed record NothingDetected(string Seen, string? Pages = null)
    : Error(
        "builds.nothing_detected",
        $"Nothing here says how it is built or started: no score.yaml, Procfile, .NET project, package.json, Python main file, index.html or start.sh at the top ({Seen}).",
        Pages is null ? "Add a Procfile with a line like 'web: ./server', or a score.yaml, and push again." : $"If {Pages} holds the site, add a Staticfile with the line 'root: {Pages}' and push again; else a Procfile or a score.yaml.",
        422);

internal sealed record LanguageNotBuilt(string Language, string File)
    : Error(
        "builds.language_not_built",
        $"{File} says that this is {Language}, and Axle builds .NET, Node, Python and static files.",
        "Commit the program it is built into, with a Procfile that starts it ('web: ./server'), and push again.",
        422);

internal sealed record NeedsContainerEngine : Error
{
    private const string How = "Push source that Axle builds (.NET, Node, Python, static files, a Procfile) with 'image: .', or run this workload on Kubernetes once an environment for it exists.";

    public NeedsContainerEngine(string container, string image, int? line, int? column)
        : base("builds.needs_container_engine", $"Container '{container}' wants the image {image}{(line is null ? "" : $" (score.yaml, line {line})")}, and this machine has no container engine to run it.", How, 422) =>
        Problems = [new Problem($"the image {image} needs a container engine", WorkloadFile.FileName, line, column, $"containers.{container}.image")];

    public NeedsContainerEngine(string dockerfile)
        : base("builds.needs_container_engine", $"Only a {dockerfile} says how this is built, and this machine has no container engine to build it with.", "Add a Procfile that starts it without a container ('web: node server.js'), or run it on Kubernetes once an environment for it exists.", 422) =>
        Problems = [new Problem("needs a container engine", dockerfile, 1, 1)];
}

internal sealed record NoShellCommand(string Container, string Image, int? Line)
    : Error("builds.no_command", $"Container '{Container}' runs the image {Image} without a command{(Line is null ? "" : $" (score.yaml, line {Line})")}; this machine runs such images as plain processes and has to know which.", $"Add 'command' (and 'args') to containers.{Container} in score.yaml.", 422);

internal sealed record NoStart(string Title, string Add)
    : Error("builds.no_start", $"{Title} was found, but nothing says how it is started.", Add, 422);

internal sealed record SeveralProjects : Error
{
    public SeveralProjects(IReadOnlyList<string> projects)
        : base("builds.several_projects", $"There are {projects.Count} .NET projects that could be started: {string.Join(", ", projects.Take(10))}{(projects.Count > 10 ? ", …" : "")}.", $"Choose one in score.yaml (metadata.annotations: axle.dev/project: {projects[0]}), or name its assembly in a Procfile (web: dotnet {Path.GetFileNameWithoutExtension(projects[0])}.dll).", 422) =>
        Problems = [.. projects.Select(p => new Problem("could be started", p))];
}

internal sealed record ProjectUnknown(string Project)
    : Error("builds.project_unknown", $"The annotation axle.dev/project names {Project}, and there is no such file.", "Correct the path in score.yaml or catalog-info.yaml; it counts from the top of the repository.", 422);

internal sealed record NoStartableProject(string Found)
    : Error("builds.no_start", $"None of the .NET projects can be started: {Found} (libraries and tests only).", "Add a project with the Sdk Microsoft.NET.Sdk.Web, or with OutputType Exe.", 422);

internal sealed record ToolMissing(string Tool, string Because, string Install)
    : Error("builds.tool_missing", $"{Because}, and this machine has no {Tool}.", Install, 422);

internal sealed record PythonDependencies(string File)
    : Error("builds.python_dependencies", $"{File} asks for Python packages in a form that is not installed here; only requirements.txt is.", "Export them (pip freeze, uv export, poetry export) to requirements.txt at the top and push again.", 422);

internal sealed record ProcfileInvalid : Error
{
    public ProcfileInvalid(IReadOnlyList<Problem> problems)
        : base("builds.procfile_invalid", $"The Procfile has {(problems.Count == 1 ? "a line" : $"{problems.Count} lines")} that cannot be read: {problems[0]}.", "Correct it and push again.", 422) =>
        Problems = problems;
}

internal sealed record FileInvalid : Error
{
    public FileInvalid(string file, string what, int? line = null, int? column = null)
        : base("builds.file_invalid", $"{file} cannot be read: {what}", "Correct it and push again.", 422) =>
        Problems = [new Problem(what, file, line, column)];
}

internal sealed record ArtifactEmpty()
    : Error("builds.artifact_empty", "The build ended well but left no file to run or serve.", "Look at what the build wrote: axle logs --build", 422);

internal sealed record ArtifactTooLarge(BuildsOptions Options)
    : Error("builds.artifact_too_large", $"The built files are too many or too large: at most {Options.ArtifactFilesMax:N0} files and {Options.ArtifactBytesMax / (1024 * 1024):N0} MiB.", "Leave out what running does not need (caches, test data), or raise the limit under Builds in the configuration.", 422);
