using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Rotation;

/// <summary>
/// Changes a credential end to end without a failed login: two users take turns, consumers are rolled to the idle one, and the
/// old one is refused only when nobody uses it. Each state is written down before the next act, and every act may be
/// repeated: killed anywhere, it goes on forward.
/// </summary>
internal sealed class Rotating(IEntityStore entities, ISecrets secrets, ClaimOutputs outputs, TimeProvider clock)
{
    private const string Actor = "system:rotation";

    /// <summary>A deployment that moves wakes the claim at once; this only covers a lost wake.</summary>
    private static readonly TimeSpan s_consumersLook = TimeSpan.FromSeconds(1);

    /// <summary>Connections of instances that have just ended take a moment to close.</summary>
    private static readonly TimeSpan s_sessionsLook = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_tryAgain = TimeSpan.FromSeconds(2);

    /// <param name="After">Null when the next step can follow at once.</param>
    public sealed record Step(ResourceClaimStatus Status, TimeSpan? After = null);

    /// <summary>The first login of a new resource; nobody waits for it, so it is published at once.</summary>
    public async Task<Result<ResourceClaimStatus>> FirstAsync(Claim claim, ILoginDriver driver, CancellationToken stop)
    {
        const int First = 1;
        if (!(await GenerateAsync(claim, driver, First, stop)).TryGet(out var login, out var error))
        {
            return error;
        }

        await driver.ApplyAsync(claim, login, stop);
        if (await driver.TestAsync(claim, login, stop) is { } reason)
        {
            return new LoginFails(claim.Ref, reason);
        }

        await secrets.PublishAsync(claim.Ref, ClaimOutputs.LoginName, First, Actor, stop);
        return claim.Status with { CredentialVersion = First, CredentialAt = clock.GetUtcNow() };
    }

    /// <summary>The current login works, or is made to: somebody may have changed it behind the platform's back.</summary>
    public async Task<Error?> RepairAsync(Claim claim, ILoginDriver driver, CancellationToken stop)
    {
        if (!outputs.Login(claim.Ref, claim.Status.CredentialVersion).TryGet(out var login, out var error))
        {
            return error;
        }

        if (await driver.TestAsync(claim, login, stop) is null)
        {
            return null;
        }

        await driver.ApplyAsync(claim, login, stop);
        return await driver.TestAsync(claim, login, stop) is { } reason ? new LoginFails(claim.Ref, reason) : null;
    }

    /// <summary>The next step of the rotation under way, or of one that is due; null when there is nothing to do.</summary>
    public async Task<Step?> StepAsync(Claim claim, ILoginDriver driver, CancellationToken stop)
    {
        var status = claim.Status;
        if (status.Rotation is not { } rotation || rotation.State == RotationStates.Done)
        {
            return DueFor(claim.Spec, status, clock.GetUtcNow()) is { } by ? Began(status, by) : null;
        }

        switch (rotation.State)
        {
            case RotationStates.Requested:
                return (await GenerateAsync(claim, driver, rotation.Version, stop)).TryGet(out _, out var error) ? To(RotationStates.Generated) : Waits(error.Message, s_tryAgain);

            case RotationStates.Generated:
                await driver.ApplyAsync(claim, Login(rotation.Version), stop);
                return To(RotationStates.Applied);

            case RotationStates.Applied:
                return await driver.TestAsync(claim, Login(rotation.Version), stop) is { } reason
                    ? new Step(status with { Rotation = rotation with { State = RotationStates.Generated, Message = $"the new login does not work yet: {reason}", At = clock.GetUtcNow() } }, s_tryAgain)
                    : To(RotationStates.Tested);

            case RotationStates.Tested:
                await secrets.PublishAsync(claim.Ref, ClaimOutputs.LoginName, rotation.Version, rotation.By, stop);
                return To(RotationStates.Published) is var published ? published with { Status = published.Status with { CredentialVersion = rotation.Version, CredentialAt = clock.GetUtcNow() } } : null;

            case RotationStates.Published:
                if (Behind(claim, rotation.Version) is { Count: > 0 } behind)
                {
                    return Waits($"waiting for {string.Join(", ", behind)}", s_consumersLook);
                }

                var sessions = await driver.SessionsAsync(claim, Login(rotation.Version - 1).Username, stop);
                return sessions > 0
                    ? Waits($"every consumer was rolled, and {(sessions == 1 ? "one session" : $"{sessions} sessions")} of the old login {(sessions == 1 ? "is" : "are")} still open", s_sessionsLook)
                    : To(RotationStates.Verified);

            case RotationStates.Verified:
                var old = Login(rotation.Version - 1);
                await driver.RevokeAsync(claim, old.Username, stop);
                if (await driver.TestAsync(claim, old, stop) is null)
                {
                    return Waits("the old login still works after it was revoked", s_tryAgain);
                }

                var revoked = clock.GetUtcNow();
                return new Step(status with { Rotation = rotation with { State = RotationStates.Revoked, At = revoked, RevokedAt = revoked, Message = null } });

            default:
                await secrets.DestroyAsync(claim.Ref, ClaimOutputs.LoginName, rotation.Version - 1, Actor, stop);
                return To(RotationStates.Done);
        }

        Step To(string state) => new(status with { Rotation = rotation with { State = state, At = clock.GetUtcNow(), Message = null } });

        // The same sentence again is no change, and is not written.
        Step Waits(string message, TimeSpan after) => new(rotation.Message == message ? status : status with { Rotation = rotation with { Message = message } }, after);

        Login Login(int version) => outputs.Login(claim.Ref, version).Value;
    }

