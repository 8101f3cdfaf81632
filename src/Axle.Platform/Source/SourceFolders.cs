using System.Text;
using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>Folders on this machine's disk, seen with the eyes of the git program.</summary>
internal sealed class SourceFolders(Git git, PlatformOptions platform) : ISourceFolders, IDisposable
{
    private const int FilesMax = 20_000;
    private const long BytesMax = 512L * 1024 * 1024;

    private readonly SemaphoreSlim _making = new(1);

    public async Task<Result<IReadOnlyList<SourceFile>>> ReadAsync(string folder, CancellationToken stop)
    {
        // 1. Which? git decides what is ignored; it needs a repository to ask, and an empty one will do.
        var names = new List<string>();
        await git.MustAsync(
            new GitCall(folder, $"--git-dir={await EmptyAsync(stop)}", $"--work-tree={folder}", "ls-files", "-z", "--others", "--exclude-standard")
            {
                Settings = ["core.bare=false"],
                Output = async (output, token) =>
                {
                    var reader = new ZeroReader(output);
                    while (await reader.ReadAsync(token) is { } name)
                    {
                        if (names.Count <= FilesMax)
                        {
                            names.Add(name);
                        }
                    }
                },
            },
            stop);
        if (names.Find(name => name.EndsWith('/')) is { } nested)
        {
            return Errors.FolderRefused($"{SafePath.Shown(nested)} is a git repository of its own", "Take its .git folder away.");
        }

        // 2. What is in them?
        names.Sort(StringComparer.Ordinal);
        var (files, bytes) = (new List<SourceFile>(), 0L);
        foreach (var name in names)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (file.LinkTarget is { } target)
            {
                files.Add(new SourceFile(name, Encoding.UTF8.GetBytes(target), IsLink: true));
                continue;
            }

            bytes += file.Length;
            if (names.Count > FilesMax || bytes > BytesMax)
            {
                return Errors.FolderRefused($"it has more than {FilesMax} files or {BytesMax / 1024 / 1024} MB", "Put less into it.");
            }

            files.Add(new SourceFile(name, await File.ReadAllBytesAsync(file.FullName, stop), (file.UnixFileMode & UnixFileMode.UserExecute) != 0));
        }

        return files;
    }

    public void Dispose() => _making.Dispose();

    private async Task<string> EmptyAsync(CancellationToken stop)
    {
        var empty = Path.Combine(platform.Folder("run"), "empty.git");
        await _making.WaitAsync(stop);
        try
        {
            if (!File.Exists(Path.Combine(empty, "HEAD")))
            {
                await git.MustAsync(new GitCall(platform.Folder("run"), "init", "--quiet", "--bare", "--template=", "--initial-branch=main", empty), stop);
            }
        }
        finally
        {
            _making.Release();
        }

        return empty;
    }
}
