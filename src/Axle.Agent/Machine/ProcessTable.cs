using System.Globalization;

namespace Axle.Agent.Machine;

/// <summary>Reads /proc. Processes come and go while it is read: what vanished is left out.</summary>
internal static class ProcessTable
{
    /// <summary>Whether the process lives and was started with this argument, so that a reused id is not mistaken.</summary>
    public static bool IsRunning(int process, string argument)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return arguments.Contains(argument, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A process that was started with this argument, or null.</summary>
    public static int? With(string argument) => All().Where(process => IsRunning(process.Id, argument)).Select(process => (int?)process.Id).FirstOrDefault();

    /// <summary>A process and everything that descends from it, except those that left the family by detaching.</summary>
    public static IReadOnlyList<int> Family(int root)
    {
        var children = new Dictionary<int, List<int>>();
        var sessions = new List<int>();
        foreach (var (id, parent, session) in All())
        {
            if (!children.TryGetValue(parent, out var list))
            {
                children[parent] = list = [];
            }

            list.Add(id);
            if (session == root)
            {
                sessions.Add(id);
            }
        }

        var found = new List<int>();
        var seen = new HashSet<int> { root };
        var open = new Queue<int>([root, .. sessions]);
        while (open.TryDequeue(out var next))
        {
            if (next != root && seen.Add(next))
            {
                found.Add(next);
            }

            foreach (var child in children.GetValueOrDefault(next, []))
            {
                if (!seen.Contains(child))
                {
                    open.Enqueue(child);
                }
            }
        }

        return found;
    }

    /// <summary>The program that a process runs, or null.</summary>
    public static string? Program(int process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The one that was started first; empty when all are gone.</summary>
    public static IEnumerable<int> Eldest(IEnumerable<int> processes) => processes
        .Select(process => (Id: process, Began: Began(process)))
        .Where(process => process.Began is not null)
        .OrderBy(process => process.Began).ThenBy(process => process.Id)
        .Select(process => process.Id)
        .Take(1);

    /// <summary>Resident memory.</summary>
    public static long MemoryBytes(int process)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{process}/statm").Split(' ');
            return long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return 0;
        }
    }

    /// <summary>Nothing is left of it but its exit code, which hears no signal.</summary>
    public static bool HasEnded(int process) => Field(process, 0) is null or "Z" or "X";

    /// <summary>When it was started, in ticks since the machine was; null when it is gone.</summary>
    private static long? Began(int process) => Field(process, 19) is { } ticks ? long.Parse(ticks, CultureInfo.InvariantCulture) : null;

    /// <summary>What /proc says, counted from the state on; null when it is gone.</summary>
    private static string? Field(int process, int index)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[index];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<(int Id, int Parent, int Session)> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            string text;
            try
            {
                text = File.ReadAllText($"{folder}/stat");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            // pid (name) state parent group session; the name may hold anything, parentheses too.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
        }
    }
}
