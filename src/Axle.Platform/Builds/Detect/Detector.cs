using Axle.Contracts;
using Axle.Platform.Secrets;
using Axle.Platform.Workloads;

namespace Axle.Platform.Builds;

/// <summary>
/// Decides what a source tree is. Three questions, in this order:
/// <list type="number">
/// <item>What is it? The language that a Procfile's leading line calls; else .NET (project or solution at the top), Node
/// (package.json), Python, .NET further down, static files, start.sh. The first that matches.</item>
/// <item>What is started? score.yaml's command, else the Procfile, else what the language says.</item>
/// <item>Is it a web process? With a score.yaml: when it has a TCP port under service. Without: as the language says.</item>
/// </list>
/// Containers of score.yaml with an image other than <c>.</c> or a plain shell need a container engine, which is refused;
/// so is a Dockerfile with nothing else beside it.
/// </summary>
internal static class Detector
{
    private const string DefaultPort = "8080";

    /// <param name="name">The component's name, for the proposal.</param>
    /// <param name="project">The component's <c>axle.dev/project</c> annotation, if any.</param>
    public static async Task<Result<BuildPlan>> DetectAsync(SourceTree tree, Machine machine, string name, string? project, CancellationToken stop)
    {
        // 1. What the repository says itself.
        WorkloadFile? workload = null;
        var scoreText = await tree.ReadAsync(WorkloadFile.FileName, stop);
        if (scoreText is not null && !WorkloadFile.Parse(scoreText).TryGet(out workload, out var invalid))
        {
            return invalid;
        }

        var procfile = Procfile.None;
        if (await tree.ReadAsync(Procfile.FileName, stop) is { } procfileText && !Procfile.Parse(procfileText).TryGet(out procfile, out var broken))
        {
            return broken;
        }

        procfile = new Procfile([.. procfile.Lines.Select(l => l with { Text = PythonDetector.Mend(l.Text, machine) })]);

        if (workload is not null && Refusal(workload) is { } refused)
        {
            return refused;
        }

        // 2. What it is; nothing has to be built when every container is a plain shell.
        Application? application;
        if (workload is not null && !workload.Containers.Any(c => c.IsSource))
        {
            application = new Application { Builder = "shell", Title = "Shell workload of score.yaml", Kind = workload.Listens ? "web" : "worker" };
        }
        else if (!(await LanguageAsync(tree, machine, procfile, workload?.Score.Metadata.Annotations.GetValueOrDefault(DotnetDetector.Annotation) ?? project, stop)).TryGet(out application, out var error))
        {
            return error;
        }

        application ??= workload is { Main.Words.Count: > 0 } ? new Application { Builder = "shell", Title = "Command of score.yaml" }
            : procfile.Lines.Count > 0 && (OtherLanguage.Find(tree) is null || OtherLanguage.IsBuilt(tree, procfile)) ? new Application { Builder = "procfile", Title = "Procfile application" }
            : null;
        var dockerfile = DockerfileDetector.Find(tree);
        if (application is null)
        {
            return dockerfile is not null ? new NeedsContainerEngine(dockerfile)
                : OtherLanguage.Find(tree) is { } other ? new LanguageNotBuilt(other.Language, other.File)
                : new NothingDetected(Seen(tree), StaticDetector.Deeper(tree));
        }

        // 3. What runs.
        if (!Processes(application, procfile, workload).TryGet(out var processes, out var without))
        {
            return without;
        }

        return Plan(application, processes, workload, scoreText, name, dockerfile, await WrittenSecretsAsync(tree, scoreText, stop));
    }

    private static async Task<Result<Application?>> LanguageAsync(SourceTree tree, Machine machine, Procfile procfile, string? project, CancellationToken stop)
    {
        var leading = procfile.Leading?.Text ?? "";
        var dotnet = () => DotnetDetector.DetectAsync(tree, machine, procfile, project, stop);
        var node = () => NodeDetector.DetectAsync(tree, machine, procfile, stop);
        var python = () => PythonDetector.DetectAsync(tree, machine, procfile, stop);
        var order = project is not null || leading.StartsWith("dotnet ", StringComparison.Ordinal) || DotnetDetector.Leads(tree) ? [dotnet, node, python]
            : PythonDetector.IsPython(leading) ? [python, node, dotnet]
            : new[] { node, python, dotnet };
        foreach (var detect in order)
        {
            if (await detect() is { } found)
            {
                return found.TryGet(out var application, out var error) ? application : error;
            }
        }

        return procfile.Find("web") is null && await StaticDetector.DetectAsync(tree, stop) is { } site ? site : await ShellDetector.DetectAsync(tree, machine, stop);
    }

    /// <summary>
    /// What looks like a secret in score.yaml: everybody who reads the repository has it. Said, and not refused: a push that adds
    /// one is refused before, so it came with an import or a mirror, whose history is not Axle's to judge.
    /// </summary>
    private static async Task<IReadOnlyList<string>> WrittenSecretsAsync(SourceTree tree, string? scoreText, CancellationToken stop)
    {
        if (scoreText is null || LeakGuard.Scan(WorkloadFile.FileName, scoreText) is not { Count: > 0 } leaks)
        {
            return [];
        }

        var permits = new LeakPermits();
        permits.Add(await tree.ReadAsync(LeakPermits.FileName, stop));
        return permits.Allows(WorkloadFile.FileName) ? [] : [.. leaks.Select(leak => $"Warning: {leak.ToProblem()}, for everybody who reads the repository. Better: axle secret set NAME, and ${{resources.env.NAME}} there.")];
    }

