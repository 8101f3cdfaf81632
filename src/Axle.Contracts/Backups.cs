using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axle.Contracts;

/// <summary>When a resource is backed up by itself, and how many backups are kept.</summary>
/// <param name="Schedule">Five-field cron in UTC; null is once a night at a time of the resource's own, empty is never.</param>
/// <param name="Keep">The newest of each trigger that are kept; 0 is the platform's default. The last proved one stays always.</param>
public sealed record BackupPolicy(string? Schedule = null, int Keep = 0)
{
    public const int KeepDefault = 7;
}

/// <summary>One copy of a resource's data at one moment. The spec of a <c>Backup</c>.</summary>
public sealed record BackupSpec
{
    public required EntityRef Claim { get; init; }

    /// <summary>The team that the data belongs to, also when the claim is gone.</summary>
    public EntityRef? Owner { get; init; }

    public required EntityRef Environment { get; init; }

    public required string Type { get; init; }

    public string Class { get; init; } = "default";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Params { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>See <see cref="BackupTriggers"/>.</summary>
    public required string Trigger { get; init; }
}

public static class BackupTriggers
{
    public const string Schedule = "schedule";
    public const string Manual = "manual";

    /// <summary>Made for a copy of the resource, and removed with it.</summary>
    public const string Clone = "clone";

    /// <summary>No copy: the record that somebody took the data out while it streams.</summary>
    public const string Export = "export";

    /// <summary>Likewise, that somebody brings data in.</summary>
    public const string Import = "import";

    public static bool IsRecord(string trigger) => trigger is Export or Import;
}

/// <summary>What became of a backup.</summary>
public sealed record BackupStatus
{
    /// <summary>See <see cref="BackupPhases"/>.</summary>
    public string Phase { get; init; } = BackupPhases.Pending;

    public int Attempts { get; init; }

    /// <summary>After a failure: not tried again before.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The moment whose data it holds.</summary>
    public DateTimeOffset? SnapshotAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>Of the file; checked before it is used.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Of the list of tables with their rows and sums, taken in the dump's own snapshot.</summary>
    public string? Checksum { get; init; }

    /// <summary>That it was restored and found equal; null until then.</summary>
    public BackupProof? Proof { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>A restore into a scratch database that gave the same tables, rows and sums.</summary>
/// <param name="CountedOnly">Tables so big that only their rows were counted.</param>
public sealed record BackupProof(DateTimeOffset RestoredAt, int Tables, long Rows, string Checksum, double Seconds, int CountedOnly = 0);

public static class BackupPhases
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
}

/// <summary>A physical copy of a whole server, from which its archived log leads to any later moment. The spec of a <c>BaseBackup</c>.</summary>
/// <param name="ServerUid">Of the claim: another server under the same name has another history.</param>
public sealed record BaseBackupSpec(EntityRef Server, string ServerUid, DateTimeOffset RequestedAt);

public sealed record BaseBackupStatus
{
    /// <summary>See <see cref="BackupPhases"/>.</summary>
    public string Phase { get; init; } = BackupPhases.Pending;

    public int Attempts { get; init; }

    /// <summary>After a failure: not tried again before.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>From here on every moment can be restored.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>Name of the first file of the log that it needs.</summary>
    public string? WalFrom { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>Data on its way into a new resource. The spec of a <c>Restore</c>.</summary>
public sealed record RestoreSpec
{
    public required EntityRef From { get; init; }

    /// <summary>The new claim, which is not ready before its data is there.</summary>
    public required EntityRef To { get; init; }

    public EntityRef? Owner { get; init; }

    /// <summary>A backup; null with <see cref="At"/>, or to copy it as it is now.</summary>
    public EntityRef? Backup { get; init; }

    /// <summary>The moment to go back to.</summary>
    public DateTimeOffset? At { get; init; }

    public IReadOnlyList<MaskRule> Mask { get; init; } = [];

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }
}

/// <param name="Table"><c>customers</c>, or <c>schema.customers</c>.</param>
/// <param name="Rule"><c>null</c>, <c>fixed</c>, <c>hash</c>, <c>email</c>, <c>name</c> or <c>shuffle</c>.</param>
/// <param name="Value">For <c>fixed</c>.</param>
public sealed record MaskRule(string Table, string Column, string Rule, string? Value = null);

public sealed record RestoreStatus
{
    /// <summary>See <see cref="BackupPhases"/>.</summary>
    public string Phase { get; init; } = BackupPhases.Pending;

