using Axle.Contracts;

namespace Axle.Entities;

/// <summary>
/// Moves the world toward what one entity asks. Told only which, never what changed: reads what should be, looks at
/// what is, acts on the difference. Idempotent: killed anywhere, the next run finishes the work. Runs for one key are
/// serial; different keys run side by side.
/// </summary>
public interface IReconciler
{
    /// <summary>Short name, used as the actor <c>system:name</c> and in logs.</summary>
    string Name { get; }

    /// <summary>Kinds whose changes wake it. A change of its own status does not matter: equal results write nothing.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>Kinds whose entities wake it at the start; fewer where the others would only name the same keys again.</summary>
    IReadOnlyList<string> KindsAtStart => Kinds;

    /// <summary>The keys to look at after a change; by default the changed entity itself. Lets a Release wake its Deployments.</summary>
    IEnumerable<EntityRef> KeysFor(Change change) => [change.Ref];

    /// <summary>Every key is looked at again after this time at the latest, changed or not.</summary>
    TimeSpan Resync => TimeSpan.FromMinutes(5);

    /// <summary>One look. An exception means: try again with backoff, and the condition <c>Reconciled=False</c> is logged.</summary>
    Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop);
}

/// <summary>When to look again.</summary>
public readonly record struct Again(TimeSpan? After)
{
    /// <summary>Only after a change or the resync.</summary>
    public static Again Never => new(null);

    public static Again In(TimeSpan after) => new(after);
}

/// <summary>Wakes reconcilers from outside the log: an engine saw something, a push arrived.</summary>
public interface IReconcileQueue
{
    /// <summary>Asks every reconciler of the key's kind to look at it soon. Cheap; many calls collapse into one look.</summary>
    void Wake(EntityRef which);
}
