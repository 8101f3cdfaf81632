using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Axle.Agent;

/// <summary>Tells watchers which workloads and jobs changed. Each id is queued once, so a slow watcher costs at most one entry per id.</summary>
internal sealed class ChangeHub
{
    private readonly ConcurrentDictionary<Watcher, bool> _watchers = [];

    public void Changed(string id)
    {
        foreach (var watcher in _watchers.Keys)
        {
            watcher.Add(id);
        }
    }

    /// <param name="all">Ids to begin with, asked for after the watch has begun, so that none is missed.</param>
    public async IAsyncEnumerable<string> WatchAsync(Func<IEnumerable<string>> all, [EnumeratorCancellation] CancellationToken stop)
    {
        var watcher = new Watcher();
        _watchers[watcher] = true;
        try
        {
            foreach (var id in all())
            {
                watcher.Add(id);
            }

            await foreach (var id in watcher.ReadAsync(stop))
            {
                yield return id;
            }
        }
        finally
        {
            _watchers.TryRemove(watcher, out _);
        }
    }

    private sealed class Watcher
    {
        private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
        private readonly Channel<string> _queue = Channel.CreateUnbounded<string>();

        public void Add(string id)
        {
            if (_waiting.TryAdd(id, true))
            {
                _queue.Writer.TryWrite(id);
            }
        }

        public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken stop)
        {
            await foreach (var id in _queue.Reader.ReadAllAsync(stop))
            {
                _waiting.TryRemove(id, out _);
                yield return id;
            }
        }
    }
}
