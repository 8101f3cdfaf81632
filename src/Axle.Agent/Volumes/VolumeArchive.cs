using System.Formats.Tar;
using Axle.Agent.Machine;
using Axle.Engines;

namespace Axle.Agent.Volumes;

/// <summary>
/// Writes a volume down as a tar archive while its workload goes on working. Each file is as it was at one moment: one that changed
/// while it was read is written again, a few times, and the last one counts; those that never rested are counted at the end.
/// </summary>
internal sealed class VolumeArchive(TarWriter tar, CancellationToken stop)
{
    private const int RoundsMax = 3;
    private List<string> _restless = [];

    /// <param name="root">The volume; null writes an empty archive.</param>
    public static async Task WriteAsync(OpenFolder? root, Stream output, CancellationToken stop)
    {
        await using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        var archive = new VolumeArchive(tar, stop);
        try
        {
            if (root is not null)
            {
                await archive.FolderAsync(root, "", 0);
                await archive.AgainAsync(root);
            }
        }
        catch (IOException e)
        {
            await tar.WriteEntryAsync(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { [VolumeMarks.Failed] = e.Message }), stop);
            return;
        }

        // Without this an archive is not whole.
        await tar.WriteEntryAsync(
            new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { [VolumeMarks.End] = "1", [VolumeMarks.Changing] = archive._restless.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) }),
            stop);
    }

    private async Task FolderAsync(OpenFolder folder, string path, int depth)
    {
        OpenFolder.TooDeep(depth);
        foreach (var name in folder.Names())
        {
            if (folder.Look(name) is not { } seen)
            {
                continue;
            }

            var full = path + name;
            switch (seen.What)
            {
                case OpenFolder.Things.Folder when folder.Folder(name) is { } inside:
                    using (inside)
                    {
                        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, $"{full}/") { Mode = seen.Mode, ModificationTime = seen.Changed }, stop);
                        await FolderAsync(inside, $"{full}/", depth + 1);
                    }

                    break;
                case OpenFolder.Things.File:
                    await FileAsync(folder, name, full);
                    break;
                case OpenFolder.Things.Link when folder.LinkOf(name) is { Length: > 0 } target:
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, full) { LinkName = target, ModificationTime = seen.Changed }, stop);
                    break;
                default:
                    // Sockets and pipes are no data; they are made anew by whoever listens.
                    break;
            }
        }
    }

    private async Task FileAsync(OpenFolder folder, string name, string full)
    {
        using var file = folder.File(name);
        if (file is null || folder.Look(name) is not { What: OpenFolder.Things.File } before)
        {
            return;
        }

        await using (var content = new SteadyContent(file, before.Length))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, full) { Mode = before.Mode, ModificationTime = before.Changed, DataStream = content }, stop);
        }

        if (folder.Look(name) is { } after && (after.Length != before.Length || after.Changed != before.Changed))
        {
            _restless.Add(full);
        }
    }

    private async Task AgainAsync(OpenFolder root)
    {
        for (var round = 0; round < RoundsMax && _restless.Count > 0; round++)
        {
            var (again, open) = (_restless, new List<OpenFolder>());
            _restless = [];
            foreach (var path in again)
            {
                try
                {
                    var parts = path.Split('/');
                    var folder = root;
                    foreach (var part in parts[..^1])
                    {
                        folder = folder?.Folder(part);
                        if (folder is not null)
                        {
                            open.Add(folder);
                        }
                    }

                    if (folder is not null)
                    {
                        await FileAsync(folder, parts[^1], path);
                    }
                }
                finally
                {
                    open.ForEach(one => one.Dispose());
                    open.Clear();
                }
            }
        }
    }
}
