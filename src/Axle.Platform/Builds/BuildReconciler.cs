using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;

namespace Axle.Platform.Builds;

/// <summary>
/// Brings a build to its end: plan, look for an artifact of the same input, export, one job per step, artifact. Each look does what
/// can be done without waiting. What is done is on disk (<see cref="Progress"/>, the jobs in the engine, the artifact), so a
/// look after a crash goes on where the last one ended.
/// </summary>
internal sealed class BuildReconciler(IEntityStore entities, BuildPlanner planner, BuildRun run, BuildsOptions options, TimeProvider clock) : IReconciler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EntityRef, BuildPlanner.Planned?> _active = [];

    public string Name => "builds";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Build];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(BuildKind.Instance, which) is not { } build)
        {
            Leave(which);
            run.Remove(which);
            return Again.Never;
        }

        // 1. A new attempt starts from nothing; one that ended stays as it is.
        var spec = build.Spec;
        var status = build.Status.Attempt == spec.Attempt ? build.Status : new BuildStatus { Attempt = spec.Attempt };
        if (status.Phase is BuildPhases.Succeeded or BuildPhases.Failed or BuildPhases.Cancelled)
        {
            Leave(which);
            run.Tidy(which, spec.Component);
            return Again.Never;
        }

        if (build.Status.Attempt != spec.Attempt && build.Status.Attempt > 0)
        {
            run.Tidy(which, spec.Component);
        }

        try
        {
            if (spec.Cancelled)
            {
                return await CancelAsync(which, spec, status, stop);
            }

            if (!Enter(which, status))
            {
                await WriteAsync(which, status, "Waiting", $"Waits until fewer than {options.ConcurrentMax} builds run.", stop);
                return Again.In(options.LookAgain);
            }

            return await AdvanceAsync(which, spec, status, stop);
        }
        catch (EngineUnavailableException)
        {
            // The engine comes back; its job has gone on meanwhile.
            await WriteAsync(which, status, "EngineUnavailable", "The engine cannot be reached at the moment; the build goes on when it answers.", stop);
            return Again.In(options.LookAgain);
        }
        catch (EngineRefusedException e)
        {
            return await FailAsync(which, spec, status, new Error("builds.refused", $"The engine refused a step: {e.Message}", "axle doctor", 422), stop);
        }
    }

    private async Task<Again> AdvanceAsync(EntityRef which, BuildSpec spec, BuildStatus status, CancellationToken stop)
    {
        // 1. What is to be done? Asked once per attempt and process; the answer follows from the commit alone.
        if (Planned(which) is not { } planned)
        {
            if (!(await planner.PlanAsync(spec, stop)).TryGet(out planned, out var error))
            {
                return await FailAsync(which, spec, status with { StartedAt = status.StartedAt ?? clock.GetUtcNow() }, error, stop);
            }

            Remember(which, planned);
        }

        if (status.Phase == BuildPhases.Pending)
        {
            status = status with { Phase = BuildPhases.Running, Builder = planned.Plan.Builder, StartedAt = clock.GetUtcNow() };
            run.Begin(which, spec, planned);
            status = await WriteAsync(which, status, "Building", planned.Plan.Sentence, stop);
        }

        // 2. The same input was built before.
        if (!run.Prepared(which) && await run.FindAsync(planned.Key, stop) is { } made)
        {
            return await SucceedAsync(which, spec, status with { Cached = true }, made, stop);
        }

        // 3. Source, then step by step.
        var progress = await run.PrepareAsync(which, spec, planned, stop);
        var steps = planned.Plan.Application.Steps;
        while (progress.Done < steps.Count)
        {
            var step = steps[progress.Done];
            var timeLeft = options.Timeout - (clock.GetUtcNow() - (status.StartedAt ?? clock.GetUtcNow()));
            var job = await run.StepAsync(which, spec, progress.Done, step, timeLeft, stop);
            if (job.Phase == "Running")
            {
                await WriteAsync(which, status, "Building", $"Step {progress.Done + 1} of {steps.Count}: {step.Words}", stop);
                return Again.In(options.LookAgain);
            }

            if (job.Phase != "Succeeded")
            {
                return await FailAsync(which, spec, status, await run.FailureAsync(which, spec, progress.Done, step, job, stop), stop);
            }

            progress = await run.DoneAsync(which, spec, progress, step, stop);
        }

        // 4. The artifact.
        return (await run.CollectAsync(which, planned, stop)).TryGet(out var entry, out var refused)
            ? await SucceedAsync(which, spec, status, entry, stop)
            : await FailAsync(which, spec, status, refused, stop);
    }

    private async Task<Again> SucceedAsync(EntityRef which, BuildSpec spec, BuildStatus status, ArtifactIndex.Entry entry, CancellationToken stop)
    {
        run.Log(which).Remark(status.Cached ? $"Nothing to do: the same source was built before ({Short(entry.Digest)})." : $"Built {Short(entry.Digest)} in {(clock.GetUtcNow() - (status.StartedAt ?? clock.GetUtcNow())).TotalSeconds:0.0} s.");
        return await EndAsync(
            which,
            spec,
            status with { Phase = BuildPhases.Succeeded, Artifact = entry.Digest, Plan = entry.Plan, Error = null },
            status.Cached ? "Cached" : "Built",
            status.Cached ? "The same source was built before; its artifact is used again." : "Built.",
            stop);
    }

    private Task<Again> FailAsync(EntityRef which, BuildSpec spec, BuildStatus status, Error error, CancellationToken stop)
    {
        // Kept as the plain record: a derived one would be written with its own members.
        var plain = new Error(error.Code, error.Message, error.Next, error.Status) { Problems = error.Problems };
        run.Log(which).Remark($"{BuildPhases.Failed}: {plain.Message}{(plain.Next is null ? "" : $" Next: {plain.Next}")}");
        return EndAsync(which, spec, status with { Phase = BuildPhases.Failed, Error = plain }, "Failed", plain.Message, stop);
    }

    private async Task<Again> CancelAsync(EntityRef which, BuildSpec spec, BuildStatus status, CancellationToken stop)
    {
        if (Planned(which) is not { } planned && status.Phase == BuildPhases.Running && (await planner.PlanAsync(spec, stop)).TryGet(out var again, out _))
        {
            Remember(which, again);
        }

        if (Planned(which) is { } known)
        {
            await run.CancelAsync(which, spec, known.Plan.Application.Steps, stop);
        }

        run.Log(which).Remark("Cancelled.");
        return await EndAsync(which, spec, status with { Phase = BuildPhases.Cancelled }, "Cancelled", "Cancelled on request.", stop);
    }

    private async Task<Again> EndAsync(EntityRef which, BuildSpec spec, BuildStatus status, string reason, string message, CancellationToken stop)
    {
        // Readers of the log end when they see the phase, so the log is whole before that.
        run.Log(which).Close();
        await WriteAsync(which, status with { FinishedAt = clock.GetUtcNow() }, reason, message, stop);
        Leave(which);
        run.Tidy(which, spec.Component);
        return Again.Never;
    }

    private async Task<BuildStatus> WriteAsync(EntityRef which, BuildStatus status, string reason, string message, CancellationToken stop)
    {
        var state = status.Phase == BuildPhases.Succeeded ? "True" : "False";
        var before = status.Conditions.FirstOrDefault(c => c.Type == "Ready");
        var since = before is not null && before.Status == state ? before.LastTransitionTime : clock.GetUtcNow();
        var next = status.Error?.Next ?? (status.Phase is BuildPhases.Running ? $"axle logs --build {which.Name} -f" : null);
        status = status with { Conditions = [new Condition("Ready", state, reason, message, since, next)] };
        var written = await entities.PutStatusAsync(which, status, $"system:{Name}", stop: stop);
        return written.Ok || written.Error!.Status == 404 ? status : throw new InvalidOperationException($"The status of {which} was not taken: {written.Error.Message}");
    }

    private bool Enter(EntityRef which, BuildStatus status)
    {
        lock (_lock)
        {
            // A build that was running before a restart has its place already.
            if (_active.ContainsKey(which))
            {
                return true;
            }

            if (status.Phase == BuildPhases.Pending && _active.Count >= options.ConcurrentMax)
            {
                return false;
            }

            _active[which] = null;
            return true;
        }
    }

    private void Leave(EntityRef which)
    {
        lock (_lock)
        {
            _active.Remove(which);
        }
    }

    private BuildPlanner.Planned? Planned(EntityRef which)
    {
        lock (_lock)
        {
            return _active.GetValueOrDefault(which);
        }
    }

    private void Remember(EntityRef which, BuildPlanner.Planned planned)
    {
        lock (_lock)
        {
            _active[which] = planned;
        }
    }

    private static string Short(string digest) => digest[..Math.Min(digest.Length, ArtifactStore.Prefix.Length + 12)];
}
