using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Workloads;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Resources.Servers;

/// <summary>Wakes the claim of a server when the engine saw something of it: it became ready, or it crashed.</summary>
internal sealed class ServerWatch(IEngine engine, IEntityStore entities, EnsuredClaims ensured, IReconcileQueue queue, TimeProvider clock, ILogger<ServerWatch> log) : EngineListener(engine, clock, log)
{
    protected override void Hear(string id)
    {
        if (id.StartsWith(ServerWorkloads.Prefix, StringComparison.Ordinal) && ClaimOf(id) is { } claim)
        {
            ensured.Forget(claim);
            queue.Wake(claim);
        }
    }

    private EntityRef? ClaimOf(string id) => entities.All(ResourceKinds.Claim).Where(claim => ServerWorkloads.Id(claim.Ref) == id).Select(claim => (EntityRef?)claim.Ref).FirstOrDefault();
}
