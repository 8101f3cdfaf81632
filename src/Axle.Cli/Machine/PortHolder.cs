using System.Globalization;

namespace Axle.Cli.Machine;

/// <summary>Finds out which process listens on a port, as far as the kernel lets us see.</summary>
internal static class PortHolder
{
    /// <summary>For instance <c>node (process 4711)</c>.</summary>
    public static string? Of(int port)
    {
        try
        {
            var inodes = Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]").ToHashSet();
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Holds(folder, inodes))
                {
                    return $"{File.ReadAllText(folder + "/comm").Trim()} (process {pid})";
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then we do not know; the port is taken all the same.
        }

        return null;
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        const int local = 1, state = 3, inode = 9;
        const string listening = "0A";
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return !File.Exists(table)
            ? []
            : File.ReadLines(table).Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > inode && fields[state] == listening && fields[local].EndsWith(suffix, StringComparison.Ordinal))
                .Select(fields => fields[inode]);
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return sockets.Count > 0 && Directory.EnumerateFiles(process + "/fd").Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
