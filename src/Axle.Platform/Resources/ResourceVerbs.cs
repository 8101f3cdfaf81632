using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>Everything that a person asks of one resource. Only the wish is written; <see cref="ClaimReconciler"/> makes it so.</summary>
internal sealed class ResourceVerbs(ClaimNames names, ClaimWriter writer, KnownProvisioners provisioners, IEnvironments environments, IEntityStore entities, TimeProvider clock)
{
    /// <summary>Asks for a resource that no workload uses yet.</summary>
    public async Task<Result<ResourceView>> CreateAsync(ResourceRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Is it asked for rightly, and by whom?
        if (!environments.Find(request.Environment).TryGet(out var environment, out var error))
        {
            return error;
        }

        var @class = request.Class ?? ScoreResource.DefaultClass;
        if (!provisioners.Choose(request.Type, @class, request.Id, environment.Metadata.Name).TryGet(out _, out error))
        {
            return error;
        }

        if (!ScoreResource.IsId(request.Id))
        {
            return new Error("resources.id", $"'{Field.Shorten(request.Id)}' cannot be the id of a resource: use letters, digits and -, beginning and ending with a letter or digit.", null, 422);
        }

        if (!Owner(request.Owner, caller).TryGet(out var owner, out error))
        {
            return error;
        }

        // 2. One of this id is one, however often it is asked for.
        var uid = $"{request.Type}.{@class}#{request.Id}";
        var which = ResourceKinds.ClaimRef(new ResourceNeed(uid, request.Type, @class, "", "", request.Params), environment.Ref, EntityRef.DefaultNamespace);
        if (entities.Find(ResourceKinds.Claim, which) is { Spec.Removal: null } present && present.Spec.Owner != owner)
        {
            return new NotShared(uid, present.Spec.Owner ?? owner, which);
        }

        var written = await writer.ChangeAsync(
            which,
            now => (now ?? new ResourceClaimSpec { Uid = uid, Type = request.Type, Class = @class, Environment = environment.Ref, Owner = owner, Params = request.Params }) with { Removal = null },
            "created",
            caller.Actor,
            stop);
        return View(written);
    }

