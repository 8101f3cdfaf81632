using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>
/// Python: a main.py, app.py, server.py or web.py at the top (bot.py and worker.py as a worker), or a Procfile that calls Python. Packages
/// come from requirements.txt, installed beside the source; other ways to declare them are refused with the way on.
/// </summary>
internal static partial class PythonDetector
{
    /// <summary>Where packages are put, inside the artifact.</summary>
    public const string Packages = ".axle/python";

    private static readonly string[] s_web = ["main.py", "app.py", "server.py", "web.py", "wsgi.py"];
    private static readonly string[] s_workers = ["bot.py", "worker.py"];

    public static async Task<Result<Application>?> DetectAsync(SourceTree tree, Machine machine, Procfile procfile, CancellationToken stop)
    {
        var main = tree.First([.. s_web]) ?? tree.First([.. s_workers]);
        var declared = tree.First("requirements.txt", "pyproject.toml", "Pipfile", "setup.py");
        var called = procfile.Leading is { } line && IsPython(line.Text);
        if (main is null && declared is null && !called)
        {
            return null;
        }

        if (!machine.Has("python3"))
        {
            return new ToolMissing("Python", "This is a Python application", "apt-get install python3");
        }

        // 1. Packages.
        var steps = new List<BuildStep>();
        var variables = new Dictionary<string, string> { ["PYTHONUNBUFFERED"] = "1" };
        if (Requirements(await tree.ReadAsync("requirements.txt", stop)))
        {
            if (!machine.Has("pip"))
            {
                return new ToolMissing("pip", "requirements.txt asks for Python packages", "apt-get install python3-pip, or leave requirements.txt out when the standard library is enough.");
            }

            steps.Add(new BuildStep("install", ["python3", "-m", "pip", "install", "--target", Packages, "--no-compile", "--no-input", "--progress-bar", "off", "-r", "requirements.txt"]));
            variables["PYTHONPATH"] = Packages;
        }
        else if (!tree.Has("requirements.txt") && await OtherDependenciesAsync(tree, stop) is { } other)
        {
            return new PythonDependencies(other);
        }

        // 2. What is started.
        return new Application
        {
            Builder = "python",
            Title = $"Python {(main is null ? "application" : $"program {main}")}{(steps.Count > 0 ? " with packages from requirements.txt" : "")}",
            Start = main is null ? [] : ["python3", main],
            StartWords = main is null ? "" : $"python3 {main}",
            Kind = main is not null && s_workers.Contains(main) ? "worker" : "web",
            Steps = steps,
            Variables = variables,
            ProgramFolders = steps.Count > 0 ? [$"{Packages}/bin"] : [],
            WithoutStart = main is null
                ? new NoStart($"A Python project ({declared})", "Add a main.py, or a Procfile with 'web: python3 path/to/server.py', and push again.")
                : null,
        };
    }

    /// <summary>
    /// The same line where <c>python</c> is called <c>python3</c>, as on Debian. Only where a command begins: arguments stay.
    /// </summary>
    public static string Mend(string line, Machine machine) =>
        machine.Has("python") || !machine.Has("python3") ? line : PythonWord().Replace(line, "python3");

    public static bool IsPython(string line) => PythonCall().IsMatch(line);

    private static bool Requirements(string? text) =>
        text is not null && text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Any(l => l.Length > 0 && l[0] != '#');

    private static async Task<string?> OtherDependenciesAsync(SourceTree tree, CancellationToken stop)
    {
        if (await tree.ReadAsync("pyproject.toml", stop) is { } project && (ProjectDependencies().IsMatch(project) || PoetryDependencies().IsMatch(project)))
        {
            return "pyproject.toml";
        }

        return await tree.ReadAsync("Pipfile", stop) is { } pipfile && PipfileDependencies().IsMatch(pipfile) ? "Pipfile" : null;
    }

    [GeneratedRegex(@"^(?:\S+=\S*\s+)*(?:python3?|gunicorn|uvicorn|hypercorn|waitress-serve|celery|flask|daphne)(?:\s|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex PythonCall();

    [GeneratedRegex(@"(?<=(?:^|[;&|])\s*(?:exec\s+)?(?:[A-Za-z_][A-Za-z0-9_]*=[^\s;&|]*\s+)*)python(?=\s|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex PythonWord();

    // dependencies = [ "something" … ], not an empty list.
    [GeneratedRegex(@"^dependencies\s*=\s*\[\s*(?:#[^\n]*\s*)*[""']", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ProjectDependencies();

    [GeneratedRegex(@"^\[tool\.poetry\.dependencies\]\s*\n(?:\s*(?:#[^\n]*|python\s*=[^\n]*)?\n)*\s*[A-Za-z0-9]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex PoetryDependencies();

    [GeneratedRegex(@"^\[packages\]\s*\n\s*[""'A-Za-z0-9]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex PipfileDependencies();
}
