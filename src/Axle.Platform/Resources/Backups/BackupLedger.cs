using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>Reads and writes what this folder remembers of a claim: its backups, and who can make them.</summary>
internal sealed class BackupLedger(IEntityStore entities, KnownProvisioners provisioners, IEnumerable<IBackups> drivers)
{
    public const string Actor = "system:backups";

    /// <summary>Who copies resources of a claim's provisioner; null when nobody does.</summary>
    public IBackups? DriverOf(Entity<ResourceClaimSpec, ResourceClaimStatus> claim) =>
        claim.Status.Provisioner is { } name && provisioners.Find(name) is { } spec ? drivers.FirstOrDefault(one => one.Uri == spec.Uri && one.Covers(claim.Spec)) : null;

    /// <summary>A claim as drivers see it; null when it is gone or nobody has made it.</summary>
    public Claim? Find(EntityRef which) =>
        entities.Find(ResourceKinds.Claim, which) is { } claim && claim.Status.Provisioner is { } name && provisioners.Find(name) is { } spec ? new Claim(claim, spec) : null;

    /// <summary>Of a claim, newest first; without the records of exports and imports.</summary>
    public IReadOnlyList<Entity<BackupSpec, BackupStatus>> Of(EntityRef claim) =>
        [.. entities.All(BackupKinds.Backup).Where(backup => backup.Spec.Claim == claim && !BackupTriggers.IsRecord(backup.Spec.Trigger)).OrderByDescending(backup => backup.Spec.RequestedAt)];

    public IEnumerable<Entity<BaseBackupSpec, BaseBackupStatus>> BasesOf(EntityRef server) => entities.All(BackupKinds.BaseBackup).Where(one => one.Spec.Server == server);

    /// <summary>Whether a restore still needs it.</summary>
    public bool InUse(EntityRef backup) =>
        entities.All(BackupKinds.Restore).Any(restore => (restore.Spec.Backup == backup || restore.Status.Base == backup) && restore.Status.Phase is BackupPhases.Pending or BackupPhases.Running);

    /// <summary>Asks for a backup; asking again under the same id changes nothing.</summary>
    public async Task<Result<EntityRef>> AskAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, string id, string trigger, DateTimeOffset at, string by, string message, CancellationToken stop)
    {
        var which = BackupKinds.Backup.Ref(id, claim.Metadata.Namespace);
        if (entities.Find(which) is not null)
        {
            return which;
        }

        var spec = new BackupSpec
        {
            Claim = claim.Ref,
            Owner = claim.Spec.Owner,
            Environment = claim.Spec.Environment,
            Type = claim.Spec.Type,
            Class = claim.Spec.Class,
            Params = claim.Spec.Params,
            RequestedBy = by,
            RequestedAt = at,
            Trigger = trigger,
        };
        var put = await entities.PutAsync(BackupKinds.Backup.Make(which, spec), by, message: message, stop: stop);
        return put.Ok ? which : put.Error!;
    }

    public async Task<TStatus> WriteAsync<TStatus>(EntityRef which, TStatus status, CancellationToken stop)
        where TStatus : class
    {
        (await entities.PutStatusAsync(which, status, Actor, stop: stop)).OrThrow(which);
        return status;
    }
}
