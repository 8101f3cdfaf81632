using Axle.Engines;

namespace Axle.Agent.Jobs;

/// <summary>All that is kept of a job.</summary>
internal sealed record JobRecord(JobSpec Spec, string Run, JobStatus Status)
{
    /// <summary>Asked to end: by whom decides between cancelled and timed out.</summary>
    public string? Ending { get; init; }
}
