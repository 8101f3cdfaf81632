using Axle.Agent.State;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>Runs the cron groups of what serves. <see cref="Cron"/> knows when; here each tick is written down before it is started.</summary>
internal sealed class CronRuns(WorkloadLedger ledger, WorkloadRuns runs, ChangeHub hub)
{
    /// <summary>Takes in what ended and starts what is due. Returns when the next tick is due.</summary>
    public DateTimeOffset? Turn()
    {
        DateTimeOffset? again = null;
        if (ledger.Record.Serving is not { } serving)
        {
            return null;
        }

        foreach (var group in serving.Groups.Where(group => group.Kind == GroupKind.Cron))
        {
            var state = ledger.Record.Crons.GetValueOrDefault(group.Name) ?? new CronState(ledger.Now, null);
            if (state.Run is { } id)
            {
                state = TakeIn(serving, group, state, id);
            }

            if (serving.Stopped || Cron.Parse(group.Schedule) is not { } schedule)
            {
                continue;
            }

            var answer = Cron.Look(schedule, state.LastTick, state.Run is not null, ledger.Now);
            if (answer.Run is { } tick)
            {
                // Written with the tick before it starts: whatever happens, this tick is run once.
                var run = $"{ledger.Id}.{group.Name}-{Names.Random(6)}";
                Save(group.Name, new CronState(tick, run), Wishes.WithRun(ledger.Record.Runs, new JobRun(group.Name, ledger.Now, null, null)));
                runs.StartOnce(run, serving, group);
            }
            else if (answer.Passed is { } passed)
            {
                Save(group.Name, state with { LastTick = passed }, ledger.Record.Runs);
            }

            again = answer.Again is { } time && (again is null || time < again) ? time : again;
        }

        return again;
    }

    private CronState TakeIn(WorkloadSpec serving, GroupSpec group, CronState state, string id)
    {
        var run = runs.Find(id) ?? runs.StartOnce(id, serving, group);
        if (run is { Exit: null })
        {
            runs.Follow(run);
            return state;
        }

        var exit = run?.Exit is { } end ? ContainerExit.Of(end) : new ContainerExit(126, false, runs.Trouble);
        var done = state with { Run = null };
        Save(group.Name, done, Wishes.WithRunEnded(ledger.Record.Runs, group.Name, exit, ledger.Now));
        if (run is not null)
        {
            runs.Forget(run);
        }

        return done;
    }

    private void Save(string group, CronState state, IReadOnlyList<JobRun> history)
    {
        ledger.Save(ledger.Record with { Crons = new Dictionary<string, CronState>(ledger.Record.Crons) { [group] = state }, Runs = history });
        hub.Changed(ledger.Id);
    }
}
