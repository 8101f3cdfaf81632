namespace Axle.Entities;

/// <summary>Limits of the store; every one has a working default.</summary>
public sealed record EntityStoreOptions
{
    /// <summary>Writes that share one transaction, and so one wait for the disk.</summary>
    public int BatchMax { get; init; } = 512;

    /// <summary>Writes that wait for the writer; further callers wait to get in.</summary>
    public int QueueMax { get; init; } = 10_000;

    /// <summary>Newest changes kept in memory for watchers; slower watchers read the log.</summary>
    public int TailMax { get; init; } = 4096;

    /// <summary>
    /// Changes of status only that keep their content; of older ones the log keeps who, when, which and the digest. Changes
    /// of what was asked for are kept for good.
    /// </summary>
    public int StatusBodiesMax { get; init; } = 100_000;
}
