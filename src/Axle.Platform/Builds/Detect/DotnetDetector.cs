using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>
/// .NET: the one project that can be started (a web project before any other), or a single C# file. Published in Release;
/// a project for an older .NET runs on the newest here by roll forward.
/// </summary>
internal static partial class DotnetDetector
{
    public const string Annotation = "axle.dev/project";

    private const int ProjectsMax = 200;

    /// <summary>Whether .NET comes before the other languages: its projects lie at the top, or nothing else does.</summary>
    public static bool Leads(SourceTree tree) =>
        tree.Top.Any(f => IsProject(f) || f.EndsWith(".sln", StringComparison.Ordinal) || f.EndsWith(".slnx", StringComparison.Ordinal));

    public static async Task<Result<Application>?> DetectAsync(SourceTree tree, Machine machine, Procfile procfile, string? chosen, CancellationToken stop)
    {
        var paths = tree.Files.Where(IsProject).Order(StringComparer.Ordinal).Take(ProjectsMax).ToList();
        if (paths.Count == 0)
        {
            if (SingleFile(tree) is { } file)
            {
                return await SingleAsync(file, tree, machine, stop);
            }

            return null;
        }

        if (NoSdk(machine) is { } missing)
        {
            return missing;
        }

        // 1. Which projects can be started at all?
        var projects = new List<Project>();
        foreach (var path in paths)
        {
            if (Project.Read(path, await tree.ReadAsync(path, stop) ?? "") is { } project)
            {
                projects.Add(project);
            }
        }

        // 2. The one that is meant.
        var choice = Choose(projects, procfile, chosen);
        if (!choice.TryGet(out var picked, out var refusal))
        {
            return refusal;
        }

        return await ApplicationAsync(picked, tree, machine, stop);
    }

    /// <summary>How the published folder is started: by its assembly where the runtime is shared, else by the program itself.</summary>
    public static IReadOnlyList<string> Start(string assembly, bool web, Func<string, bool> published)
    {
        IReadOnlyList<string> command = published($"{assembly}.runtimeconfig.json") || !published(assembly) ? ["dotnet", $"{assembly}.dll"] : [$"./{assembly}"];

        // Kestrel does not know PORT; names from the repository stay arguments and are never part of the script.
        return web ? ["/bin/sh", "-c", "export ASPNETCORE_URLS=\"${ASPNETCORE_URLS:-http://*:${PORT:-8080}}\"; exec \"$@\"", "sh", .. command] : command;
    }

    private static Result<Project> Choose(List<Project> projects, Procfile procfile, string? chosen)
    {
        if (chosen is not null)
        {
            return projects.FirstOrDefault(p => p.Path == chosen.TrimStart('.', '/')) is { } named ? named : new ProjectUnknown(chosen);
        }

        var runnable = projects.Where(p => p.Kind is not ProjectKind.Library).ToList();
        if (runnable.Count == 0)
        {
            return new NoStartableProject(string.Join(", ", projects.Select(p => p.Path).Take(5)));
        }

        // Names a Procfile calls by: 'dotnet Shop.Web.dll' or './Shop.Web'.
        var called = runnable.Where(p => procfile.Lines.Any(l => Mentions(l.Text, p.Assembly))).ToList();
        if (called.Count == 1)
        {
            return called[0];
        }

        foreach (var kind in (ProjectKind[])[ProjectKind.Web, ProjectKind.Worker, ProjectKind.Program, ProjectKind.Wasm])
        {
            var some = runnable.Where(p => p.Kind == kind).ToList();
            if (some.Count == 1)
            {
                return some[0];
            }

            if (some.Count > 1)
            {
                return new SeveralProjects([.. some.Select(p => p.Path)]);
            }
        }

        throw new InvalidOperationException("A project that can be started has one of the kinds above.");
    }

    private static bool Mentions(string line, string assembly) =>
        line.Split([' ', '\t', '/', '"', '\''], StringSplitOptions.RemoveEmptyEntries).Any(w => w == assembly || w == assembly + ".dll" || w == assembly + ".csproj");

