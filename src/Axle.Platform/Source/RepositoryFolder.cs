using System.Text;

namespace Axle.Platform.Source;

/// <summary>
/// A bare repository on disk, with the folder <c>axle/</c> in it for what Axle must remember of it. No push can reach
/// that folder: git writes below <c>objects</c> and <c>refs</c> only.
/// </summary>
internal sealed class RepositoryFolder(string name, string path)
{
    private const string HeadPrefix = "ref: refs/heads/";

    public string Name { get; } = name;

    public string Path { get; } = path;

    /// <summary>The default branch, from git's own HEAD.</summary>
    public string DefaultBranch
    {
        get
        {
            var head = File.ReadAllText(System.IO.Path.Combine(Path, "HEAD")).Trim();
            return head.StartsWith(HeadPrefix, StringComparison.Ordinal) ? head[HeadPrefix.Length..] : "main";
        }
    }

    /// <summary>The URL elsewhere that this one mirrors.</summary>
    public string? Upstream => Read("upstream");

    /// <summary>Reads a remembered value, or null.</summary>
    public string? Read(string what)
    {
        try
        {
            return File.ReadAllText(PathOf(what)).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Remembers a value: whole or not at all, on disk when this returns, readable by nobody else.</summary>
    public void Write(string what, string value)
    {
        if (!Directory.Exists(Path))
        {
            // Deleted in the meantime: nothing of it may come back.
            throw new DirectoryNotFoundException($"The repository {Name} is gone.");
        }

        Directory.CreateDirectory(System.IO.Path.Combine(Path, "axle"));
        var temporary = PathOf($".{what}.{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.UTF8.GetBytes(value + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, PathOf(what), overwrite: true);
    }

    public void Forget(string what) => File.Delete(PathOf(what));

    private string PathOf(string what) => System.IO.Path.Combine(Path, "axle", what);
}

/// <summary>What is kept in a repository's <c>axle/</c> folder.</summary>
internal static class Remembered
{
    /// <summary>The commit of the default branch that all listeners finished with.</summary>
    public const string Told = "told";

    /// <summary>The URL that is mirrored.</summary>
    public const string Upstream = "upstream";

    /// <summary>Where the repository was imported from.</summary>
    public const string Source = "source";

    /// <summary>An import that nobody accepted yet: without a component it is taken away again.</summary>
    public const string Proposed = "proposed";

    /// <summary>The webhook's secret.</summary>
    public const string HookSecret = "hook-secret";

    /// <summary>Upstream said that it has something new.</summary>
    public const string FetchWanted = "fetch-wanted";

    /// <summary>What a template made of it, and how, as JSON.</summary>
    public const string Template = "template";

    /// <summary>Files that were proposed and accepted at import, as JSON.</summary>
    public const string Accepted = "accepted";
}
