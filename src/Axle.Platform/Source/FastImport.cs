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
    public static Task<ProgramEnd> RunAsync(Git git, RepositoryFolder folder, string? parent, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop)
    {
        var signature = Signature(author);
        return git.RunAsync(
            new GitCall(folder.Path, "fast-import", "--quiet", "--done", "--date-format=now")
            {
                // The reflog says on whose behalf the branch moved.
                Actor = author,
                Input = async (input, token) =>
                {
                    await WriteAsync(input, $"feature done\ncommit refs/heads/{folder.DefaultBranch}\nauthor {signature} now\ncommitter Axle <axle@localhost> now\n", token);
                    await WriteDataAsync(input, Encoding.UTF8.GetBytes(message + "\n"), token);
                    if (parent is not null)
                    {
                        await WriteAsync(input, $"from {parent}\n", token);
                    }

                    foreach (var file in files)
                    {
                        await WriteAsync(input, $"M {(file.Executable ? "100755" : "100644")} inline {Quoted(Normal(file.Path))}\n", token);
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