    private static async Task<Application> ApplicationAsync(Project project, SourceTree tree, Machine machine, CancellationToken stop)
    {
        var notes = new List<string>();
        var overlay = new Dictionary<string, string>();
        var variables = new Dictionary<string, string> { ["DOTNET_NOLOGO"] = "1" };
        List<string> command = ["dotnet", "publish", project.Path, .. Publish()];
        var framework = project.Framework;
        var here = machine.Major("dotnet");
        if (project.Frameworks.Count > 1)
        {
            framework = project.Frameworks.Where(f => Major(f) is { } m && m <= (here ?? int.MaxValue)).OrderByDescending(f => Major(f)).FirstOrDefault() ?? project.Frameworks[0];
            command.AddRange(["-f", framework]);
        }

        if (framework is not null && Major(framework) is { } wanted && wanted < here)
        {
            variables["DOTNET_ROLL_FORWARD"] = "Major";
            notes.Add($"{project.Path} targets {framework}; it runs on .NET {here} by roll forward.");
        }

        if (await SdkAsync(tree, machine, stop) is { } sdk)
        {
            overlay["global.json"] = sdk.Text;
            notes.Add(sdk.Note);
        }

        var web = project.Kind == ProjectKind.Web;
        var words = project.Kind switch { ProjectKind.Web => "ASP.NET Core app", ProjectKind.Worker => ".NET worker", ProjectKind.Wasm => "Blazor WebAssembly site", _ => ".NET program" };
        var application = new Application
        {
            Builder = "dotnet",
            Title = $"{words} {project.Assembly}{(framework is null ? "" : $" ({framework})")}",
            Steps = [new BuildStep("publish", command)],
            Overlay = overlay,
            Notes = notes,
            Variables = variables,
        };
        return project.Kind == ProjectKind.Wasm
            ? application with { Kind = "static", Root = "wwwroot", StartWords = "the ingress", Outcome = new Outcome(OutcomeKind.BlazorWasm) }
            : application with
            {
                Kind = project.Kind is ProjectKind.Worker ? "worker" : "web",
                Start = Start(project.Assembly, web, _ => false),
                StartWords = $"dotnet {project.Assembly}.dll",
                Outcome = new Outcome(OutcomeKind.Dotnet, project.Assembly),
            };
    }

