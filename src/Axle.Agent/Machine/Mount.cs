namespace Axle.Agent.Machine;

/// <summary>What a folder lies on.</summary>
/// <param name="InMemory">Nothing of it reaches a disk but by way of swap.</param>
/// <param name="Executes">Programs on it may be run.</param>
internal sealed record Mount(string Point, bool InMemory, bool Executes)
{
    /// <param name="mounts">As <c>/proc/self/mounts</c>; of two at the same place the later one counts.</param>
    public static Mount? Of(string folder, IEnumerable<string> mounts)
    {
        Mount? found = null;
        foreach (var line in mounts)
        {
            if (line.Split(' ') is [_, var point, var type, var options, ..]
                && (point == "/" || folder == point || folder.StartsWith($"{point}/", StringComparison.Ordinal))
                && point.Length >= (found?.Point.Length ?? 0))
            {
                found = new Mount(point, type is "tmpfs" or "ramfs", !options.Split(',').Contains("noexec"));
            }
        }

        return found;
    }
}
