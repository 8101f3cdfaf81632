using System.Text.Json;

namespace Axle.Contracts;

/// <summary>
/// What workloads asked for: one thing of a type, in one environment. The spec of a <c>ResourceClaim</c>. Two workloads that
/// name the same <see cref="Uid"/> share it.
/// </summary>
public sealed record ResourceClaimSpec
{
    /// <summary><c>type.class#id</c>, as Score identifies resources.</summary>
    public required string Uid { get; init; }

    public required string Type { get; init; }

    public string Class { get; init; } = "default";

    public required EntityRef Environment { get; init; }

    /// <summary>An object; what the workloads gave as <c>params</c>.</summary>
    public JsonElement Params { get; init; }

    /// <summary>The team that it belongs to; null for the platform's own.</summary>
    public EntityRef? Owner { get; init; }

    /// <summary>Components (or claims) that use it.</summary>
    public IReadOnlyList<EntityRef> Consumers { get; init; } = [];

    /// <summary>Other teams whose workloads may use it too.</summary>
    public IReadOnlyList<EntityRef> SharedWith { get; init; } = [];

    /// <summary>Set while it waits to be destroyed; its data is kept until then.</summary>
    public ResourceRemoval? Removal { get; init; }

    /// <summary>Kept without end when its consumers go: only a person removes it.</summary>
    public bool Retain { get; init; }

    /// <summary>A later time than the last rotation's asks for a new one.</summary>
    public DateTimeOffset? RotateAt { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? RotateBy { get; init; }

    /// <summary>Days after which a credential is rotated by itself; 0 is never.</summary>
    public int RotateEveryDays { get; init; } = 30;

    /// <summary>Counts what a person wants tried again, or replaced although data is lost; a change makes it look again.</summary>
    public int Attempt { get; init; }
}

/// <param name="By">Who asked, or what: <c>system:resources</c> when the last consumer went.</param>
/// <param name="DestroyAt">Until then <c>axle undo</c> brings it back.</param>
public sealed record ResourceRemoval(DateTimeOffset At, string By, DateTimeOffset DestroyAt);

/// <summary>What became of a claim.</summary>
public sealed record ResourceClaimStatus
{
    /// <summary>See <see cref="ResourcePhases"/>.</summary>
    public string Phase { get; init; } = ResourcePhases.Pending;

    public long ObservedGeneration { get; init; }

    /// <summary>Name of the provisioner that made it; stays the same for its life.</summary>
    public string? Provisioner { get; init; }

    /// <summary>The params that it was made with.</summary>
    public JsonElement Params { get; init; }

    /// <summary>Outputs that are no secret.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Names of the outputs that are.</summary>
    public IReadOnlyList<string> SecretOutputs { get; init; } = [];

    /// <summary>What the provisioner remembers; never a secret.</summary>
    public JsonElement State { get; init; }

    /// <summary>The version of its credential that consumers are given; 0 when it has none.</summary>
    public int CredentialVersion { get; init; }

    /// <summary>When that version became the current one.</summary>
    public DateTimeOffset? CredentialAt { get; init; }

    /// <summary>The rotation under way, or the last one.</summary>
    public RotationStatus? Rotation { get; init; }

    public ResourceFacts? Facts { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <param name="Version">Of the program that provides it.</param>
/// <param name="Connections">Open ones.</param>
/// <param name="CostClass"><c>shared</c> (a part of a server) or <c>dedicated</c> (a server of its own), or what a provisioner says.</param>
public sealed record ResourceFacts(string? Version = null, long? SizeBytes = null, int? Connections = null, string? CostClass = null, DateTimeOffset? SeenAt = null);

/// <summary>One change of a credential, end to end.</summary>
/// <param name="State">See <see cref="RotationStates"/>; written down before the next step acts.</param>
/// <param name="Version">The version it brings.</param>
/// <param name="By">Who asked, or <c>system:rotation</c> by schedule.</param>
/// <param name="Message">What it waits for, in a sentence.</param>
/// <param name="RevokedAt">When the old login was refused.</param>
public sealed record RotationStatus(string State, int Version, string By, DateTimeOffset StartedAt, DateTimeOffset At, string? Message = null, DateTimeOffset? RevokedAt = null);

/// <summary>The states of a rotation, in their order.</summary>
public static class RotationStates
{
    public const string Requested = "Requested";

    /// <summary>The new version is kept; nothing else knows it.</summary>
    public const string Generated = "Generated";

    /// <summary>The idle login has the new password.</summary>
    public const string Applied = "Applied";

    /// <summary>It was used for a real login.</summary>
    public const string Tested = "Tested";

    /// <summary>It is the current version; consumers are being rolled.</summary>
    public const string Published = "Published";

    /// <summary>Every consumer runs on it, and nobody is logged in with the old one.</summary>
    public const string Verified = "Verified";

    /// <summary>The old login is refused.</summary>
    public const string Revoked = "Revoked";
    public const string Done = "Done";
}

public static class ResourcePhases
{
    public const string Pending = "Pending";
    public const string Provisioning = "Provisioning";
    public const string Ready = "Ready";

    /// <summary>Cannot be made, or is broken; the condition says why.</summary>
    public const string Failed = "Failed";

    /// <summary>Nobody can use it any more; its data is kept until the removal's time.</summary>
    public const string Removed = "Removed";
}

/// <summary>How resources of a type are made. The spec of a <c>Provisioner</c>; the same fields as Score's provisioner files.</summary>
public sealed record ProvisionerSpec
{
    /// <summary><c>axle://postgres</c> (built in), <c>template://name</c>, <c>cmd://program</c>, <c>terraform://folder</c> or <c>external://type</c>.</summary>
    public required string Uri { get; init; }

    public required string Type { get; init; }

    /// <summary>Only resources of this class; null is any.</summary>
    public string? Class { get; init; }

    /// <summary>Only the resource with this id; null is any.</summary>
    public string? Id { get; init; }

    /// <summary>Only in this environment (its name); null is any.</summary>
    public string? Environment { get; init; }

    public string? Description { get; init; }

    /// <summary>Names of the params that it understands; empty is any.</summary>
    public IReadOnlyList<string> SupportedParams { get; init; } = [];

    /// <summary>Names of the outputs that it gives.</summary>
    public IReadOnlyList<string> ExpectedOutputs { get; init; } = [];

    /// <summary>Which of them are secret; those whose names say so are too.</summary>
    public IReadOnlyList<string> SecretOutputs { get; init; } = [];

    /// <summary>The rest of the file, as the scheme of <see cref="Uri"/> reads it: templates, arguments, module, address of an existing server.</summary>
    public JsonElement Config { get; init; }
}

/// <summary>How the contract test of a provisioner went.</summary>
public sealed record ProvisionerStatus
{
    /// <summary><c>Untested</c>, <c>Testing</c>, <c>Passed</c> or <c>Failed</c>; built-in ones are <c>BuiltIn</c>.</summary>
    public string Phase { get; init; } = "Untested";

    public long ObservedGeneration { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}