    /// <summary>See <see cref="RestoreSteps"/>; written down before the next one acts.</summary>
    public string Step { get; init; } = RestoreSteps.Waiting;

    public int Attempts { get; init; }

    /// <summary>After a failure: not tried again before.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>For a moment: the physical copy that it starts from, and the port of the scratch server.</summary>
    public EntityRef? Base { get; init; }

    public int? Port { get; init; }

    /// <summary>Name of the last file of the log that must be in the archive first.</summary>
    public string? WalUpTo { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int Tables { get; init; }

    public long Rows { get; init; }

    /// <summary>Of what was restored, before masking; equal to the source's.</summary>
    public string? Checksum { get; init; }

    /// <summary>Values that masking replaced.</summary>
    public long Masked { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>The steps of a restore, in their order.</summary>
public static class RestoreSteps
{
    public const string Waiting = "Waiting";

    /// <summary>A copy of the source is made.</summary>
    public const string Copying = "Copying";

    /// <summary>A scratch server goes back to the moment.</summary>
    public const string Recovering = "Recovering";

    /// <summary>The new database is filled, compared and masked.</summary>
    public const string Filling = "Filling";

    /// <summary>It is complete and takes its name.</summary>
    public const string Filled = "Filled";
    public const string Done = "Done";
}

/// <summary>A backup as people see it.</summary>
public sealed record BackupView
{
    public required string Id { get; init; }

    public required string Claim { get; init; }

    public required string Trigger { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required BackupStatus Status { get; init; }

    /// <summary>What the proof's tables are: <c>tables</c>, <c>files</c> of a volume, <c>databases</c> of a Redis.</summary>
    public string Things { get; init; } = "tables";

    /// <summary>What the proof's rows are: <c>rows</c>, <c>bytes</c>, <c>keys</c>.</summary>
    public string Units { get; init; } = "rows";

    /// <summary>Why it is so, in a sentence.</summary>
    public string? Message { get; init; }

    public string? Next { get; init; }
}

/// <summary>All that can be restored of one resource.</summary>
public sealed record BackupsView
{
    public required string Claim { get; init; }

    public required BackupPolicy Policy { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The moments that can be restored; null while there is no physical copy of its server yet.</summary>
    public RestoreWindow? Window { get; init; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BackupView> Backups { get; init; } = [];
}

/// <param name="Newest">The newest moment that can be asked for; now, while the server runs.</param>
/// <param name="Archived">What is in the archive already, so that it can be restored although the server is lost.</param>
public sealed record RestoreWindow(DateTimeOffset Oldest, DateTimeOffset Newest, DateTimeOffset? Archived);

/// <param name="Backup">Id; null is the newest, unless <paramref name="At"/> is given.</param>
/// <param name="To">Id of the new resource.</param>
public sealed record RestoreRequest(string? To = null, string? Backup = null, DateTimeOffset? At = null);

/// <param name="Environment">Null is the same one.</param>
/// <param name="To">Id of the new resource; null is the same name in the other environment.</param>
/// <param name="Mask">YAML: table, column, rule.</param>
public sealed record CloneRequest(string? Environment = null, string? To = null, string? Mask = null);

/// <summary>A restore as people see it.</summary>
public sealed record RestoreView
{
    public required string Id { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public string? Backup { get; init; }

    public DateTimeOffset? At { get; init; }

    public required RestoreStatus Status { get; init; }

    public string? Message { get; init; }

    public string? Next { get; init; }
}

/// <param name="Bytes">Read.</param>
public sealed record ImportedAnswer(string Claim, long Bytes, string Format, double Seconds);
