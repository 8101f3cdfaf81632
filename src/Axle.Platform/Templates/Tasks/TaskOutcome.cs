namespace Axle.Platform.Templates.Tasks;

/// <summary>How a run of a task ended.</summary>
/// <param name="Phase">One of the ends, or <see cref="TaskPhases.Waiting"/>.</param>
/// <param name="LookAgain">When it waits: after which time it wants to be run again.</param>
internal sealed record TaskOutcome(string Phase, TimeSpan? LookAgain = null);
