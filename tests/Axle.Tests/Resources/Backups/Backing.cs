using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Backups;
using Axle.Tests.Agent;

namespace Axle.Tests.Resources.Backups;

/// <summary>Backups and restores as people ask for them, waited for to their end.</summary>
internal static class Backing
{
    public static Caller Admin { get; } = new() { User = EntityRef.Of(Kinds.User, "admin"), Role = Role.Admin };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A backup that succeeded.</summary>
    public static async Task<Entity<BackupSpec, BackupStatus>> BackUpAsync(this ResourceHouse house, EntityRef claim)
    {
        // Two within a second would be one.
        await Task.Delay(1000 - TimeProvider.System.GetUtcNow().Millisecond, Stop);
        var asked = await house.Get<BackupVerbs>().BackupAsync(claim.Name, Admin, Stop);
        Assert.True(asked.Ok, asked.Error?.Message);
        var which = BackupKinds.Backup.Ref(asked.Value.Id);
        await RealAgent.UntilAsync(() => Task.FromResult(house.Entities.Find(BackupKinds.Backup, which)!.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed), "backed up");
        var backup = house.Entities.Find(BackupKinds.Backup, which)!;
        Assert.True(backup.Status.Phase == BackupPhases.Succeeded, Conditions.Of(backup.Status.Conditions, "Ready")?.Message);
        return backup;
    }

    /// <summary>A new resource that the newest backup was restored to, when its restore has succeeded and it is ready.</summary>
    public static async Task<(EntityRef Claim, Entity<RestoreSpec, RestoreStatus> Restore)> RestoreAsync(this ResourceHouse house, EntityRef claim, string to)
    {
        var begun = await house.Get<BackupVerbs>().RestoreAsync(claim.Name, new RestoreRequest(to), Admin, Stop);
        Assert.True(begun.Ok, begun.Error?.Message);
        var which = BackupKinds.Restore.Ref(begun.Value.Id);
        await RealAgent.UntilAsync(() => Task.FromResult(house.Entities.Find(BackupKinds.Restore, which)!.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed), "restored");
        var restore = house.Entities.Find(BackupKinds.Restore, which)!;
        Assert.True(restore.Status.Phase == BackupPhases.Succeeded, Conditions.Of(restore.Status.Conditions, "Ready")?.Message);
        await house.UntilAsync(restore.Spec.To, now => now.Status.Phase == ResourcePhases.Ready, "ready");
        return (restore.Spec.To, restore);
    }
}
