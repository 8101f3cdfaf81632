using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

internal enum FolderEntryKind
{
    Folder,
    File,
    Link,
}

/// <summary>One thing in a folder.</summary>
/// <param name="Path">From the folder; that of a folder ends with a slash.</param>
internal sealed record FolderEntry(string Path, FolderEntryKind Kind, long Length);

/// <summary>Lists all that is in a folder, without following symbolic links.</summary>
internal static class FolderEntries
{
    private const int DepthMax = 100;

    public static Result<IReadOnlyList<FolderEntry>> Of(string root, int entriesMax, long bytesMax)
    {
        var entries = new List<FolderEntry>();
        var bytes = 0L;
        return Add("", 0) is { } tooLarge ? tooLarge : Result<IReadOnlyList<FolderEntry>>.Of(entries);

        Error? Add(string folder, int depth)
        {
            if (depth > DepthMax)
            {
                return ActionErrors.TooLarge("The folder", $"folders nest at most {DepthMax} deep");
            }

            foreach (var found in new DirectoryInfo(Path.Combine(root, folder)).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }).OrderBy(one => one.Name, StringComparer.Ordinal))
            {
                var path = folder + found.Name;
                var entry = found.LinkTarget is not null ? new FolderEntry(path, FolderEntryKind.Link, 0)
                    : found is FileInfo file ? new FolderEntry(path, FolderEntryKind.File, file.Length)
                    : new FolderEntry(path + "/", FolderEntryKind.Folder, 0);
                entries.Add(entry);
                bytes += entry.Length;
                if (entries.Count > entriesMax || bytes > bytesMax)
                {
                    return ActionErrors.TooLarge("The folder", $"{entriesMax} files and {bytesMax / 1024 / 1024} MB");
                }

                if (entry.Kind == FolderEntryKind.Folder && Add(entry.Path, depth + 1) is { } deeper)
                {
                    return deeper;
                }
            }

            return null;
        }
    }
}
