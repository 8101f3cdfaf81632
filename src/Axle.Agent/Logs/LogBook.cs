using System.Collections.Concurrent;

namespace Axle.Agent.Logs;

/// <summary>All logs, by workload id or <c>job:id</c>.</summary>
internal sealed class LogBook(AgentFolders folders)
{
    private readonly ConcurrentDictionary<string, LogStore> _open = new(StringComparer.Ordinal);

    public LogStore Of(string id) => _open.GetOrAdd(id, key => new LogStore(PathOf(key)));

    public void Remove(string id)
    {
        if (_open.TryRemove(id, out var log))
        {
            log.Close();
        }

        if (Directory.Exists(PathOf(id)))
        {
            Directory.Delete(PathOf(id), recursive: true);
        }
    }

    // Ids hold letters, digits, -_. only, so the colon of a job cannot be a workload's.
    private string PathOf(string id) => Path.Combine(folders.Logs, id);
}