    /// <summary>Claims whose rotation may go on after a deployment moved.</summary>
    public IEnumerable<EntityRef> WaitingFor(Change change)
    {
        if (change.Entity.TargetOf("partOf") is not { } component)
        {
            return [];
        }

        return entities.All(ResourceKinds.Claim, new Relation("dependencyOf", component))
            .Where(claim => claim.Status.Rotation?.State == RotationStates.Published)
            .Select(claim => claim.Ref);
    }

    /// <summary>Who asks for a rotation now; null when nobody does. Pure.</summary>
    internal static string? DueFor(ResourceClaimSpec spec, ResourceClaimStatus status, DateTimeOffset now)
    {
        if (status.CredentialVersion == 0)
        {
            return null;
        }

        var last = status.Rotation?.StartedAt ?? status.CredentialAt ?? DateTimeOffset.MinValue;
        if (spec.RotateAt > last)
        {
            return spec.RotateBy ?? Actor;
        }

        return spec.RotateEveryDays > 0 && now - (status.CredentialAt ?? now) >= TimeSpan.FromDays(spec.RotateEveryDays) ? Actor : null;
    }

    private Step Began(ResourceClaimStatus status, string by)
    {
        var now = clock.GetUtcNow();
        return new Step(status with { Rotation = new RotationStatus(RotationStates.Requested, status.CredentialVersion + 1, by, now, now) });
    }

    /// <summary>Kept before anybody hears of it; after a crash it is what the first try kept.</summary>
    private async Task<Result<Login>> GenerateAsync(Claim claim, ILoginDriver driver, int version, CancellationToken stop) =>
        (await secrets.KeepAsync(claim.Ref, ClaimOutputs.LoginName, version, ClaimOutputs.Write(driver.NewLogin(claim, version)), stop)).TryGet(out var kept, out var error)
            ? ClaimOutputs.Read(kept)
            : error;

    /// <summary>Deployments that do not run on a version yet, in words.</summary>
    private List<string> Behind(Claim claim, int version)
    {
        var behind = new List<string>();
        foreach (var consumer in claim.Spec.Consumers)
        {
            foreach (var deployment in entities.Query(new EntityQuery { Kinds = [Kinds.Deployment], Related = [new Relation("partOf", consumer), new Relation("runsIn", claim.Spec.Environment)], All = true }).Items)
            {
                var status = deployment.Status.ValueKind == JsonValueKind.Object ? deployment.Status.Deserialize<DeploymentStatus>(EntityJson.Options)! : new DeploymentStatus();
                var runs = status.Instances.Count > 0 || status.Phase == DeploymentPhases.RollingOut;
                if (runs && status.Credentials.GetValueOrDefault(claim.Ref.Name) < version)
                {
                    behind.Add(status.Phase == DeploymentPhases.Failed
                        ? $"{consumer.Name}, whose rollout failed ({status.Failure?.Message.TrimEnd('.') ?? "no reason given"})"
                        : $"{consumer.Name} to be rolled");
                }
            }
        }

        return behind;
    }
}