    private static string? SingleFile(SourceTree tree) =>
        tree.First("app.cs", "Program.cs", "main.cs") ?? (tree.Top.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).ToList() is [var only] ? only : null);

    private static async Task<Result<Application>> SingleAsync(string file, SourceTree tree, Machine machine, CancellationToken stop)
    {
        if (NoSdk(machine) is { } missing)
        {
            return missing;
        }

        if (machine.Major("dotnet") < 10)
        {
            return new ToolMissing(".NET 10 SDK", $"{file} is a single-file program without a project", "Install the .NET 10 SDK, or add a project file.");
        }

        var text = await tree.ReadAsync(file, stop) ?? "";
        var web = text.Contains("#:sdk Microsoft.NET.Sdk.Web", StringComparison.Ordinal);
        var name = Path.GetFileNameWithoutExtension(file);
        return new Application
        {
            Builder = "dotnet",
            Title = $"Single-file {(web ? "ASP.NET Core app" : ".NET program")} {file}",
            Steps = [new BuildStep("publish", ["dotnet", "publish", file, .. Publish(), "-p:PublishAot=false"])],
            Variables = new Dictionary<string, string> { ["DOTNET_NOLOGO"] = "1" },
            Start = Start(name, web, _ => false),
            StartWords = $"dotnet {name}.dll",
            Outcome = new Outcome(OutcomeKind.Dotnet, name),
        };
    }

    // Build servers would outlive the job.
    private static string[] Publish() => ["-c", "Release", "-o", BuildFolders.Out, "--nologo", "--disable-build-servers", "-p:UseSharedCompilation=false"];

    private static ToolMissing? NoSdk(Machine machine) =>
        machine.Has("dotnet") ? null : new ToolMissing(".NET SDK", "This is a .NET application", "Install the .NET 10 SDK (https://dot.net).");

    /// <summary>A global.json that pins an SDK which is not here would stop the build; the build's copy lets a newer one take over.</summary>
    private static async Task<(string Text, string Note)?> SdkAsync(SourceTree tree, Machine machine, CancellationToken stop)
    {
        if (await tree.ReadAsync("global.json", stop) is not { } text || machine.Major("dotnet") is not { } here)
        {
            return null;
        }

        try
        {
            var json = JsonNode.Parse(text.TrimStart('\uFEFF'), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json?["sdk"] is not JsonObject sdk || sdk["version"]?.GetValue<string>() is not { } version)
            {
                return null;
            }

            sdk["rollForward"] = "latestMajor";
            return Major("net" + version) == here && version == machine.Versions["dotnet"] ? null : (json.ToJsonString(), $"global.json asks for the SDK {version}; this machine has {machine.Versions["dotnet"]}, which builds it.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // dotnet itself words that better, in the build's log.
            return null;
        }
    }

    private static bool IsProject(string path) =>
        path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".fsproj", StringComparison.Ordinal) || path.EndsWith(".vbproj", StringComparison.Ordinal);

    private static int? Major(string framework) =>
        FrameworkMajor().Match(framework) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^net([0-9]{1,3})\.", RegexOptions.CultureInvariant)]
    private static partial Regex FrameworkMajor();

    private enum ProjectKind
    {
        Library,
        Web,
        Worker,
        Program,
        Wasm,
    }

    private sealed record Project(string Path, ProjectKind Kind, string Assembly, IReadOnlyList<string> Frameworks)
    {
        public string? Framework => Frameworks.Count > 0 ? Frameworks[0] : null;

        /// <summary>Null for a file that is no project in the present format; MSBuild would refuse it as well.</summary>
        public static Project? Read(string path, string text)
        {
            XElement root;
            try
            {
                using var reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF')), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
                root = XDocument.Load(reader).Root!;
            }
            catch (XmlException)
            {
                return null;
            }

            string? Property(string name) => root.Elements().Where(e => e.Name.LocalName == "PropertyGroup").Elements().LastOrDefault(e => e.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } value && !value.Contains("$(", StringComparison.Ordinal) ? value : null;
            var sdk = root.Attribute("Sdk")?.Value ?? root.Elements().FirstOrDefault(e => e.Name.LocalName == "Sdk")?.Attribute("Name")?.Value ?? "";
            var packages = root.Descendants().Where(e => e.Name.LocalName == "PackageReference").Select(e => e.Attribute("Include")?.Value ?? "").ToList();
            var name = System.IO.Path.GetFileNameWithoutExtension(path);
            var test = string.Equals(Property("IsTestProject"), "true", StringComparison.OrdinalIgnoreCase)
                || packages.Any(p => p is "Microsoft.NET.Test.Sdk" or "xunit" or "xunit.v3" or "NUnit" or "MSTest" or "MSTest.TestFramework" or "TUnit" or "BenchmarkDotNet")
                || sdk.StartsWith("MSTest.Sdk", StringComparison.Ordinal);
            var output = Property("OutputType");
            var kind = test ? ProjectKind.Library
                : Is(sdk, "Microsoft.NET.Sdk.BlazorWebAssembly") ? ProjectKind.Wasm
                : string.Equals(output, "Library", StringComparison.OrdinalIgnoreCase) ? ProjectKind.Library
                : Is(sdk, "Microsoft.NET.Sdk.Web") ? ProjectKind.Web
                : Is(sdk, "Microsoft.NET.Sdk.Worker") ? ProjectKind.Worker
                : string.Equals(output, "Exe", StringComparison.OrdinalIgnoreCase) ? ProjectKind.Program
                : ProjectKind.Library;
            var frameworks = (Property("TargetFrameworks") ?? Property("TargetFramework") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new Project(path, kind, Property("AssemblyName") ?? name, frameworks);
        }

        private static bool Is(string sdk, string name) => sdk.Split(';', StringSplitOptions.TrimEntries).Any(s => s == name || s.StartsWith(name + "/", StringComparison.Ordinal));
    }
}
