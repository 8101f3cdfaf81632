using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>
/// A Procfile: <c>web</c>, <c>worker</c>, <c>release</c> (once, before a release starts), <c>cron.&lt;name&gt;</c> with a
/// five-field schedule in UTC before its command, and any other name as a further worker. Comments and blank lines are skipped.
/// </summary>
internal sealed partial record Procfile(IReadOnlyList<Procfile.Line> Lines)
{
    public const string FileName = "Procfile";

    public static readonly Procfile None = new([]);

    /// <param name="Kind"><c>web</c>, <c>worker</c>, <c>release</c> or <c>cron</c>.</param>
    /// <param name="Text">The command.</param>
    public sealed record Line(string Name, string Kind, string Text, string? Schedule, int Number);

    public Line? Find(string name) => Lines.FirstOrDefault(l => l.Name == name);

    /// <summary>The line that tells most about the language: web, else the first that runs on.</summary>
    public Line? Leading => Find("web") ?? Lines.FirstOrDefault(l => l.Kind == "worker") ?? (Lines.Count > 0 ? Lines[0] : null);

    public static Result<Procfile> Parse(string text)
    {
        var lines = new List<Line>();
        var problems = new List<Problem>();
        var number = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.Trim().TrimStart('\uFEFF');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var match = Process().Match(line);
            if (!match.Success)
            {
                problems.Add(new Problem("is no process line; expected 'name: command' with a name of letters, digits, '-', '_' or '.'", FileName, number, 1));
                continue;
            }

            var (name, command) = (match.Groups[1].Value, match.Groups[2].Value.Trim());
            if (lines.Any(l => l.Name == name))
            {
                problems.Add(new Problem($"names the process '{name}' a second time", FileName, number, 1));
            }
            else if (name.StartsWith("cron.", StringComparison.Ordinal))
            {
                var cron = Cron().Match(command);
                if (!cron.Success || name.Length == "cron.".Length)
                {
                    problems.Add(new Problem($"'{name}' needs a schedule of five fields and a command: 'cron.cleanup: 0 3 * * * node cleanup.js'", FileName, number, 1));
                    continue;
                }

                lines.Add(new Line(name, "cron", cron.Groups[2].Value, WhiteSpace().Replace(cron.Groups[1].Value, " "), number));
            }
            else
            {
                lines.Add(new Line(name, name is "web" or "release" ? name : "worker", command, null, number));
            }
        }

        return problems.Count > 0 ? new ProcfileInvalid(problems) : new Procfile(lines);
    }

    [GeneratedRegex(@"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,62})\s*:\s*(\S.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Process();

    [GeneratedRegex(@"^((?:[0-9A-Za-z*/,\-?#]+\s+){5})(\S.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Cron();

    [GeneratedRegex(@"\s+(?=\S)|\s+\z")]
    private static partial Regex WhiteSpace();
}
