using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Rotation;
using Axle.Platform.Secrets;
using Axle.Tests.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Resources;

/// <summary>Credentials change end to end, whatever ends in between.</summary>
public sealed class RotationTests
{
    /// <summary>More effects than a rotation has: the last ones end nothing.</summary>
    private const int EffectsMax = 7;

    private static readonly EntityRef s_claim = ResourceKinds.Claim.Ref("orders.db.staging");

    public static TheoryData<int> Effects => [.. Enumerable.Range(0, EffectsMax)];

    public static TheoryData<int, int?, int, bool> Due => new()
    {
        // every (days)  asked (days ago)  age (days)  due
        { 30,            null,             29,         false },
        { 30,            null,             30,         true },
        { 0,             null,             3000,       false },
        { 0,             1,                2,          true },
        { 0,             3,                2,          false },
    };

    [Theory, MemberData(nameof(Effects))]
    public async Task A_rotation_ended_after_any_of_its_effects_goes_on_forward(int effect)
    {
        var server = new FakeLogins();
        var host = await StartAsync(server);
        await MakeAsync(host);

        // 1. The platform ends after this effect, and starts again.
        server.Begin(effect);
        await AskAsync(host);
        if (effect > 0)
        {
            await DeliveryHost.UntilAsync(() => Rotation(host) is { State: RotationStates.Done } || server.EffectsSeen >= effect);
            var (folder, engine) = await host.StopAsync();
            server.Begin(0);
            host = await DeliveryHost.StartAsync(folder, engine, services => services.AddSingleton<IResourceDriver>(server));
        }

        // 2. It comes to its end.
        await using (host)
        {
            await DeliveryHost.UntilAsync(() => Rotation(host) is { State: RotationStates.Done, Version: 2 });
            var secrets = host.Services.GetRequiredService<ISecrets>();
            var current = secrets.Own(s_claim, ClaimOutputs.LoginName).Value!;
            var login = ClaimOutputs.Read(current.Value);
            Assert.Equal((2, SecretStates.Current, "b"), (current.Version, current.State, login.Username));
            Assert.Equal(new Dictionary<string, string> { ["b"] = login.Password.Reveal() }, server.Users);
            Assert.False(server.WasEverWithoutLogin);
            Assert.Null(secrets.Own(s_claim, ClaimOutputs.LoginName, 1).Value);
        }
    }

    [Fact]
    public async Task An_old_login_stays_while_somebody_uses_it()
    {
        var server = new FakeLogins();
        await using var host = await StartAsync(server);
        await MakeAsync(host);
        server.Sessions["a"] = 2;

        await AskAsync(host);
        await DeliveryHost.UntilAsync(() => Rotation(host) is { State: RotationStates.Published, Message: not null });
        Assert.Contains("2 sessions of the old login", Rotation(host)!.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], server.Users.Keys.Order());

        server.Sessions.Clear();
        await DeliveryHost.UntilAsync(() => Rotation(host) is { State: RotationStates.Done });
        Assert.Equal(["b"], server.Users.Keys);
    }

    [Theory, MemberData(nameof(Due))]
    public void A_rotation_is_due_when_asked_for_or_old_enough(int every, int? askedDaysAgo, int ageDays, bool due)
    {
        var now = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
        var spec = new ResourceClaimSpec { Uid = "fake.default#x", Type = "fake", Environment = EntityRef.Of("Environment", "staging"), RotateEveryDays = every, RotateAt = askedDaysAgo is { } days ? now.AddDays(-days) : null };
        var status = new ResourceClaimStatus { CredentialVersion = 1, CredentialAt = now.AddDays(-ageDays) };
        Assert.Equal(due, Rotating.DueFor(spec, status, now) is not null);
    }

    private static Task<DeliveryHost> StartAsync(FakeLogins server) => DeliveryHost.StartAsync(further: services => services.AddSingleton<IResourceDriver>(server));

    private static async Task MakeAsync(DeliveryHost host)
    {
        var spec = new ResourceClaimSpec { Uid = "fake.default#orders.db", Type = "fake", Environment = EntityRef.Of("Environment", "staging") };
        Assert.True((await host.Entities.PutAsync(ResourceKinds.Claim.Make(s_claim, spec), "system:test")).Ok);
        await DeliveryHost.UntilAsync(() => host.Entities.Find(ResourceKinds.Claim, s_claim)!.Status is { Phase: ResourcePhases.Ready, CredentialVersion: 1 });
    }

    private static async Task AskAsync(DeliveryHost host)
    {
        var claim = host.Entities.Find(ResourceKinds.Claim, s_claim)!;
        var wish = claim.Spec with { RotateAt = TimeProvider.System.GetUtcNow(), RotateBy = "user:default/jane" };
        Assert.True((await host.Entities.PutAsync(ResourceKinds.Claim.Make(s_claim, wish), "user:default/jane")).Ok);
    }

    private static RotationStatus? Rotation(DeliveryHost host) => host.Entities.Find(ResourceKinds.Claim, s_claim)!.Status.Rotation;
}
