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

    /// <summary>Where its values are fetched from, as <c>store:path#field</c>; null when people set them.</summary>
    public string? From { get; init; }

    /// <summary>Set while it is unset, but can be restored.</summary>
    public DateTimeOffset? RemovedAt { get; init; }
}

/// <summary>How a secret is that is fetched from another store; of any other there is nothing to observe.</summary>
public sealed record SecretStatus
{
    /// <summary><c>Fetched</c>: whether the store gave its value when it was last asked.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>One version of a secret.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="State"><c>pending</c>, <c>current</c>, <c>previous</c> or <c>destroyed</c>.</param>
/// <param name="By">Who made it.</param>
public sealed record SecretVersion(int Number, string State, DateTimeOffset CreatedAt, string By);

/// <summary>One line of a secret's record.</summary>
/// <param name="Verb"><c>set</c>, <c>read</c>, <c>rotate</c>, <c>rollback</c>, <c>unset</c>, <c>restore</c>, <c>share</c>, <c>unshare</c>, <c>link</c>, <c>open</c>, <c>fetch</c>, <c>store</c>, <c>destroy</c>.</param>
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

    /// <summary>Where its values are fetched from, as <c>store:path#field</c>; null when people set them.</summary>
    public string? From { get; init; }

    /// <summary>Why the value could not be fetched when that was last tried; the one fetched before is used until it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Set while it is unset: until then it can be restored.</summary>
    public DateTimeOffset? RestorableUntil { get; init; }
}

/// <summary>Secrets by scope and name.</summary>
public sealed record SecretList(IReadOnlyList<SecretView> Items);

/// <summary>A secret's new value: given, or to be fetched.</summary>
/// <param name="From">Where it is fetched from, and again and again: <c>store:path#field</c>. Instead of a value.</param>
public sealed record SecretSetRequest(string? Value = null, string? From = null);

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

/// <summary>Adds another store, or changes how it is reached.</summary>
/// <param name="Kind"><c>vault</c> (HashiCorp Vault, OpenBao) or <c>kubernetes</c>.</param>
/// <param name="Address">With https; plain http only to this machine itself.</param>
/// <param name="Token">With which Axle reads there; null keeps the one it has, when address and certificates stay.</param>
/// <param name="Namespace">Of Vault Enterprise or OpenBao.</param>
/// <param name="Ca">Certificates that the store's own must come from, as PEM; null are the machine's.</param>
/// <param name="Allow">Paths that others than administrators may refer to; <c>{team}</c> stands for the name of the team whose secret it is.</param>
public sealed record SecretStoreRequest(string Kind, string Address, string? Token = null, string? Namespace = null, string? Ca = null, IReadOnlyList<string>? Allow = null);

/// <summary>Another store, without its token.</summary>
/// <param name="References">Secrets that are fetched from it.</param>
/// <param name="Problem">Why it could not be used when that was last tried; null when it could, or was not tried yet.</param>
public sealed record SecretStoreView(string Name, string Kind, string Address, string? Namespace, bool OwnCa, IReadOnlyList<string> Allow, int References, string? Problem);

public sealed record SecretStoreList(IReadOnlyList<SecretStoreView> Items);
