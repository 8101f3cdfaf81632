using System.Collections.Concurrent;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>All workloads of this machine.</summary>
internal sealed class WorkloadSet(WorkloadParts parts) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, WorkloadController> _all = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);

    public IEnumerable<string> Ids => _all.Keys;

    public WorkloadController? Find(string id) => _all.GetValueOrDefault(id);

    public IReadOnlyList<WorkloadStatus> Statuses() => [.. _all.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Status())];

    /// <summary>The workload that mounts a lasting volume; null when none does.</summary>
    public string? UserOf(string volume) => _all.Where(pair => pair.Value.Mounts(volume)).Select(pair => pair.Key).FirstOrDefault();

    /// <summary>Reads the records; nothing is done yet.</summary>
    public void Load()
    {
        foreach (var record in parts.Records.LoadAll())
        {
            _all[record.Wanted.Id] = new WorkloadController(record, parts);
        }
    }

    public IEnumerable<string> ClaimedRuns() => _all.Values.SelectMany(workload => workload.ClaimedRuns());

    /// <summary>Routes are in place when it returns.</summary>
    public void Open()
    {
        foreach (var workload in _all.Values)
        {
            workload.Open();
        }
    }

    /// <returns>Why the spec is refused, or null.</returns>
    public async Task<string?> ApplyAsync(WorkloadSpec spec, CancellationToken stop)
    {
        if (SpecRules.Broken(spec) is { } why)
        {
            return why;
        }

        await _gate.WaitAsync(stop);
        try
        {
            if (_all.TryGetValue(spec.Id, out var known))
            {
                await known.ApplyAsync(spec, stop);
            }
            else
            {
                var record = Wishes.First(spec, parts.Clock.GetUtcNow());
                parts.Records.Save(spec.Id, record);
                var workload = new WorkloadController(record, parts);
                _all[spec.Id] = workload;
                workload.Open();
            }
        }
        finally
        {
            _gate.Release();
        }

        parts.Hub.Changed(spec.Id);
        return null;
    }

    public async Task RemoveAsync(string id, CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            if (_all.TryGetValue(id, out var workload))
            {
                await workload.RemoveAsync(stop);
                _all.TryRemove(id, out _);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends all instances without changing what is wanted; the loops end too, so that nothing is started again.</summary>
    public Task SuspendAsync(CancellationToken stop) => Task.WhenAll(_all.Values.Select(workload => workload.SuspendAsync(stop)));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_all.Values.Select(workload => workload.DisposeAsync().AsTask()));
        _gate.Dispose();
    }
}
