using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>
/// Asks for a release in an environment. It only writes what should run; <see cref="DeploymentReconciler"/> makes it so,
/// and makes it so again after a crash.
/// </summary>
internal sealed class Deploy(DeploymentWriter writer, IEnvironments environments, TimeProvider clock)
{
    public async Task<Result<DeploymentAccepted>> RunAsync(EntityRef component, DeployRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Whose is it, and may this caller touch it?
        if (!writer.Component(component, caller, Verb.Deploy).TryGet(out _, out var refusal)
            || !writer.Environment(request.Environment).TryGet(out var environment, out refusal)
            || !writer.Release(component, request.Release).TryGet(out var release, out refusal))
        {
            return refusal;
        }

        // 2. Nothing skips a step of the promotion order.
        var before = environments.Before(environment);
        if (before.Count > 0 && !before.Any(e => release.Status.ServedIn.ContainsKey(e.Metadata.Name)))
        {
            return new NotYetServed(component, $"v{release.Spec.Number}", environment.Metadata.Name, before[0].Metadata.Name);
        }

        // 3. Write down the wish. From here on the reconciler owns it.
        return await PutAsync(component, environment, release, "deploy", caller.Actor, stop);
    }

    /// <summary>The wish itself; also what a promotion and a rollback end in.</summary>
    public Task<Result<DeploymentAccepted>> PutAsync(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        Entity<ReleaseSpec, ReleaseStatus> release,
        string trigger,
        string actor,
        CancellationToken stop)
    {
        var newest = writer.Releases(component) is [var first, ..] ? first.Spec.Number : release.Spec.Number;
        return writer.WriteAsync(component, environment, actor, $"{trigger} v{release.Spec.Number} to {environment.Metadata.Name}", Wish, stop);

        Result<DeploymentSpec> Wish(Entity<DeploymentSpec, DeploymentStatus>? now)
        {
            var spec = now?.Spec ?? new DeploymentSpec { Component = component, Environment = environment.Ref, Release = release.Ref };

            // Asking again for what failed is a new try; asking again for what runs changes nothing.
            var again = now?.Spec.Release == release.Ref && now.Status.Phase is DeploymentPhases.Failed or DeploymentPhases.Degraded;
            if (now?.Spec.Release == release.Ref && !again && !spec.Stopped)
            {
                return spec;
            }

            return spec with
            {
                Release = release.Ref,
                Stopped = false,
                RestartedAt = again ? clock.GetUtcNow() : spec.RestartedAt,
                Trigger = trigger,
                RequestedBy = actor,

                // Whoever asks for an older release does not want the next push's automatic deploy of a known newer one.
                HeldUpToNumber = release.Spec.Number < newest ? newest : 0,
            };
        }
    }
}
