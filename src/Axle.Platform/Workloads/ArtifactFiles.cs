using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>Reads files that a workload names from the folder of its artifact, and from nowhere else.</summary>
public static class ArtifactFiles
{
    /// <summary>Bytes of one file.</summary>
    public const int LengthMax = 1024 * 1024;

    /// <summary>A reader for <see cref="ScoreContext.ReadFile"/>.</summary>
    public static Func<string, Result<ReadOnlyMemory<byte>>> In(string folder) => path => Read(folder, path);

    /// <summary>The file's bytes; refuses paths that leave the folder, by <c>..</c> or by a link.</summary>
    public static Result<ReadOnlyMemory<byte>> Read(string folder, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(path))
        {
            return Refuse(path, "must be relative to the repository");
        }

        var at = Path.GetFullPath(folder);
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                return Refuse(path, "leaves the repository");
            }

            // Refused even where it stays inside: following links safely is not worth what it is used for.
            at = Path.Combine(at, part);
            if (new FileInfo(at).LinkTarget is not null)
            {
                return Refuse(path, "leads through a symbolic link; name the file itself");
            }
        }

        var file = new FileInfo(at);
        if (!file.Exists)
        {
            return Refuse(path, "is not in what was built");
        }

        return file.Length > LengthMax
            ? Refuse(path, $"has {file.Length} bytes, and at most {LengthMax} are put into a container")
            : new ReadOnlyMemory<byte>(File.ReadAllBytes(at));
    }

    private static Error Refuse(string path, string why) =>
        new("workloads.file", $"the file '{Field.Shorten(path)}' {why}", $"Correct the source in {ScoreFile.Name}.", 422);
}
