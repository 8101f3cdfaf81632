using Axle.Agent.Jobs;
using Axle.Agent.Workloads;

namespace Axle.Agent.Api;

/// <summary>Ends the processes of everything, as <c>axle down</c> asks for; the wishes stay, so the next start brings all back.</summary>
internal static class Shutdown
{
    public static async Task EndAllAsync(WorkloadSet workloads, JobSet jobs, CancellationToken stop)
    {
        foreach (var id in jobs.Ids)
        {
            await jobs.CancelAsync(id, stop);
        }

        await workloads.SuspendAsync(stop);
    }
}