    private static Error? Refusal(WorkloadFile workload)
    {
        foreach (var container in workload.Containers)
        {
            if (!container.IsSource && !container.IsShell)
            {
                return new NeedsContainerEngine(container.Name, container.Spec.Image, container.Line, container.Column);
            }

            if (container.IsShell && container.Words.Count == 0)
            {
                return new NoShellCommand(container.Name, container.Spec.Image, container.Line);
            }
        }

        return null;
    }

    private static Result<IReadOnlyList<PlannedProcess>> Processes(Application application, Procfile procfile, WorkloadFile? workload)
    {
        var processes = new List<PlannedProcess>();
        var web = procfile.Find("web");

        // 1. The process that score.yaml is about.
        if (Main(application, procfile, workload) is { } main)
        {
            processes.Add(main);
        }
        else if (procfile.Lines.Count == 0 || (workload is not null && (workload.Listens || procfile.Lines.All(l => l.Kind != "worker"))))
        {
            return application.WithoutStart ?? new NoStart(application.Title, "Add a Procfile with a line like 'web: ./server', and push again.");
        }

        // 2. The Procfile's others. Beside a main process they wait to be scaled, as on Heroku and dokku; alone they are the application.
        var waits = processes.Count > 0;
        foreach (var line in procfile.Lines.Where(l => l != web && processes.All(p => p.Name != l.Name)))
        {
            processes.Add(new PlannedProcess(line.Name, line.Kind, ShellLine.Command(line.Text, application.ProgramFolders), line.Schedule)
            {
                Variables = application.Variables,
                Waits = waits && line.Kind == "worker",
            });
        }

        return processes;
    }

    private static PlannedProcess? Main(Application application, Procfile procfile, WorkloadFile? workload)
    {
        var line = procfile.Find("web");
        var kind = workload is null ? line is not null ? "web" : application.Kind
            : application.Kind == "static" ? "static"
            : workload.Listens ? "web"
            : "worker";
        var own = workload?.Main is { Spec.Command.Count: > 0 } or { IsShell: true } ? workload.Main.Words : null;
        if (own is not null)
        {
            return new PlannedProcess(kind is "static" ? "web" : kind, kind is "static" ? workload!.Listens ? "web" : "worker" : kind, own) { Variables = application.Variables };
        }

        // A Procfile without web, and without a score.yaml that asks for a port, means what it says: no web process.
        if (line is null && procfile.Lines.Any(l => l.Kind is "worker") && workload is not { Listens: true } && application.Kind != "static")
        {
            return null;
        }

        if (line is null && application.Kind == "static")
        {
            return new PlannedProcess("web", "static", [], Root: application.Root);
        }

        var command = line is not null ? ShellLine.Command(line.Text, application.ProgramFolders) : application.Start;
        if (command.Count == 0)
        {
            return null;
        }

        // The workload's own args stay there: whoever resolves it puts them behind the command of an image, and of '.' too.
        var takes = workload?.Main.Spec.Args is { Count: > 0 } ? ShellLine.TakingArguments(command) : command;
        return new PlannedProcess(line is not null ? "web" : kind, kind, takes) { Variables = application.Variables };
    }

    private static Result<BuildPlan> Plan(Application application, IReadOnlyList<PlannedProcess> processes, WorkloadFile? workload, string? scoreText, string name, string? dockerfile, IReadOnlyList<string> warnings)
    {
        var started = workload?.Main is { } main && main.Words.Count > 0 ? string.Join(' ', main.Words)
            : application.StartWords.Length > 0 && processes.Any(p => p.Kind == "static" || p.Command.SequenceEqual(application.Start)) ? application.StartWords
            : "its Procfile";
        var sentence = $"{application.Title}, {(application.Kind == "static" ? "served by" : "started with")} {started}"
            + (processes.Count > 1 ? $"; processes: {string.Join(", ", processes.Select(p => p.Name))}" : "");
        List<string> notes = [.. warnings, .. application.Notes];
        if (dockerfile is not null)
        {
            notes.Add($"The {dockerfile} is not used: this is built without a container engine.");
        }

        var proposed = scoreText ?? Proposal(name, sentence, processes);
        if (workload is null && !WorkloadFile.Parse(proposed).TryGet(out workload, out var bug))
        {
            throw new InvalidOperationException($"The proposed score.yaml is not valid: {bug.Message}");
        }

        return new BuildPlan
        {
            Application = application,
            Sentence = sentence + ".",
            ProposedScore = proposed,
            Workload = workload.Score.ToJson(),
            Processes = processes,
            Notes = notes,
        };
    }

    private static string Proposal(string name, string sentence, IReadOnlyList<PlannedProcess> processes)
    {
        var label = Label(name);
        var web = processes.Any(p => p.Kind is "web" or "static");
        var text = $"""
            # {new string([.. sentence.Where(c => !char.IsControl(c))])}
            apiVersion: {Score.ApiVersion}
            metadata:
              name: {label}
            containers:
              {(web ? "web" : "worker")}:
                image: .

            """.ReplaceLineEndings("\n");
        return web ? text + $"service:\n  ports:\n    web:\n      port: {DefaultPort}\n" : text;
    }

    /// <summary>A name as Score allows it: 2 to 63 of lower-case letters, digits and inner hyphens.</summary>
    private static string Label(string name)
    {
        var label = new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')]).Trim('-');
        label = label.Length > 63 ? label[..63].TrimEnd('-') : label;
        return label.Length < 2 ? $"{label}-app".Trim('-') : label;
    }

    private static string Seen(SourceTree tree) =>
        tree.Files.Count == 0 ? "the repository is empty" : $"seen: {string.Join(", ", tree.Top.Take(8).DefaultIfEmpty("folders only"))}{(tree.Top.Count() > 8 ? ", …" : "")}";
}
