namespace Axle.Contracts;

/// <summary>What the catalogue knows of a secret: everything but its value. The spec of a <c>Secret</c>, written by the platform only.</summary>
public sealed record SecretSpec
{
    /// <summary>Where it applies: <c>organisation</c>, <c>team/…</c>, <c>component/…</c>, or <c>own/…</c> for a credential that the platform made.</summary>
    public required string Scope { get; init; }

    /// <summary>The name that workloads use.</summary>
    public required string Name { get; init; }

    /// <summary>The team that it belongs to; null for the organisation's and the platform's own.</summary>
    public EntityRef? Owner { get; init; }

    /// <summary>The component, or the thing whose credential it is.</summary>
    public EntityRef? Of { get; init; }

    /// <summary>The one environment that it is for; null is every.</summary>
    public string? Environment { get; init; }

    /// <summary>The version that workloads are given; 0 when there is none yet.</summary>
    public int Current { get; init; }

    public IReadOnlyList<SecretVersion> Versions { get; init; } = [];

    /// <summary>Teams and components that are given it too.</summary>
    public IReadOnlyList<EntityRef> SharedWith { get; init; } = [];

    /// <summary>Set while it is unset, but can be restored.</summary>
    public DateTimeOffset? RemovedAt { get; init; }
}

/// <summary>One version of a secret.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="State"><c>pending</c>, <c>current</c>, <c>previous</c> or <c>destroyed</c>.</param>
/// <param name="By">Who made it.</param>
/// <param name="Reference">Where its value is fetched from (<c>vault:kv/orders#password</c>); null when Axle holds it.</param>
public sealed record SecretVersion(int Number, string State, DateTimeOffset CreatedAt, string By, string? Reference = null);

/// <summary>One line of a secret's record.</summary>
/// <param name="Verb"><c>set</c>, <c>read</c>, <c>rotate</c>, <c>rollback</c>, <c>unset</c>, <c>restore</c>, <c>share</c>, <c>unshare</c>, <c>link</c>, <c>open</c>, <c>destroy</c>.</param>
public sealed record SecretUse(DateTimeOffset At, string Actor, string Verb, int? Version, string? Detail = null);
