using Axle.Agent.Runs;

namespace Axle.Agent.Workloads;

/// <summary>How a workload leaves this machine: for ever, or until the agent's next start. Its controller's loop has ended before.</summary>
internal sealed class WorkloadEnd(WorkloadLedger ledger, WorkloadRuns runs, WorkloadTraffic traffic, WorkloadParts parts)
{
    private static readonly TimeSpan s_killed = TimeSpan.FromSeconds(10);

    /// <summary>Forgets it with everything that was kept for it. What still runs is killed.</summary>
    public async Task RemoveAsync()
    {
        traffic.Remove();
        foreach (var run in runs.Claimed().ToList())
        {
            if (runs.Find(run) is { } found)
            {
                found.Kill();
                await found.Exited.WaitAsync(s_killed, CancellationToken.None);
                runs.Forget(found);
            }
        }

        parts.Records.Delete(ledger.Id);
        parts.Logs.Remove(ledger.Id);

        // Volumes that last are not here.
        if (Directory.Exists(Path.Combine(parts.Folders.Volumes, ledger.Id)))
        {
            Directory.Delete(Path.Combine(parts.Folders.Volumes, ledger.Id), recursive: true);
        }

        parts.Hub.Changed(ledger.Id);
    }

    /// <summary>Ends the instances while the wish stays: the agent's next start brings them back.</summary>
    public async Task SuspendAsync(CancellationToken stop)
    {
        var found = runs.Claimed().Select(runs.Find).OfType<Run>().ToList();
        foreach (var run in found)
        {
            run.Terminate();
        }

        var all = Task.WhenAll(found.Select(run => run.Exited));
        await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(ledger.Record.Wanted.StopTimeoutSeconds), parts.Clock, stop));
        foreach (var run in found)
        {
            run.Kill();
        }

        await all.WaitAsync(stop);
        foreach (var run in found)
        {
            runs.Forget(run);
        }

        var record = ledger.Record;
        parts.Ports.Return(record.Instances.SelectMany(instance => instance.Ports.Values));
        ledger.Save(record with
        {
            Instances = [],
            Crons = record.Crons.ToDictionary(pair => pair.Key, pair => pair.Value with { Run = null }, StringComparer.Ordinal),
            Rollout = record.Rollout with { ReleaseRun = null },
        });
    }
}
