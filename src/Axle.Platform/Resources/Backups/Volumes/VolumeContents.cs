using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using Axle.Engines;

namespace Axle.Platform.Resources.Backups.Volumes;

/// <summary>What an archive of a volume holds: each file with its length, and a sum over its bytes and rights.</summary>
internal static class VolumeContents
{
    /// <exception cref="IOException">The archive is not whole, or none.</exception>
    public static async Task<Contents> ReadAsync(Stream archive, DateTimeOffset at, CancellationToken stop)
    {
        // Of a file that is in it twice, the last one counts.
        var files = new Dictionary<string, TableContents>(StringComparer.Ordinal);
        var marks = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
            {
                if (entry is PaxGlobalExtendedAttributesTarEntry said)
                {
                    foreach (var (key, value) in said.GlobalExtendedAttributes)
                    {
                        marks[key] = value;
                    }

                    continue;
                }

                files[entry.Name] = new TableContents(entry.Name, entry.DataStream is null ? 0 : entry.Length, await SumAsync(entry, stop));
            }
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"the archive cannot be read: {e.Message}", e);
        }

        if (marks.TryGetValue(VolumeMarks.Failed, out var why) || !marks.ContainsKey(VolumeMarks.End))
        {
            throw new IOException($"the archive is not whole: {why ?? "its end is missing"}");
        }

        return new Contents
        {
            Tables = [.. files.Values.OrderBy(file => file.Name, StringComparer.Ordinal)],
            At = at,
            Changing = int.TryParse(marks.GetValueOrDefault(VolumeMarks.Changing), NumberStyles.None, CultureInfo.InvariantCulture, out var changing) ? changing : 0,
        };
    }

    private static async Task<string> SumAsync(TarEntry entry, CancellationToken stop) => entry.EntryType switch
    {
        TarEntryType.Directory => $"folder {Rights(entry)}",
        TarEntryType.SymbolicLink => $"link {entry.LinkName}",
        _ => $"{Rights(entry)} {Convert.ToHexStringLower(entry.DataStream is { } data ? await SHA256.HashDataAsync(data, stop) : SHA256.HashData([]))}",
    };

    private static string Rights(TarEntry entry) => Convert.ToString((int)entry.Mode & 0x1FF, 8);
}
