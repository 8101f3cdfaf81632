using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Source;

namespace Axle.Platform.Templates;

/// <summary>Renders a folder of a template in memory: paths and text files are templates, other files are copied.</summary>
internal static class Skeleton
{
    private const int FilesMax = 2000;
    private const long LengthMax = 16 * 1024 * 1024;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The files for these values; every mistake is added with file, line and column.</summary>
    public static IReadOnlyList<SourceFile> Render(string folder, JsonObject values, ICollection<Problem> problems)
    {
        var variables = new JsonObject { ["values"] = values.DeepClone() };
        var files = new List<SourceFile>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var length = 0L;
        foreach (var file in Files(folder, problems))
        {
            var name = Path.GetRelativePath(folder, file.FullName).Replace('\\', '/');
            var path = TemplateText.Render(name, variables, name, problems);
            if (SafePath.Wrong(path) is { } wrong)
            {
                problems.Add(new Problem($"its path becomes '{SafePath.Shown(path)}', and {wrong}", name));
            }
            else if (!taken.Add(path))
            {
                problems.Add(new Problem($"its path becomes '{path}', which another file has", name));
            }

            if (files.Count == FilesMax || (length += file.Length) > LengthMax)
            {
                problems.Add(new Problem($"a skeleton has at most {FilesMax} files and {LengthMax / 1024 / 1024} MB", name));
                break;
            }

            var bytes = System.IO.File.ReadAllBytes(file.FullName);
            var content = Text(bytes) is { } text ? Encoding.UTF8.GetBytes(TemplateText.Render(text, variables, name, problems)) : bytes;
            files.Add(new SourceFile(path, content, IsExecutable(file)));
        }

        return files;
    }

    private static IEnumerable<FileInfo> Files(string folder, ICollection<Problem> problems)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).OrderBy(f => f.FullName, StringComparer.Ordinal))
        {
            if (file.LinkTarget is not null)
            {
                problems.Add(new Problem("is a symbolic link, which a skeleton cannot have", Path.GetRelativePath(folder, file.FullName)));
                continue;
            }

            yield return file;
        }
    }

    private static bool IsExecutable(FileInfo file) => !OperatingSystem.IsWindows() && file.UnixFileMode.HasFlag(UnixFileMode.UserExecute);

    private static string? Text(byte[] bytes)
    {
        if (bytes.AsSpan().Contains((byte)0))
        {
            return null;
        }

        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
