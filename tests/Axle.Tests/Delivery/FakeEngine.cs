using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Tests.Delivery;

/// <summary>An engine that only remembers what it was told; a test says what it "sees".</summary>
internal sealed class FakeEngine : IEngine
{
    /// <summary>One for each that watches: everybody hears everything.</summary>
    private readonly List<Channel<string>> _watchers = [];

    public Dictionary<string, WorkloadSpec> Applied { get; } = [];

    public Dictionary<string, WorkloadStatus> Seen { get; } = [];

    public int Applies { get; private set; }

    public List<string> Cancelled { get; } = [];

    /// <summary>Throws as if the agent were away.</summary>
    public bool Away { get; set; }

    public string Name => "fake";

    /// <summary>The workload came up.</summary>
    public void Succeed(string id)
    {
        var spec = Applied[id];
        Say(new WorkloadStatus { Id = id, WantedRevision = spec.Revision, ServingRevision = spec.Revision, ServingRelease = spec.Release, Phase = spec.Stopped ? "Stopped" : "Healthy", Instances = Instances(spec) });
    }

    /// <summary>The rollout failed; what served before still does.</summary>
    public void Fail(string id, string message)
    {
        var spec = Applied[id];
        Seen.TryGetValue(id, out var before);
        Say(new WorkloadStatus
        {
            Id = id,
            WantedRevision = spec.Revision,
            ServingRevision = before?.ServingRevision,
            ServingRelease = before?.ServingRelease,
            Phase = "Failed",
            Failure = new RolloutFailure("Exited", message, null, null, 1, ["boom"]),
        });
    }

    /// <summary>What serves has one instance that is not ready.</summary>
    public void Lack(string id, string state, int restarts)
    {
        var spec = Applied[id];
        Say(Seen[id] with { Phase = "Degraded", Instances = [.. Instances(spec).Select(i => i with { State = state, Restarts = restarts })] });
    }

    private void Say(WorkloadStatus status)
    {
        Seen[status.Id] = status;
        lock (_watchers)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(status.Id));
        }
    }

    public Task ApplyAsync(WorkloadSpec workload, CancellationToken stop)
    {
        ThrowIfAway();
        Applies++;
        Applied[workload.Id] = workload;
        if (!Seen.TryGetValue(workload.Id, out var seen) || seen.WantedRevision != workload.Revision)
        {
            Seen[workload.Id] = new WorkloadStatus
            {
                Id = workload.Id,
                WantedRevision = workload.Revision,
                ServingRevision = seen?.ServingRevision,
                ServingRelease = seen?.ServingRelease,
                Phase = seen?.ServingRevision == workload.Revision ? "Healthy" : "RollingOut",
                Instances = seen?.ServingRevision == workload.Revision ? Instances(workload) : [],
            };
        }
        else if (seen.Phase is "Healthy" or "Stopped")
        {
            Seen[workload.Id] = seen with { Phase = workload.Stopped ? "Stopped" : "Healthy", Instances = Instances(workload) };
        }

        return Task.CompletedTask;
    }

    public Task<WorkloadStatus?> ObserveAsync(string id, CancellationToken stop)
    {
        ThrowIfAway();
        return Task.FromResult(Seen.GetValueOrDefault(id));
    }

    public Task<IReadOnlyList<WorkloadStatus>> ObserveAllAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<WorkloadStatus>>([.. Seen.Values]);

    public Task CancelRolloutAsync(string id, CancellationToken stop)
    {
        Cancelled.Add(id);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string id, CancellationToken stop)
    {
        ThrowIfAway();
        Applied.Remove(id);
        Seen.Remove(id);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken stop)
    {
        // What was seen before somebody began to watch comes first.
        var mine = Channel.CreateUnbounded<string>();
        lock (_watchers)
        {
            _watchers.Add(mine);
            Seen.Keys.ToList().ForEach(id => mine.Writer.TryWrite(id));
        }

        await foreach (var id in mine.Reader.ReadAllAsync(stop))
        {
            yield return id;
        }
    }

    public Task<EngineInfo> InfoAsync(CancellationToken stop) => Task.FromResult(new EngineInfo("fake", "1", "none", [], "127.0.0.1", 1, 1));

    public Task StartJobAsync(JobSpec job, CancellationToken stop) => throw new NotSupportedException();

    public Task<JobStatus?> ObserveJobAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public Task CancelJobAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public Task RemoveJobAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken stop) => throw new NotSupportedException();

    public IAsyncEnumerable<ExecOutput> ExecAsync(ExecSpec exec, Stream? input, CancellationToken stop) => throw new NotSupportedException();

    private static IReadOnlyList<InstanceStatus> Instances(WorkloadSpec spec) => spec.Stopped
        ? []
        : [.. spec.Groups.SelectMany(g => Enumerable.Range(0, g.Instances).Select(i => new InstanceStatus($"{g.Name}-{i}", g.Name, spec.Revision, "Ready", 0, default)))];

    private void ThrowIfAway()
    {
        if (Away)
        {
            throw new EngineUnavailableException("The agent does not answer.");
        }
    }
}
