using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Environments;
using Axle.Platform.Source;

namespace Axle.Platform.Delivery;

/// <summary>
/// What a push starts: a build, whose release rolls out. Asking for the build is all that must happen; the rest is told
/// line by line to the person who waits at the other end of <c>git push</c>.
/// </summary>
internal sealed class PushProgress(IEntityStore entities, IBuilds builds, IEnvironments environments, DeploymentWriter writer, TimeProvider clock) : IPushListener
{
    /// <summary>Nobody waits longer at a prompt; the work itself goes on.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(20);

    public async Task PushedAsync(Pushed push, Func<string, ValueTask> progress, CancellationToken stop)
    {
        var components = entities.Query(new EntityQuery
        {
            Kinds = [Contracts.Kinds.Component],
            Where = [new($"metadata.annotations.{Annotations.Repository}", push.Repository)],
            All = true,
        }).Items;
        if (components.Count == 0)
        {
            await progress($"No component is built from {push.Repository}. Next: axle import, or add catalog-info.yaml and axle apply -f catalog-info.yaml");
            return;
        }

        foreach (var component in components)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(s_patience);
            try
            {
                await TellAsync(component, push, progress, patience.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await progress($"Still going on; nobody needs to wait here. Next: axle status {component.Metadata.Name}");
            }
        }
    }

    private async Task TellAsync(Entity component, Pushed push, Func<string, ValueTask> progress, CancellationToken stop)
    {
        // 1. The build.
        var requested = await builds.RequestAsync(component, push.Commit, push.Branch, push.By, retry: false, stop);
        if (!requested.TryGet(out var build, out var error))
        {
            await progress(error.Message);
            if (error.Next is not null)
            {
                await progress($"Next: {error.Next}");
            }

            return;
        }

        await progress($"Building {component.Metadata.Name} at {push.Commit[..12]}");
        var built = await BuiltAsync(build.Ref, progress, stop);
        if (built.Status.Phase != BuildPhases.Succeeded)
        {
            await progress($"Build {built.Status.Phase.ToLowerInvariant()}{(built.Status.Error is { } why ? $": {why.Message}" : "")}");

            // What a step wrote was told as it came; places in files were not.
            foreach (var problem in built.Status.Error?.Problems.Where(p => p.File is not null) ?? [])
            {
                await progress($"  {problem}");
            }

            var next = built.Status.Error?.Next ?? $"axle logs --build {built.Metadata.Name}";
            await progress($"{(Serves(component.Ref) ? "What served before goes on serving. " : "")}Next: {next}");
            return;
        }

        // 2. The release, and where it goes by itself.
        var release = await ReleasedAsync(component.Ref, build.Ref, stop);
        var seconds = (built.Status.FinishedAt - built.Status.StartedAt)?.TotalSeconds ?? 0;
        await progress(FormattableString.Invariant($"Release v{release.Spec.Number} ({(built.Status.Cached ? "artifact already built" : $"built in {seconds:0.0} s")})"));
        foreach (var environment in environments.InOrder().Where(e => e.Spec.AutoDeploy))
        {
            await RolloutAsync(component.Ref, environment, release, progress, stop);
        }
    }

    /// <summary>Follows the build's log to its end.</summary>
    private async Task<Entity<BuildSpec, BuildStatus>> BuiltAsync(EntityRef which, Func<string, ValueTask> progress, CancellationToken stop)
    {
        // How it ended stands in the log for later readers; here it is told as the result, with what to do.
        await foreach (var line in builds.LogAsync(which, follow: true, stop))
        {
            if (line.Stream != "axle" || !line.Text.StartsWith($"{BuildPhases.Failed}: ", StringComparison.Ordinal))
            {
                await progress($"  {line.Text}");
            }
        }

        return await UntilAsync(() => entities.Find(BuildKind.Instance, which) is { Status.Phase: not (BuildPhases.Pending or BuildPhases.Running) } build ? build : null, which, stop);
    }

    private Task<Entity<ReleaseSpec, ReleaseStatus>> ReleasedAsync(EntityRef component, EntityRef build, CancellationToken stop) =>
        UntilAsync(() => writer.Releases(component).FirstOrDefault(r => r.Spec.Build == build), null, stop);

