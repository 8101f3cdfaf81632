using System.Text.RegularExpressions;

namespace Axle.Platform.Builds;

/// <summary>Static files: an index.html at the top or in public, dist, www, _site or htdocs; a Staticfile may name the folder.</summary>
internal static partial class StaticDetector
{
    private static readonly string[] s_folders = ["public", "dist", "www", "_site", "htdocs"];

    public static async Task<Application?> DetectAsync(SourceTree tree, CancellationToken stop)
    {
        var named = await tree.ReadAsync("Staticfile", stop) is { } text && Root().Match(text) is { Success: true } match ? match.Groups[1].Value.Trim('/', '"', '\'') : null;
        var root = named is not null && named.Length > 0 && !named.Split('/').Contains("..") && tree.Files.Any(f => f.StartsWith(named + "/", StringComparison.Ordinal)) ? named
            : tree.Has("index.html") ? "."
            : s_folders.FirstOrDefault(f => tree.Has($"{f}/index.html"));
        return root is null ? null : new Application
        {
            Builder = "static",
            Title = root == "." ? "Static site" : $"Static site in {root}",
            Kind = "static",
            Root = root,
            StartWords = "the ingress",
            Outcome = new Outcome(root == "." ? OutcomeKind.StaticSource : OutcomeKind.Source),
        };
    }

    /// <summary>The one folder further down that holds an index.html, for advice; null when there is none or which one is meant cannot be told.</summary>
    public static string? Deeper(SourceTree tree)
    {
        var folders = tree.Files.Where(f => f.EndsWith("/index.html", StringComparison.Ordinal)).Select(f => f[..^"/index.html".Length]).ToList();
        return folders is [var only] ? only : folders.FirstOrDefault(f => s_folders.Contains(f.Split('/')[^1]));
    }

    /// <summary>Whether a file at this path may become public when the top of a repository is served.</summary>
    public static bool IsPublic(string path)
    {
        var top = path.Split('/')[0];
        return (top[0] != '.' || top == ".well-known")
            && top is not ("score.yaml" or "catalog-info.yaml" or "Procfile" or "Staticfile" or "app.json" or "package.json" or "package-lock.json" or "node_modules");
    }

    [GeneratedRegex(@"^root\s*:\s*(\S+)\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Root();
}
