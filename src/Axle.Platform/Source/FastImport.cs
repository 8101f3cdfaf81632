using System.Globalization;
using System.Text;
using Axle.Platform.Processes;

namespace Axle.Platform.Source;

/// <summary>
/// Commits files in one call of <c>git fast-import</c>: objects, tree, commit and the branch's move, which git refuses
/// unless the branch is still where the commit's parent is.
/// </summary>
internal static class FastImport
{
    /// <param name="git">Runs it.</param>
    /// <param name="folder">The repository.</param>
    /// <param name="to">The full name of the ref that moves.</param>
    /// <param name="commit">What to commit.</param>
    /// <param name="stop">Gives up; the ref has moved, or not.</param>
    public static Task<ProgramEnd> RunAsync(Git git, RepositoryFolder folder, string to, NewCommit commit, CancellationToken stop)
    {
        var (parent, files, message, author, at) = commit;
        var deleted = commit.Deleted;
        var signature = Signature(author);
        var when = at is { } moment ? string.Create(CultureInfo.InvariantCulture, $"{moment.ToUnixTimeSeconds()} +0000") : "now";
        return git.RunAsync(
            new GitCall(folder.Path, "fast-import", "--quiet", "--done", at is null ? "--date-format=now" : "--date-format=raw")
            {
                // The reflog says on whose behalf the branch moved.
                Actor = author,
                Input = async (input, token) =>
                {
                    await WriteAsync(input, $"feature done\ncommit {to}\nauthor {signature} {when}\ncommitter Axle <axle@localhost> {when}\n", token);
                    await WriteDataAsync(input, Encoding.UTF8.GetBytes(message + "\n"), token);
                    if (parent is not null)
                    {
                        await WriteAsync(input, $"from {parent}\n", token);
                    }

                    foreach (var path in deleted)
                    {
                        await WriteAsync(input, $"D {Quoted(Normal(path))}\n", token);
                    }

                    foreach (var file in files)
                    {
                        await WriteAsync(input, $"M {(file.IsLink ? "120000" : file.Executable ? "100755" : "100644")} inline {Quoted(Normal(file.Path))}\n", token);
                        await WriteDataAsync(input, file.Content, token);
                    }

                    await WriteAsync(input, "done\n", token);
                },
            },
            stop);
    }

    /// <summary>A name and address as git takes them: nothing that ends a line or begins an address.</summary>
    internal static string Signature(string author)
    {
        var clean = string.Concat(author.Where(c => !char.IsControl(c) && c is not '<' and not '>')).Trim();
        return $"{(clean.Length == 0 ? "Axle" : clean)} <{(author.StartsWith("user:", StringComparison.Ordinal) ? author[(author.LastIndexOf('/') + 1)..] : "axle")}@localhost>";
    }

    private static string Normal(string path) => string.Join('/', path.Split('/').Where(part => part is not "" and not "."));

    /// <summary>In quotes, since a path may hold any character; control characters were refused before.</summary>
    private static string Quoted(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static async Task WriteAsync(Stream input, string text, CancellationToken stop) => await input.WriteAsync(Encoding.UTF8.GetBytes(text), stop);

    private static async Task WriteDataAsync(Stream input, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        await WriteAsync(input, string.Create(CultureInfo.InvariantCulture, $"data {data.Length}\n"), stop);
        await input.WriteAsync(data, stop);
        await WriteAsync(input, "\n", stop);
    }
}

/// <param name="Parent">The commit that it stands on; null for the first.</param>
/// <param name="At">Fixed, where the same content must give the same id; otherwise now.</param>
internal sealed record NewCommit(string? Parent, IReadOnlyList<SourceFile> Files, string Message, string Author, DateTimeOffset? At = null)
{
    /// <summary>Paths of the parent that go.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];
}
