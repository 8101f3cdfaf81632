using System.Collections.Concurrent;

namespace Axle.Platform.Source;

/// <summary>One at a time for each name. Locks are few (one for each repository ever touched) and stay.</summary>
internal sealed class KeyedLock
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new();

    public async Task<Held> HoldAsync(string name, CancellationToken stop)
    {
        var held = _locks.GetOrAdd(name, _ => new SemaphoreSlim(1));
        await held.WaitAsync(stop);
        return new Held(held);
    }

    public readonly struct Held(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
