using System.Text.Json;
using System.Text.Json.Serialization;

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
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
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

    /// <summary>The last login that a person was given; each one is a row of the history.</summary>
    public ResourceAccess? LastAccess { get; init; }

    /// <summary>Digest of the params for whose sake somebody accepted that data is lost; another change needs another word.</summary>
    public string? LossAcceptedFor { get; init; }

    /// <summary>The restore that fills it when it is new; it is not ready before that is done.</summary>
    public EntityRef? FilledBy { get; init; }

    /// <summary>When it is backed up; null is the platform's default.</summary>
    public BackupPolicy? Backup { get; init; }
}

/// <param name="By">Who asked, or what: <c>system:resources</c> when the last consumer went.</param>
/// <param name="DestroyAt">Until then <c>axle undo</c> brings it back.</param>
public sealed record ResourceRemoval(DateTimeOffset At, string By, DateTimeOffset DestroyAt);

/// <param name="Username">The login that was made for it, and is taken away after <paramref name="Until"/>.</param>
public sealed record ResourceAccess(string By, DateTimeOffset At, DateTimeOffset Until, string Username, bool ReadOnly);

/// <summary>What became of a claim.</summary>
public sealed record ResourceClaimStatus
{
    /// <summary>See <see cref="ResourcePhases"/>.</summary>
    public string Phase { get; init; } = ResourcePhases.Pending;

    public long ObservedGeneration { get; init; }

    /// <summary>Name of the provisioner that made it; stays the same for its life.</summary>
    public string? Provisioner { get; init; }

    /// <summary>The params that it was made with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Params { get; init; }

    /// <summary>Outputs that are no secret.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Names of the outputs that are.</summary>
    public IReadOnlyList<string> SecretOutputs { get; init; } = [];

    /// <summary>What the provisioner remembers; never a secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
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
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
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

/// <summary>What would happen to one resource.</summary>
/// <param name="Action"><c>create</c>, <c>unchanged</c>, <c>change</c>, <c>replace</c>, <c>remove</c> or <c>refused</c>.</param>
/// <param name="Lines">What exactly, a sentence each.</param>
public sealed record ResourcePlan(EntityRef Claim, string Type, string Action, IReadOnlyList<string> Lines, bool LosesData);

/// <summary>A resource as people see it, in one answer.</summary>
public sealed record ResourceView
{
    /// <summary>Name of the claim; what verbs call it by.</summary>
    public required string Name { get; init; }

    public required EntityRef Ref { get; init; }

    public required string Type { get; init; }

    public string Class { get; init; } = "default";

    public required string Environment { get; init; }

    public string? Owner { get; init; }

    public IReadOnlyList<string> Consumers { get; init; } = [];

    public required string Phase { get; init; }

    /// <summary>Why it is so, in a sentence.</summary>
    public string? Message { get; init; }

    public string? Next { get; init; }

    public string? Provisioner { get; init; }

    /// <summary>Outputs that are no secret.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    public ResourceFacts? Facts { get; init; }

    public int CredentialVersion { get; init; }

    public DateTimeOffset? CredentialAt { get; init; }

    public int RotateEveryDays { get; init; }

    public RotationStatus? Rotation { get; init; }

    public ResourceRemoval? Removal { get; init; }
}

/// <summary>Asks for a resource without a workload, which can use it later by its id.</summary>
/// <param name="Id">By which workloads share it: <c>id</c> in score.yaml.</param>
/// <param name="Owner">A group.</param>
public sealed record ResourceRequest(string Type, string Id, string? Environment = null, string? Owner = null, string? Class = null)
{
    /// <summary>An object; what the type understands is in the docs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Params { get; init; }
}

/// <summary>The body of verbs on one resource.</summary>
/// <param name="Force">Although somebody uses it.</param>
/// <param name="With">For share: a group.</param>
/// <param name="Days">For rotate: from now on as often by itself; 0 is never.</param>
/// <param name="AcceptDataLoss">For replace.</param>
/// <param name="Now">For delete: destroyed at once, without undo.</param>
public sealed record ResourceCommand(bool Force = false, string? With = null, int? Days = null, bool AcceptDataLoss = false, bool Now = false, bool? Retain = null);

/// <summary>A login for a person, for a while.</summary>
public sealed record ConnectAnswer(string Host, int Port, string Database, string Username, string Password, string Uri, DateTimeOffset ExpiresAt);

/// <param name="ReadOnly">Sees everything, changes nothing.</param>
public sealed record ConnectRequest(bool ReadOnly = false, int Minutes = 60);

/// <summary>How a database is doing.</summary>
public sealed record DatabaseStats(string Name, string Version, long SizeBytes, int Connections, int ConnectionsMax, double CacheHitRatio, long Commits, long Rollbacks, long Deadlocks, IReadOnlyList<TableStats> Tables, IReadOnlyList<QueryStats> SlowQueries);

public sealed record TableStats(string Name, long Rows, long SizeBytes);

/// <param name="Query">With its values left out.</param>
public sealed record QueryStats(string Query, long Calls, double MeanMs, double TotalMs);

/// <summary>Whose log it is that was asked for by the name of a resource.</summary>
/// <param name="Server">Name of the claim that the server is: the resource itself, one made for it, or one that it shares.</param>
/// <param name="Shared">Others stand on the same server, and the log is of all of them.</param>
/// <param name="Message">The same in a sentence.</param>
public sealed record ServerLog(string Resource, string Server, bool Shared, string Message);

/// <summary>What a deploy would do.</summary>
/// <param name="Serving">The release that serves now; null when nothing does.</param>
public sealed record DeployPlan(EntityRef Component, string Environment, string Release, string? Serving, IReadOnlyList<ResourcePlan> Resources);

/// <summary>A provisioner as people see it.</summary>
/// <param name="Phase"><c>BuiltIn</c>, <c>Untested</c>, <c>Testing</c>, <c>Passed</c> or <c>Failed</c>.</param>
/// <param name="Message">What its contract test said.</param>
public sealed record ProvisionerView(string Name, ProvisionerSpec Spec, string Phase, string? Message);
