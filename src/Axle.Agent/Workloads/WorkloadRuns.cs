using System.Runtime.CompilerServices;
using Axle.Agent.Runs;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>The runs of one workload: started from its specs, followed to their end, killed when they count no more.</summary>
internal sealed class WorkloadRuns(WorkloadLedger ledger, Runner runner, ContainerRuns specs, Action wake)
{
    // Held as long as the run is, so that years of cron runs leave nothing behind.
    private readonly ConditionalWeakTable<Run, Action> _followed = [];

    /// <summary>Why the last start was refused, for people.</summary>
    public string Trouble { get; private set; } = "could not be started";

    public Run? Find(string id) => runner.Find(id);

    /// <summary>Runs of this workload; all others are orphans.</summary>
    public IEnumerable<string> Claimed()
    {
        var record = ledger.Record;
        return record.Instances.SelectMany(instance => instance.Containers).Select(container => container.Run)
            .Append(record.Rollout.ReleaseRun)
            .Concat(record.Crons.Values.Select(cron => cron.Run))
            .OfType<string>();
    }

    /// <summary>Those of an instance that have not ended.</summary>
    public IEnumerable<Run> Of(string instance) => ledger.Record.Find(instance).Containers
        .Where(container => container is { Run: not null, Exit: null })
        .Select(container => runner.Find(container.Run!))
        .OfType<Run>();

    /// <summary>Null when it was refused; <see cref="Trouble"/> says why.</summary>
    public Run? Start(Instance instance, ContainerState container)
    {
        var spec = ledger.Record.SpecOf(instance.Revision)!;
        var group = spec.Groups.First(group => group.Name == instance.Group);
        return Started(() => specs.Of(container.Run!, spec, group, group.Containers.First(known => known.Name == container.Name), instance.Id, instance.Ports));
    }

    /// <summary>Starts a group that runs once: a release command or a cron tick. Null when it was refused.</summary>
    public Run? StartOnce(string id, WorkloadSpec spec, GroupSpec group) =>
        Started(() => specs.Of(id, spec, group, group.Containers[0], id[(ledger.Id.Length + 1)..], new Dictionary<string, int>()));

    /// <summary>Wakes the controller at the end of the run.</summary>
    public void Follow(Run run)
    {
        if (_followed.TryAdd(run, wake))
        {
            _ = run.Exited.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>How a run ended; null while it runs, or when there is none.</summary>
    public ContainerExit? ExitOf(string? id)
    {
        if (id is null || runner.Find(id) is not { } run)
        {
            return null;
        }

        Follow(run);
        return run.Exit is { } exit ? ContainerExit.Of(exit) : null;
    }

    /// <summary>Kills a run that counts no more.</summary>
    public void End(string? id)
    {
        if (id is not null && runner.Find(id) is { } run)
        {
            run.Kill();
            _ = run.Exited.ContinueWith(_ => runner.Forget(run), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Its end was written down; nothing of it is kept.</summary>
    public void Forget(Run run) => runner.Forget(run);

    private Run? Started(Func<RunSpec> spec)
    {
        try
        {
            var run = runner.Start(spec());
            Follow(run);
            return run;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Trouble = e.Message;
            return null;
        }
    }
}
