using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Workloads;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Delivery;

/// <summary>Which deployment an engine's id belongs to; learnt as deployments are looked at.</summary>
internal sealed class EngineIds
{
    private readonly ConcurrentDictionary<string, EntityRef> _deployments = new(StringComparer.Ordinal);

    public void Learn(EntityRef deployment) => _deployments[DeliveryKinds.EngineId(deployment)] = deployment;

    public void Forget(EntityRef deployment) => _deployments.TryRemove(DeliveryKinds.EngineId(deployment), out _);

    public EntityRef? Find(string id) => _deployments.TryGetValue(id, out var found) ? found : null;
}

/// <summary>Wakes the deployment's reconciler when the engine saw something.</summary>
internal sealed class EngineWatch(IEngine engine, EngineIds ids, IReconcileQueue queue, TimeProvider clock, ILogger<EngineWatch> log) : EngineListener(engine, clock, log)
{
    protected override void Hear(string id)
    {
        if (ids.Find(id) is { } deployment)
        {
            queue.Wake(deployment);
        }
    }
}
