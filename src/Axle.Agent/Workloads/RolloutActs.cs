using Axle.Agent.State;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>What is done for a rollout as a whole: its release command, its beginning, the switch, its failure. <see cref="InstanceActs"/> does the rest.</summary>
internal sealed class RolloutActs(WorkloadLedger ledger, WorkloadRuns runs, Probers probers, WorkloadTraffic traffic, WorkloadParts parts)
{
    private GroupSpec ReleaseGroup => ledger.Record.Wanted.Groups.First(group => group.Kind == GroupKind.Release);

    public void RunRelease(DateTimeOffset now)
    {
        var release = $"{ledger.Id}.release-{Names.Random(6)}";
        ledger.Save(ledger.Record with
        {
            Rollout = Wishes.WithStep(ledger.Record.Rollout, "release", "Running", null, now) with { ReleaseRun = release },
            Runs = Wishes.WithRun(ledger.Record.Runs, new JobRun(ReleaseGroup.Name, now, null, null)),
        });
        StartRelease(release);
    }

    public void StartRelease(string id)
    {
        if (runs.StartOnce(id, ledger.Record.Wanted, ReleaseGroup) is null)
        {
            Fail(new RolloutFailure("ReleaseCommandFailed", $"The release command cannot be started: {runs.Trouble}", null, null, null, []));
        }
    }

    public void BeginStart(DateTimeOffset now)
    {
        var record = ledger.Record;
        var done = record.Rollout.ReleaseRun;
        var rollout = done is null ? record.Rollout : Wishes.WithStep(record.Rollout, "release", "Done", null, now);
        ledger.Save(record with
        {
            Rollout = Wishes.WithStep(rollout, "start", "Running", null, now) with { Stage = Stage.Start, InstancesFrom = now, ReleaseRun = null },
            Runs = done is null ? record.Runs : Wishes.WithRunEnded(record.Runs, ReleaseGroup.Name, new ContainerExit(0, false, ""), now),
        });
        runs.End(done);
    }

    /// <summary>Users go to the new instances from here on.</summary>
    public void Promote(DateTimeOffset now)
    {
        var record = ledger.Record;
        var rollout = Wishes.WithStep(Wishes.WithStep(record.Rollout, "start", "Done", null, now), "health", "Done", null, now);
        var promoted = record with
        {
            Serving = record.Wanted,
            Rollout = Wishes.WithStep(rollout, "switch", "Done", null, now) with { Stage = Stage.Done, FinishedAt = now },
            Crons = record.Wanted.Groups.Where(group => group.Kind == GroupKind.Cron)
                .ToDictionary(group => group.Name, group => record.Crons.GetValueOrDefault(group.Name) ?? new CronState(now, null), StringComparer.Ordinal),
        };

        // A host that another workload has is found out here; better a failed rollout than one that nobody can reach.
        try
        {
            traffic.Switch(Routes.Of(promoted));
        }
        catch (InvalidOperationException e)
        {
            Fail(new RolloutFailure("CannotStart", $"The traffic cannot be switched: {e.Message}", null, null, null, []));
            return;
        }

        foreach (var (group, cron) in record.Crons)
        {
            if (cron.Run is { } run && !promoted.Crons.ContainsKey(group))
            {
                runs.End(run);
            }
        }

        ledger.Save(promoted);
    }

    public void Fail(Step.Fail fail, DateTimeOffset now)
    {
        var prober = fail.Instance is { } id ? probers.Find(id) : null;
        Fail(Failures.Of(fail, ledger.Record, runs.ExitOf(ledger.Record.Rollout.ReleaseRun), prober, parts, now));
    }

    /// <summary>What served before goes on serving.</summary>
    public void Fail(RolloutFailure failure)
    {
        var now = ledger.Now;
        var rollout = ledger.Record.Rollout;
        if (rollout.Steps.LastOrDefault(step => step.State == "Running") is { } running)
        {
            rollout = Wishes.WithStep(rollout, running.Name, "Failed", failure.Message, now);
        }

        var release = rollout.ReleaseRun;
        var releaseExit = runs.ExitOf(release);
        ledger.Save(ledger.Record with
        {
            Rollout = rollout with { Stage = Stage.Failed, FinishedAt = now, Failure = failure, ReleaseRun = null },
            Runs = release is null ? ledger.Record.Runs : Wishes.WithRunEnded(ledger.Record.Runs, ReleaseGroup.Name, releaseExit, now),
        });
        runs.End(release);
        traffic.Apply();
        ledger.Say("axle", $"rollout of {ledger.Record.Wanted.Release} failed: {failure.Message}");
        parts.Hub.Changed(ledger.Id);
    }
}
