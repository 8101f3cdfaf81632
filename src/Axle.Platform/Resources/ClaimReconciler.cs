using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Rotation;
using Axle.Platform.Secrets;
using Axle.Platform.Workloads;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Resources;

/// <summary>
/// Moves one resource toward what its claim asks: made, kept right, its credential rotated, switched off when it is removed,
/// destroyed when its time is up. Each step is written down before the next one acts.
/// </summary>
internal sealed partial class ClaimReconciler(
    IEntityStore entities,
    KnownProvisioners provisioners,
    ISecrets secrets,
    Rotating rotating,
    CatalogueEntry catalogue,
    EnsuredClaims ensured,
    TimeProvider clock,
    ILogger<ClaimReconciler> log) : IReconciler
{
    private const string Ready = "Ready";
    private const int DigestLength = 16;

    /// <summary>How often a driver that waits is asked again; what it waits for usually takes less than a second.</summary>
    private static readonly TimeSpan s_waiting = TimeSpan.FromMilliseconds(100);

    /// <summary>What people must change is looked at again now and then, in case somebody did.</summary>
    private static readonly TimeSpan s_refused = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_engineAway = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_factsAge = TimeSpan.FromMinutes(1);

    public string Name => "resources";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.ResourceClaim, Contracts.Kinds.Deployment, Contracts.Kinds.Provisioner];

    /// <summary>Drift is looked for as often.</summary>
    public TimeSpan Resync => TimeSpan.FromMinutes(2);

    /// <summary>A rotation waits for its consumers' deployments; a claim that nobody provided waits for provisioners.</summary>
    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind switch
    {
        "deployment" => rotating.WaitingFor(change),
        "provisioner" => entities.All(ResourceKinds.Claim).Where(claim => claim.Status.Phase is not ResourcePhases.Ready).Select(claim => claim.Ref),
        _ => [change.Ref],
    };

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(ResourceKinds.Claim, which) is not { } claim)
        {
            return Again.Never;
        }

        try
        {
            if (secrets.Sealed is { } sealedBecause)
            {
                return await RefusedAsync(claim, sealedBecause, stop);
            }

            // Deleted by an administrator, rather than removed: that means now.
            var at = claim.Metadata.DeletedAt;
            return (at is null ? claim.Spec.Removal : new ResourceRemoval(at.Value, "an administrator", at.Value)) is { } removal ? await RemoveAsync(claim, removal, stop) : await ConvergeAsync(which, claim, stop);
        }
        catch (ResourceInUseException e)
        {
            return await RefusedAsync(claim, new InUse(which, e.Message), stop);
        }
        catch (EngineUnavailableException e)
        {
            LogUnavailable(log, e, which);
            return Again.In(s_engineAway);
        }
    }

    private async Task<Again> ConvergeAsync(EntityRef which, Entity<ResourceClaimSpec, ResourceClaimStatus> claim, CancellationToken stop)
    {
        // 1. Who makes it. Once chosen, the same one for its life: another one could not know what the first made.
        if (!Choose(claim).TryGet(out var chosen, out var error) || Driver(chosen, out error) is not { } driver)
        {
            return await RefusedAsync(claim, error!, stop);
        }

        if (claim.Status.Provisioner is null)
        {
            claim = await WriteAsync(claim, claim.Status with { Provisioner = chosen.Name, Phase = ResourcePhases.Provisioning, Conditions = Said(claim, Conditions.False, "Provisioning", $"{claim.Metadata.Name} ({claim.Spec.Type}) is being made") }, stop);
        }

        if (claim.Status.Phase != ResourcePhases.Ready || !ensured.Knows(which, claim.Metadata.Generation))
        {
            if (!(await EnsureAsync(new Claim(claim, chosen.Spec), driver, stop)).TryGet(out var done, out error))
            {
                return await RefusedAsync(claim, error, stop);
            }

            if (done.Again is { } again)
            {
                return again;
            }

            claim = done.Claim;
            ensured.Remember(which, claim.Metadata.Generation);
        }

        // 4. Its credential.
        return driver is ILoginDriver rotatable ? await RotateAsync(new Claim(claim, chosen.Spec), rotatable, stop) : Again.Never;
    }

    private async Task<Result<(Again? Again, Entity<ResourceClaimSpec, ResourceClaimStatus> Claim)>> EnsureAsync(Claim asked, IResourceDriver driver, CancellationToken stop)
    {
        // 2. Nothing that holds data is made anew unless somebody accepted the loss.
        var claim = asked.Entity;
        if (claim.Status.ReadyAt is not null && !Claims.SameParams(claim.Status.Params, claim.Spec.Params))
        {
            if (!(await driver.PlanAsync(asked, stop)).TryGet(out var foreseen, out var unclear))
            {
                return unclear;
            }

            if (foreseen.Action == ForeseenActions.Replace)
            {
                if (claim.Spec.LossAcceptedFor != DigestOf(claim.Spec.Params))
                {
                    return new WouldLoseData(claim.Ref, foreseen.Lines);
                }

                await driver.DestroyAsync(asked, stop);
            }
        }

        // 3. Made, or brought up to date.
        if (!(await driver.EnsureAsync(asked, stop)).TryGet(out var made, out var error))
        {
            return error;
        }

        if (made.Waiting is { } waiting)
        {
            await WriteAsync(claim, claim.Status with { State = made.State.ValueKind == JsonValueKind.Undefined ? claim.Status.State : made.State, Phase = Phase(claim), Conditions = Said(claim, Conditions.False, "Provisioning", waiting, rootCause: made.RootCause) }, stop);
            return (Again.In(s_waiting), claim);
        }

        var status = claim.Status with { State = made.State, Outputs = made.Outputs };
        if (driver is ILoginDriver logins)
        {
            var there = asked with { Entity = claim with { Status = status } };
            if (status.CredentialVersion == 0)
            {
                if (!(await rotating.FirstAsync(there, logins, stop)).TryGet(out status, out error))
                {
                    return error;
                }
            }
            else if (await rotating.RepairAsync(there, logins, stop) is { } broken)
            {
                return broken;
            }
        }
        else if (made.SecretOutputs.Count > 0)
        {
            status = await KeepOutputsAsync(claim.Ref, status, made.SecretOutputs, stop);
        }

        var now = clock.GetUtcNow();
        status = status with
        {
            Phase = ResourcePhases.Ready,
            ObservedGeneration = claim.Metadata.Generation,
            Params = claim.Spec.Params,
            ReadyAt = status.ReadyAt ?? now,
            Facts = await FactsAsync(driver, asked with { Entity = claim with { Status = status } }, now, stop),
            Conditions = Said(claim, Conditions.True, "Ready", $"{claim.Metadata.Name} ({claim.Spec.Type}) is ready"),
        };
        return (null, await WriteAsync(claim, status, stop));
    }

    private async Task<Again> RotateAsync(Claim claim, ILoginDriver driver, CancellationToken stop)
    {
        var entity = claim.Entity;
        while (await rotating.StepAsync(claim with { Entity = entity }, driver, stop) is { } step)
        {
            if (step.Status != entity.Status)
            {
                entity = await WriteAsync(entity, step.Status, stop);
            }

            if (step.After is { } after)
            {
                return Again.In(after);
            }
        }

        return Again.Never;
    }

    private async Task<Again> RemoveAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, ResourceRemoval removal, CancellationToken stop)
    {
        var driver = claim.Status.Provisioner is { } name && provisioners.Find(name) is { } spec ? provisioners.DriverOf(spec) : null;
        var asked = new Claim(claim, claim.Status.Provisioner is null ? new ProvisionerSpec { Uri = "", Type = claim.Spec.Type } : provisioners.Find(claim.Status.Provisioner)!);
        var now = clock.GetUtcNow();
        if (now >= removal.DestroyAt)
        {
            if (driver is not null)
            {
                await driver.DestroyAsync(asked, stop);
            }

            await secrets.ForgetAsync(claim.Ref, Claims.Actor, stop);
            await catalogue.RemoveAsync(claim.Ref, stop);
            await entities.RemoveAsync(claim.Ref, Claims.Actor, stop);
            return Again.Never;
        }

        if (claim.Status.Phase != ResourcePhases.Removed)
        {
            if (driver is not null && claim.Status.ReadyAt is not null)
            {
                await driver.SuspendAsync(asked, stop);
            }

            await WriteAsync(claim, claim.Status with
            {
                Phase = ResourcePhases.Removed,
                ObservedGeneration = claim.Metadata.Generation,
                Conditions = Said(claim, Conditions.False, "Removed", $"{claim.Metadata.Name} was removed by {removal.By} and is destroyed on {removal.DestroyAt:yyyy-MM-dd HH:mm} UTC; its data is kept until then", $"axle undo {claim.Metadata.Name}"),
            }, stop);
        }

        return Again.In(removal.DestroyAt - now);
    }

    private Result<Matching.Candidate> Choose(Entity<ResourceClaimSpec, ResourceClaimStatus> claim)
    {
        if (claim.Status.Provisioner is { } known)
        {
            return provisioners.Find(known) is { } spec
                ? new Matching.Candidate(known, spec)
                : new Error("resources.provisioner_gone", $"{claim.Metadata.Name} was made by the provisioner {known}, which is not there any more.", $"Register it again: axle provisioner add FILE", 409);
        }

        var own = claim.Spec.Consumers is [var first, ..] ? $"{first.Name}." : "";
        var id = claim.Spec.Uid[(claim.Spec.Uid.IndexOf('#', StringComparison.Ordinal) + 1)..];
        return provisioners.Choose(claim.Spec.Type, claim.Spec.Class, own.Length > 0 && id.StartsWith(own, StringComparison.Ordinal) ? null : id, claim.Spec.Environment.Name);
    }

    private IResourceDriver? Driver(Matching.Candidate chosen, out Error? error)
    {
        var driver = provisioners.DriverOf(chosen.Spec);
        error = driver is null ? new Error("resources.no_driver", $"Nothing here can run the provisioner {chosen.Name} ({chosen.Spec.Uri}).", $"axle describe provisioner:{chosen.Name}", 422) : null;
        return driver;
    }

    /// <summary>Names the params for whose sake a loss is accepted.</summary>
    public static string DigestOf(JsonElement parameters) => BoundedName.Digest(parameters.ValueKind == JsonValueKind.Undefined ? "" : parameters.GetRawText(), DigestLength);

    /// <summary>Another value is another version; consumers follow as after a rotation.</summary>
    private async Task<ResourceClaimStatus> KeepOutputsAsync(EntityRef claim, ResourceClaimStatus status, IReadOnlyDictionary<string, string> outputs, CancellationToken stop)
    {
        var value = new SecretValue(JsonSerializer.Serialize(outputs.OrderBy(one => one.Key, StringComparer.Ordinal).ToDictionary()));
        var known = secrets.Own(claim, ClaimOutputs.OutputsName);
        var version = known is { Ok: true, Value: { } current } ? current.Value.Equals(value) ? current.Version : current.Version + 1 : 1;
        await secrets.KeepAsync(claim, ClaimOutputs.OutputsName, version, value, stop);
        await secrets.PublishAsync(claim, ClaimOutputs.OutputsName, version, Claims.Actor, stop);
        return status with { SecretOutputs = [.. outputs.Keys.Order(StringComparer.Ordinal)], CredentialVersion = version, CredentialAt = status.CredentialVersion == version ? status.CredentialAt : clock.GetUtcNow() };
    }

    /// <summary>Written only when something changed that matters: the log keeps every status for ever.</summary>
    private static async Task<ResourceFacts?> FactsAsync(IResourceDriver driver, Claim claim, DateTimeOffset now, CancellationToken stop)
    {
        var before = claim.Status.Facts;
        var seen = before is not null && claim.Status.Phase == ResourcePhases.Ready && now - before.SeenAt < s_factsAge ? null : await driver.ObserveAsync(claim, stop);
        return seen is null ? before : before is not null && Same(before, seen) ? before : seen with { SeenAt = now };

        static bool Same(ResourceFacts a, ResourceFacts b) =>
            a.Version == b.Version && a.CostClass == b.CostClass && (a.Connections > 0) == (b.Connections > 0) && Math.Abs((a.SizeBytes ?? 0) - (b.SizeBytes ?? 0)) < Math.Max(1 << 20, (a.SizeBytes ?? 0) / 10);
    }

    private static string Phase(Entity<ResourceClaimSpec, ResourceClaimStatus> claim) => claim.Status.Phase == ResourcePhases.Ready ? ResourcePhases.Ready : ResourcePhases.Provisioning;

    /// <summary>What was ready stays usable: a refusal is about the new wish.</summary>
    private async Task<Again> RefusedAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, Error error, CancellationToken stop)
    {
        var serves = claim.Status.ReadyAt is not null && claim.Status.Phase == ResourcePhases.Ready;
        await WriteAsync(claim, claim.Status with
        {
            Phase = serves ? ResourcePhases.Ready : ResourcePhases.Failed,
            Conditions = Conditions.Set(
                serves ? claim.Status.Conditions : Conditions.Set(claim.Status.Conditions, Ready, Conditions.False, "Failed", error.Message, clock.GetUtcNow(), error.Next),
                "UpToDate", Conditions.False, error.Code, error.Message, clock.GetUtcNow(), error.Next),
        }, stop);
        return Again.In(s_refused);
    }

    private IReadOnlyList<Condition> Said(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, string status, string reason, string message, string? next = null, EntityRef? rootCause = null)
    {
        var all = Conditions.Set(claim.Status.Conditions, Ready, status, reason, message, clock.GetUtcNow(), next, rootCause);
        return [.. all.Where(condition => condition.Type != "UpToDate")];
    }

    private async Task<Entity<ResourceClaimSpec, ResourceClaimStatus>> WriteAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, ResourceClaimStatus status, CancellationToken stop)
    {
        var written = await entities.PutStatusAsync(claim.Ref, status, $"system:{Name}", stop: stop);
        written.OrThrow(claim.Ref);
        await catalogue.WriteAsync(claim, status, stop);
        return written.TryGet(out var entity, out _) ? ResourceKinds.Claim.Read(entity) : claim with { Status = status };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine does not answer while looking at {Claim}")]
    private static partial void LogUnavailable(ILogger logger, Exception e, EntityRef claim);
}
