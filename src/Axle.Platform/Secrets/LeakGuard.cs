using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>Something in a file that looks like a secret.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Rule">What it looks like, in words.</param>
/// <param name="Excerpt">Enough to find it, too little to use it.</param>
public sealed record Leak(string Path, int Line, int Column, string Rule, string Excerpt)
{
    public override string ToString() => $"{Path}:{Line}:{Column}: {Rule} ({Excerpt})";

    public Problem ToProblem() => new($"looks like {Rule} ({Excerpt})", Path, Line, Column);
}

/// <summary>
/// Finds likely secrets in text: tokens of known shapes, private keys, passwords in addresses, and assignments of random
/// literals to names such as <c>password</c>. Pure. Rather misses one than cries wolf: what refuses a push must be right.
/// </summary>
public static class LeakGuard
{
    /// <summary>A line with this text, or below one with it, is permitted.</summary>
    public const string Permit = "axle:allow-secret";

    /// <summary>Larger files hold data, and are not looked at.</summary>
    public const int FileBytesMax = 1 << 20;

    // A longer line was written by a program.
    private const int LineMax = 4096;
    private const int LeaksMax = 100;

    /// <param name="path">Relative to the repository; says what kind of file it is.</param>
    /// <param name="text">The file, or lines of it that follow each other.</param>
    /// <param name="firstLine">The number of the text's first line.</param>
    public static IReadOnlyList<Leak> Scan(string path, string text, int firstLine = 1)
    {
        if (text.Length > FileBytesMax || LeakRules.IsGenerated(path) || text.Contains('\0', StringComparison.Ordinal))
        {
            return [];
        }

        var leaks = new List<Leak>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length && leaks.Count < LeaksMax; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length is < 8 or > LineMax || !LeakRules.MayHold(line) || Permitted(lines, i))
            {
                continue;
            }

            var next = i + 1 < lines.Length ? lines[i + 1] : "";
            if (LeakRules.Find(path, line, next) is { } found)
            {
                leaks.Add(new Leak(path, firstLine + i, found.Column, found.Rule, found.Excerpt));
            }
        }

        return leaks;
    }

    private static bool Permitted(string[] lines, int i) =>
        lines[i].Contains(Permit, StringComparison.Ordinal) || (i > 0 && lines[i - 1].Contains(Permit, StringComparison.Ordinal));
}

/// <summary>Paths that a repository permits to hold what looks like secrets: its file <c>.axle-allow-secrets</c>, one pattern per line.</summary>
public sealed class LeakPermits
{
    /// <summary>Where the patterns stand in a repository.</summary>
    public const string FileName = ".axle-allow-secrets";

    private const int PatternsMax = 200;
    private readonly List<string> _patterns = [];

    /// <summary>Adds the patterns of a file: <c>*</c> is anything but a slash, <c>**</c> anything, a slash at the end a whole folder.</summary>
    public void Add(string? text)
    {
        foreach (var line in (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != '#' && _patterns.Count < PatternsMax)
            {
                _patterns.Add((line[^1] == '/' ? line + "**" : line).TrimStart('/'));
            }
        }
    }

    public bool Allows(string path) => _patterns.Any(pattern => Fits(pattern, path));

    /// <summary>Goes back to the last star only, and so is quick for every pattern.</summary>
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        int p = 0, t = 0, star = -1, from = 0;
        var deep = false;
        int deepStar = -1, deepFrom = 0;
        while (t < path.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                deep = p + 1 < pattern.Length && pattern[p + 1] == '*';
                p += deep ? 2 : 1;
                (star, from) = (p, t);
                if (deep)
                {
                    (deepStar, deepFrom) = (p, t);
                }
            }
            else if (p < pattern.Length && pattern[p] == path[t])
            {
                p++;
                t++;
            }
            else if (star >= 0 && (star == deepStar || path[from] != '/'))
            {
                (p, t) = (star, ++from);
                if (star == deepStar)
                {
                    deepFrom = from;
                }
            }
            else if (deepStar >= 0)
            {
                (star, from) = (deepStar, ++deepFrom);
                (p, t) = (star, from);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
