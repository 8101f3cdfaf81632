using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Backups.Postgres;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Backups;

/// <summary>Everything that a person asks of backups, but for streams. Only the wish is written; reconcilers make it so.</summary>
internal sealed class BackupVerbs(ClaimNames names, ClaimWriter writer, BackupLedger ledger, PgWindow window, IEnvironments environments, IEntityStore entities, TimeProvider clock)
{
    public async Task<Result<BackupView>> BackupAsync(string name, Caller caller, CancellationToken stop)
    {
        if (!Mine(name, caller).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (claim.Status.Phase != ResourcePhases.Ready || claim.Spec.Removal is not null)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        var now = clock.GetUtcNow();
        return (await ledger.AskAsync(claim, BackupKinds.Id(claim.Ref, now, BackupTriggers.Manual), BackupTriggers.Manual, now, caller.Actor, "asked for", stop)).TryGet(out var which, out error)
            ? BackupViews.Of(entities.Find(BackupKinds.Backup, which)!)
            : error;
    }

    /// <summary>When it is backed up from now on.</summary>
    public async Task<Result<BackupPolicy>> PolicyAsync(string name, BackupPolicy policy, Caller caller, CancellationToken stop)
    {
        if (!Mine(name, caller).TryGet(out var claim, out var error) || (error = BackupTimes.Wrong(policy)) is not null)
        {
            return error;
        }

        var written = await writer.ChangeAsync(
            claim.Ref,
            now => now is null ? new ClaimUnknown(name, []) : now with { Backup = policy == new BackupPolicy() ? null : policy },
            "change when it is backed up",
            caller.Actor,
            stop);
        return written.Ok ? policy : written.Error!;
    }

    /// <summary>Brings data back into a new resource of the same environment and owner.</summary>
    public async Task<Result<RestoreView>> RestoreAsync(string name, RestoreRequest request, Caller caller, CancellationToken stop)
    {
        // 1. From what? The resource may be gone; its backups and their owner are known.
        if (!Source(name, request, caller).TryGet(out var source, out var error))
        {
            return error;
        }

        if (string.IsNullOrEmpty(request.To))
        {
            return new NotInPlace(source.Claim);
        }

        if (request.At is { } at)
        {
            if (request.Backup is not null)
            {
                return new Error("resources.restore_which", "Name a backup or a moment, not both.", null, 422);
            }

            if (source.Type != BackupViews.PostgresType)
            {
                return new NoMoments(source.Claim, source.Type);
            }

            var possible = ledger.Find(source.Claim) is { } claim ? await window.OfAsync(claim, stop) : null;
            if (possible is null || at < possible.Oldest || at > possible.Newest)
            {
                return new OutsideWindow(source.Claim, at, possible);
            }
        }
        else if (source.Backup is null)
        {
            return new BackupUnknown(source.Claim.Name, null);
        }

        // 2. To where?
        return Target(source, request.To, source.Environment).TryGet(out var target, out error)
            ? await BeginAsync(source, target, request.At is null ? source.Backup : null, request.At, [], caller, stop)
            : error;
    }

    /// <summary>Copies it as it is now, for another environment or under another name, masked if rules are given.</summary>
    public async Task<Result<RestoreView>> CloneAsync(string name, CloneRequest request, Caller caller, CancellationToken stop)
    {
        if (!Mine(name, caller).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (claim.Status.Phase != ResourcePhases.Ready)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        if (request.Environment is null && string.IsNullOrEmpty(request.To))
        {
            return new Error("resources.clone_target", $"Where should the copy of {claim.Metadata.Name} be?", "Give another environment (--to-env) or a new id (--to).", 422);
        }

        IReadOnlyList<MaskRule> mask = [];
        if (request.Mask is not null && !MaskFile.Read(request.Mask).TryGet(out mask!, out error))
        {
            return error;
        }

        if (mask.Count > 0 && claim.Spec.Type != BackupViews.PostgresType)
        {
            return new NoMasking(claim.Ref, claim.Spec.Type);
        }

        if (!environments.Find(request.Environment ?? claim.Spec.Environment.Name).TryGet(out var environment, out error))
        {
            return error;
        }

        var source = Of(claim, backup: null);
        return Target(source, request.To, environment.Ref).TryGet(out var target, out error)
            ? await BeginAsync(source, target, null, null, mask, caller, stop)
            : error;
    }

    /// <summary>A claim that the caller manages, and that can be backed up.</summary>
    internal Result<Entity<ResourceClaimSpec, ResourceClaimStatus>> Mine(string name, Caller caller, Verb? verb = null) =>
        !names.Find(name).TryGet(out var claim, out var error) ? error
        : caller.Refuse(verb ?? Verb.ManageResources, claim.Raw) is { } refusal ? refusal
        : ledger.DriverOf(claim) is null ? NoBackups.Of(claim)
        : claim;

    private sealed record From(EntityRef Claim, EntityRef? Owner, EntityRef Environment, string Type, string Class, System.Text.Json.JsonElement Params, EntityRef? Backup);

    private sealed record To(EntityRef Claim, string Uid, EntityRef Environment);

    private static From Of(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, EntityRef? backup) =>
        new(claim.Ref, claim.Spec.Owner, claim.Spec.Environment, claim.Spec.Type, claim.Spec.Class, claim.Spec.Params, backup);

    private Result<From> Source(string name, RestoreRequest request, Caller caller)
    {
        var known = names.Find(name).TryGet(out var claim, out var error);
        if (known && caller.Refuse(Verb.ManageResources, claim!.Raw) is { } refusal)
        {
            return refusal;
        }

        if (known && ledger.DriverOf(claim!) is null)
        {
            return NoBackups.Of(claim!);
        }

        var backups = known
            ? ledger.Of(claim!.Ref)
            : [.. entities.All(BackupKinds.Backup).Where(one => one.Spec.Claim.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && !BackupTriggers.IsRecord(one.Spec.Trigger)).OrderByDescending(one => one.Spec.RequestedAt)];
        if (!known && backups.Count == 0)
        {
            return error!;
        }

        var chosen = request.Backup is null ? backups.FirstOrDefault(one => one.Status.Phase == BackupPhases.Succeeded) : backups.FirstOrDefault(one => one.Metadata.Name == request.Backup);
        if (chosen is not null && caller.Refuse(Verb.ManageResources, chosen.Raw) is { } notTheirs)
        {
            return notTheirs;
        }

        if (request.Backup is not null && chosen is null)
        {
            return new BackupUnknown(name, request.Backup);
        }

        if (chosen is not null && request.Backup is not null && chosen.Status.Phase != BackupPhases.Succeeded)
        {
            return new BackupUnfinished(chosen.Metadata.Name, chosen.Status.Phase);
        }

        return known ? Of(claim!, chosen?.Ref)
            : chosen is null ? new BackupUnknown(name, null)
            : new From(chosen.Spec.Claim, chosen.Spec.Owner, chosen.Spec.Environment, chosen.Spec.Type, chosen.Spec.Class, chosen.Spec.Params, chosen.Ref);
    }

    /// <summary>The new claim: of a new id, or of the same one in another environment.</summary>
    private Result<To> Target(From source, string? id, EntityRef environment)
    {
        To target;
        if (string.IsNullOrEmpty(id))
        {
            var claim = entities.Find(ResourceKinds.Claim, source.Claim)!;
            var same = claim.Spec.Uid[(claim.Spec.Uid.IndexOf('#', StringComparison.Ordinal) + 1)..];
            var own = claim.Metadata.Name == BoundedName.Of($"{same}.{source.Environment.Name}", ResourceKinds.NameMax);
            var dot = same.IndexOf('.', StringComparison.Ordinal);
            var need = own && dot > 0
                ? new ResourceNeed(claim.Spec.Uid, source.Type, source.Class, same[..dot], same[(dot + 1)..], source.Params)
                : new ResourceNeed(claim.Spec.Uid, source.Type, source.Class, "", "", source.Params);
            target = new To(ResourceKinds.ClaimRef(need, environment, source.Claim.Namespace), claim.Spec.Uid, environment);
        }
        else if (ScoreResource.IsId(id))
        {
            var uid = $"{source.Type}.{source.Class}#{id}";
            target = new To(ResourceKinds.ClaimRef(new ResourceNeed(uid, source.Type, source.Class, "", "", source.Params), environment, EntityRef.DefaultNamespace), uid, environment);
        }
        else
        {
            return new Error("resources.id", $"'{SafePath.Shown(id)}' cannot be the id of a resource: use letters, digits and -, beginning and ending with a letter or digit.", null, 422);
        }

        return target.Claim == source.Claim ? new NotInPlace(source.Claim)
            : entities.Find(target.Claim) is not null ? new TargetExists(target.Claim)
            : target;
    }

    private async Task<Result<RestoreView>> BeginAsync(From source, To target, EntityRef? backup, DateTimeOffset? at, IReadOnlyList<MaskRule> mask, Caller caller, CancellationToken stop)
    {
        // The claim first, for only one can make it; it waits for the restore, which is written next.
        var now = clock.GetUtcNow();
        var which = BackupKinds.Restore.Ref(BackupKinds.Id(target.Claim, now, "restore"), target.Claim.Namespace);
        var spec = new ResourceClaimSpec
        {
            Uid = target.Uid,
            Type = source.Type,
            Class = source.Class,
            Environment = target.Environment,
            Params = source.Params,
            Owner = source.Owner,
            FilledBy = which,
        };
        var claimed = await entities.PutAsync(ResourceKinds.Claim.Make(target.Claim, spec), caller.Actor, expected: 0, $"to be filled from {source.Claim.Name}", stop);
        if (!claimed.Ok)
        {
            return claimed.Error!.Code == "entities.conflict" ? new TargetExists(target.Claim) : claimed.Error;
        }

        var restore = new RestoreSpec { From = source.Claim, To = target.Claim, Owner = source.Owner, Backup = backup, At = at, Mask = mask, RequestedBy = caller.Actor, RequestedAt = now };
        var written = await entities.PutAsync(BackupKinds.Restore.Make(which, restore), caller.Actor, message: $"{source.Claim.Name} into {target.Claim.Name}", stop: stop);
        if (written.TryGet(out var entity, out var error))
        {
            return BackupViews.Of(BackupKinds.Restore.Read(entity));
        }

        await entities.DeleteAsync(target.Claim, caller.Actor, force: true, stop: stop);
        return error;
    }
}
