using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Backups;

/// <summary>The kinds of this folder: copies of data (Backup), copies of servers (BaseBackup), and data on its way back (Restore).</summary>
internal static class BackupKinds
{
    private const int DigestLength = 6;

    public static readonly EntityKind<BackupSpec, BackupStatus> Backup = new(Kinds.AxleApi, Kinds.Backup)
    {
        Internal = true,
        Finalized = true,
        Edges = spec => spec.Owner is { } owner ? [new Relation("ownedBy", owner)] : [],
    };

    public static readonly EntityKind<BaseBackupSpec, BaseBackupStatus> BaseBackup = new(Kinds.AxleApi, Kinds.BaseBackup) { Internal = true, Finalized = true };

    public static readonly EntityKind<RestoreSpec, RestoreStatus> Restore = new(Kinds.AxleApi, Kinds.Restore)
    {
        Internal = true,
        Edges = spec => spec.Owner is { } owner ? [new Relation("ownedBy", owner)] : [],
    };

    /// <summary>The same id for the same thing at the same second, so that asking twice is asking once: <c>20261123-030000-5f1c2a</c>.</summary>
    public static string Id(EntityRef claim, DateTimeOffset at, string trigger = "") =>
        $"{at.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{BoundedName.Digest($"{claim} {trigger}", DigestLength)}";

    /// <summary>An id as a part of the name of a database or role: letters, digits and _ only.</summary>
    public static string Plain(string id) => string.Concat(id.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_'));
}