    /// <summary>Changes its credential now, and from now on as often as asked.</summary>
    public Task<Result<ResourceView>> RotateAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) => ChangeAsync(name, caller, "rotate its credential", claim =>
    {
        if (provisioners.DriverOf(claim.Status.Provisioner) is not ILoginDriver)
        {
            return new NoLogin(claim.Ref);
        }

        if (claim.Status.Rotation is { State: not RotationStates.Done } running)
        {
            return new RotationUnderWay(claim.Ref, running.State);
        }

        return command.Days is { } days && !ResourceKinds.IsInterval(days)
            ? new Error("resources.interval", $"{days} days is no interval.", "Give 0 (never) to 3650.", 422)
            : claim.Spec with { RotateAt = clock.GetUtcNow(), RotateBy = caller.Actor, RotateEveryDays = command.Days ?? claim.Spec.RotateEveryDays };
    }, stop);

    /// <summary>Switches it off and destroys it after a while, or now.</summary>
    public Task<Result<ResourceView>> DeleteAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) => ChangeAsync(name, caller, command.Now ? "delete it for good" : "delete it", claim =>
    {
        var now = clock.GetUtcNow();
        return claim.Spec.Consumers.Count > 0 && !command.Force
            ? new StillUsed(claim.Ref, claim.Spec.Consumers)
            : claim.Spec with { Removal = new ResourceRemoval(now, caller.Actor, command.Now ? now : claim.Spec.Removal?.DestroyAt ?? now + Claims.KeptFor) };
    }, stop);

    /// <summary>Brings back what was removed; without a name, the caller's latest.</summary>
    public async Task<Result<ResourceView>> UndoAsync(string? name, Caller caller, CancellationToken stop)
    {
        if (name is null)
        {
            var latest = entities.All(ResourceKinds.Claim)
                .Where(claim => claim.Spec.Removal is not null && caller.Refuse(Verb.ManageResources, claim.Raw) is null)
                .MaxBy(claim => claim.Spec.Removal!.At);
            if (latest is null)
            {
                return new NothingRemoved(null);
            }

            name = latest.Metadata.Name;
        }

        return await ChangeAsync(name, caller, "undo its removal", claim => claim.Spec.Removal is null ? new NothingRemoved(name) : claim.Spec with { Removal = null }, stop);
    }

    /// <summary>Lets another team's workloads use it.</summary>
    public Task<Result<ResourceView>> ShareAsync(string name, ResourceCommand command, bool shared, Caller caller, CancellationToken stop) => ChangeAsync(name, caller, shared ? $"share it with {command.With}" : $"unshare it from {command.With}", claim =>
    {
        if (!EntityRef.TryParse(command.With, Kinds.Group, EntityRef.DefaultNamespace, out var group) || entities.Find(group) is null)
        {
            return new Error("resources.group", $"There is no group '{command.With}'.", "axle get group", 404);
        }

        return claim.Spec with { SharedWith = shared ? [.. claim.Spec.SharedWith.Append(group).Distinct()] : [.. claim.Spec.SharedWith.Where(other => other != group)] };
    }, stop);

    /// <summary>Kept although nobody uses it any more, or not.</summary>
    public Task<Result<ResourceView>> RetainAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) =>
        ChangeAsync(name, caller, command.Retain == false ? "no longer retain it" : "retain it", claim => claim.Spec with { Retain = command.Retain ?? true }, stop);

    /// <summary>Accepts that it is made anew and its data lost, for the change that is asked for now.</summary>
    public Task<Result<ResourceView>> ReplaceAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) => ChangeAsync(name, caller, "replace it, and lose its data", claim =>
        command.AcceptDataLoss
            ? claim.Spec with { LossAcceptedFor = ClaimReconciler.DigestOf(claim.Spec.Params) }
            : new WouldLoseData(claim.Ref, ["nothing was changed"]), stop);

    private async Task<Result<ResourceView>> ChangeAsync(string name, Caller caller, string message, Func<Entity<ResourceClaimSpec, ResourceClaimStatus>, Result<ResourceClaimSpec>> change, CancellationToken stop)
    {
        if (!names.Find(name).TryGet(out var found, out var error))
        {
            return error;
        }

        if (caller.Refuse(Verb.ManageResources, found.Raw) is { } refusal)
        {
            return refusal;
        }

        return View(await writer.ChangeAsync(found.Ref, _ => entities.Find(ResourceKinds.Claim, found.Ref) is { } now ? change(now) : new ClaimUnknown(name, []), message, caller.Actor, stop));
    }

    private Result<EntityRef> Owner(string? asked, Caller caller)
    {
        if (string.IsNullOrEmpty(asked))
        {
            return caller.Groups is [var only] ? only : new Error("resources.owner", $"It needs an owner: {(caller.Groups.Count == 0 ? "you are in no group" : $"you are in {string.Join(", ", caller.Groups.Select(group => group.Name))}")}.", "Name one with --owner.", 422);
        }

        if (!EntityRef.TryParse(asked, Kinds.Group, EntityRef.DefaultNamespace, out var owner) || entities.Find(owner) is null)
        {
            return new Error("resources.owner", $"There is no group '{asked}'.", "axle get group", 404);
        }

        return caller.Role == Role.Admin || caller.Groups.Contains(owner)
            ? owner
            : new Error("resources.not_member", $"You are not in {owner.Short}, so you cannot make things that belong to it.", $"axle describe {owner.Short}", 403);
    }

    private static Result<ResourceView> View(Result<Entity> written) => written.TryGet(out var entity, out var error) ? ResourceViews.Of(ResourceKinds.Claim.Read(entity)) : error;
}
