using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Workloads;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Builds;

/// <summary>Wakes a build when the engine says that its job changed, so that the next step need not wait for the timer.</summary>
internal sealed class BuildWatch(IEngine engine, BuildJobs jobs, IReconcileQueue queue, TimeProvider clock, ILogger<BuildWatch> log) : EngineListener(engine, clock, log)
{
    private const string Job = "job:";

    protected override void Hear(string id)
    {
        if (id.StartsWith(Job, StringComparison.Ordinal) && jobs.BuildOf(id[Job.Length..]) is { } build)
        {
            queue.Wake(build);
        }
    }
}
