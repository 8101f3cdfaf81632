using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>Takes what serves in one environment, the same artifact, to the next.</summary>
internal sealed class Promote(DeploymentWriter writer, IEnvironments environments, IEntityStore entities, Deploy deploy)
{
    public async Task<Result<DeploymentAccepted>> RunAsync(EntityRef component, PromoteRequest request, Caller caller, CancellationToken stop)
    {
        if (!writer.Component(component, caller, Verb.Deploy).TryGet(out _, out var refusal)
            || !Way(request).TryGet(out var way, out refusal))
        {
            return refusal;
        }

        var (from, to) = way;
        if (writer.Find(component, from.Ref)?.Status.Serving is not { } serving || entities.Find(DeliveryKinds.Release, serving) is not { } release)
        {
            return new NothingServes(component, from.Metadata.Name);
        }

        return await deploy.PutAsync(component, to, release, "promote", caller.Actor, stop);
    }

    /// <summary>From where to where; what is not said follows from the promotion order.</summary>
    private Result<(Entity<EnvironmentSpec, EnvironmentStatus> From, Entity<EnvironmentSpec, EnvironmentStatus> To)> Way(PromoteRequest request)
    {
        var all = environments.InOrder();
        if (request.To is null)
        {
            if (!environments.Find(request.From).TryGet(out var start, out var unknown))
            {
                return unknown;
            }

            var next = all.FirstOrDefault(e => e.Spec.Order > start.Spec.Order);
            return next is null ? new NoWay($"{start.Metadata.Name} is the last environment; there is none to promote to.") : (start, next);
        }

        if (!environments.Find(request.To).TryGet(out var to, out var error))
        {
            return error;
        }

        var before = environments.Before(to);
        if (before.Count == 0)
        {
            return new NoWay($"{to.Metadata.Name} is the first environment; releases are deployed there, not promoted.");
        }

        if (request.From is null)
        {
            return (before[0], to);
        }

        if (!environments.Find(request.From).TryGet(out var from, out error))
        {
            return error;
        }

        return before.Any(e => e.Ref == from.Ref)
            ? (from, to)
            : new NoWay($"A release comes to {to.Metadata.Name} from {string.Join(" or ", before.Select(e => e.Metadata.Name))}, not from {from.Metadata.Name}.");
    }
}