    private async Task RolloutAsync(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        Entity<ReleaseSpec, ReleaseStatus> release,
        Func<string, ValueTask> progress,
        CancellationToken stop)
    {
        var name = environment.Metadata.Name;
        if (writer.Find(component, environment.Ref) is { } held && held.Spec.HeldUpToNumber >= release.Spec.Number)
        {
            await progress($"Not deployed to {name}: held after a rollback. Next: axle deploy {component.Name} -e {name}");
            return;
        }

        var told = new HashSet<string>(StringComparer.Ordinal);
        var which = DeliveryKinds.DeploymentRef(component, environment.Ref);
        while (true)
        {
            var before = entities.Revision;
            if (writer.Find(component, environment.Ref) is { } deployment && deployment.Spec.Release != release.Ref && Newer(deployment, release))
            {
                await progress($"A newer release took over in {name}");
                return;
            }

            if (writer.Find(component, environment.Ref) is { } now && now.Spec.Release == release.Ref && now.Status.Target == release.Ref)
            {
                foreach (var step in now.Status.Steps.Where(s => s.State != "Running" && told.Add(s.Name)))
                {
                    await progress(FormattableString.Invariant($"  {step.Name}: {step.Message ?? step.State.ToLowerInvariant()}{(step.Seconds is { } took ? $" ({took:0.0} s)" : "")}"));
                }

                if (now.Status.ObservedGeneration == now.Metadata.Generation && now.Status.Phase is not (DeploymentPhases.RollingOut or DeploymentPhases.Pending))
                {
                    await EndAsync(component, name, release, now, progress);
                    return;
                }
            }

            await ChangedAsync(which, before, stop);
        }
    }

    private bool Newer(Entity<DeploymentSpec, DeploymentStatus> deployment, Entity<ReleaseSpec, ReleaseStatus> release) =>
        entities.Find(DeliveryKinds.Release, deployment.Spec.Release) is { } there && there.Spec.Number > release.Spec.Number;

    private async Task EndAsync(
        EntityRef component,
        string environment,
        Entity<ReleaseSpec, ReleaseStatus> release,
        Entity<DeploymentSpec, DeploymentStatus> now,
        Func<string, ValueTask> progress)
    {
        if (now.Status.Phase != DeploymentPhases.Failed)
        {
            await progress($"v{release.Spec.Number} serves in {environment}{(now.Status.Url is { } url ? $": {url}" : "")}");
            await WaitingAsync(component, environment, release, now, progress);
            return;
        }

        await progress($"The rollout to {environment} failed: {now.Status.Failure?.Message}");
        if (now.Status.Failure is { Check: { } check } failure)
        {
            await progress($"  check: {check}{(failure.LastAnswer is null ? "" : $" - last answer: {failure.LastAnswer}")}");
        }

        foreach (var line in now.Status.Failure?.LogTail.TakeLast(10) ?? [])
        {
            await progress($"  | {line}");
        }

        var serves = now.Status.Serving is { } serving ? $"{(entities.Find(DeliveryKinds.Release, serving) is { } before ? $"v{before.Spec.Number}" : serving.Name)} goes on serving in {environment}" : $"Nothing serves in {environment} yet";
        await progress($"{serves}. Next: {RolloutAdvice.Next(now.Status.Failure, component, environment)}");
    }

    /// <summary>Whoever names a process in the Procfile should not wonder why it does not run; whoever has scaled it knows.</summary>
    private static async ValueTask WaitingAsync(
        EntityRef component,
        string environment,
        Entity<ReleaseSpec, ReleaseStatus> release,
        Entity<DeploymentSpec, DeploymentStatus> now,
        Func<string, ValueTask> progress)
    {
        var waiting = release.Spec.Plan.Processes.Where(p => p.Waits && !now.Spec.Instances.ContainsKey(p.Name)).Select(p => p.Name).ToList();
        if (waiting.Count > 0)
        {
            await progress($"{string.Join(", ", waiting)} {(waiting.Count == 1 ? "does" : "do")} not run. To start {(waiting.Count == 1 ? "it" : "them")}: axle scale {component.Name} {string.Join(' ', waiting.Select(w => w + "=1"))} -e {environment}");
        }
    }

    private bool Serves(EntityRef component) => entities.All(DeliveryKinds.Deployment, new Relation("partOf", component)).Any(d => d.Status.Serving is not null);

    private async Task<T> UntilAsync<T>(Func<T?> look, EntityRef? which, CancellationToken stop)
        where T : class
    {
        while (true)
        {
            var before = entities.Revision;
            if (look() is { } found)
            {
                return found;
            }

            await ChangedAsync(which, before, stop);
        }
    }

    /// <summary>Returns at the next change of an entity (null is any) after a revision, or after a second.</summary>
    private async Task ChangedAsync(EntityRef? which, long after, CancellationToken stop)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var timer = Task.Delay(TimeSpan.FromSeconds(1), clock, wait.Token);
        var change = FirstAsync(wait.Token);
        await Task.WhenAny(timer, change);
        await wait.CancelAsync();
        await Task.WhenAll(timer, change).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();

        async Task FirstAsync(CancellationToken token)
        {
            await foreach (var seen in entities.WatchAsync(after, token))
            {
                if (which is null || seen.Ref == which)
                {
                    return;
                }
            }
        }
    }
}
