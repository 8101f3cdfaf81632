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
public sealed record SecretVersion(int Number, string State, DateTimeOffset CreatedAt, string By);

/// <summary>One line of a secret's record.</summary>
/// <param name="Verb"><c>set</c>, <c>read</c>, <c>rotate</c>, <c>rollback</c>, <c>unset</c>, <c>restore</c>, <c>share</c>, <c>unshare</c>, <c>link</c>, <c>open</c>, <c>destroy</c>.</param>
public sealed record SecretUse(DateTimeOffset At, string Actor, string Verb, int? Version, string? Detail = null);

/// <summary>A secret in a list; never its value.</summary>
/// <param name="Scope">The path, as in <see cref="SecretSpec.Scope"/>.</param>
/// <param name="Of">Whose it is, in words.</param>
/// <param name="Version">The current one; 0 when there is none.</param>
/// <param name="CreatedAt">When that version was made.</param>
/// <param name="By">Who made it.</param>
public sealed record SecretView(string Name, string Scope, string Of, int Version, DateTimeOffset? CreatedAt, string? By)
{
    /// <summary>Whole days since the current version was made.</summary>
    public int AgeDays { get; init; }

    /// <summary>Older than was asked for.</summary>
    public bool Overdue { get; init; }

    public IReadOnlyList<EntityRef> SharedWith { get; init; } = [];

    /// <summary>Set while it is unset: until then it can be restored.</summary>
    public DateTimeOffset? RestorableUntil { get; init; }
}

/// <summary>Secrets by scope and name.</summary>
public sealed record SecretList(IReadOnlyList<SecretView> Items);

/// <summary>A secret's new value.</summary>
public sealed record SecretSetRequest(string? Value = null);

/// <summary>Many secrets at once, as a <c>.env</c> file writes them.</summary>
public sealed record SecretImportRequest(string Text);

/// <summary>Asks for a new value: this one, or a random one of a length.</summary>
public sealed record SecretRotateRequest(string? Value = null, int? Length = null);

/// <summary>Asks to go back to a version; null is the one before.</summary>
public sealed record SecretRollbackRequest(int? To = null);

/// <summary>Whom to give a secret too: a component or a team.</summary>
public sealed record SecretShareRequest(string? Component = null, string? Team = null, string? Namespace = null);

/// <summary>Asks for a link that shows a value once.</summary>
public sealed record SecretLinkRequest(int Minutes = 60);

/// <param name="Url">Shows the value to whoever opens it first, once.</param>
public sealed record SecretLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>A secret's value, in the clear.</summary>
public sealed record SecretReading(string Name, int Version, string Value);

public sealed record SecretVersions(string Name, string Scope, IReadOnlyList<SecretVersion> Items);

public sealed record SecretUses(string Name, string Scope, IReadOnlyList<SecretUse> Items);

/// <param name="Key">Public name of the master key in use.</param>
/// <param name="Keys">How many keys open things; the ones before stay for backups.</param>
/// <param name="Rewrapped">Values that the new key closed anew.</param>
public sealed record SecretKeyRotation(string Key, int Keys, int Rewrapped);
