using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Tests.Delivery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Resources;

/// <summary>What servers say of their resources is seen when somebody looks, and not written down.</summary>
public sealed class LiveFactsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_looks_sees_what_the_server_says_now_and_nothing_is_written()
    {
        var server = new Measured();
        await using var host = await DeliveryHost.StartAsync(further: services => services.AddSingleton<IResourceDriver>(server));
        var claim = await ReadyAsync(host);
        using var live = Live(host, out var clock);
        var views = new ResourceViews(host.Entities, live);
        var revision = host.Entities.Find(claim)!.Metadata.Revision;
        var asked = server.Asked;

        server.Says = new ResourceFacts("7", 5_000_000, 3, "dedicated");
        Assert.Equal((5_000_000, 3), Facts(Assert.Single(await views.NowAsync(null, "staging", "measured", null, Stop))));
        server.Says = new ResourceFacts("7", 5_000_100, 4, "dedicated");

        // Again at once: not asked again. A while later: as it is then.
        Assert.Equal((5_000_000, 3), Facts(await views.NowAsync(host.Entities.Find(ResourceKinds.Claim, claim)!, Stop)));
        Assert.Equal(asked + 1, server.Asked);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((5_000_100, 4), Facts(await views.NowAsync(host.Entities.Find(ResourceKinds.Claim, claim)!, Stop)));
        Assert.Equal(revision, host.Entities.Find(claim)!.Metadata.Revision);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_holds_nobody_up_and_is_asked_once()
    {
        var server = new Measured();
        await using var host = await DeliveryHost.StartAsync(further: services => services.AddSingleton<IResourceDriver>(server));
        var claim = host.Entities.Find(ResourceKinds.Claim, await ReadyAsync(host))!;
        using var live = Live(host, out var clock);
        var (views, asked) = (new ResourceViews(host.Entities, live), server.Asked);
        server.Holds = new TaskCompletionSource();

        var looks = Enumerable.Range(0, 3).Select(_ => views.NowAsync(claim, Stop)).ToList();
        await DeliveryHost.UntilAsync(() => server.Asked == asked + 1);
        while (!looks.TrueForAll(look => look.IsCompleted))
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, Stop);
        }

        Assert.All(await Task.WhenAll(looks), view => Assert.Equal((1_000, 1), Facts(view)));
        Assert.Equal(asked + 1, server.Asked);

        // What comes late is seen by whoever looks next; a server that breaks shows what was written down.
        server.Holds.SetResult();
        await DeliveryHost.UntilAsync(() => live.Of(claim) is { SizeBytes: 1_000 } facts && facts.SeenAt == clock.GetUtcNow());
        clock.Advance(TimeSpan.FromSeconds(6));
        server.Breaks = true;
        Assert.Equal((1_000, 1), Facts(await views.NowAsync(claim, Stop)));
    }

    private static (long?, int?) Facts(ResourceView view) => (view.Facts?.SizeBytes, view.Facts?.Connections);

    /// <summary>By a clock of the test, which begins now: what was written down before is older than what is seen.</summary>
    private static LiveFacts Live(DeliveryHost host, out FakeTimeProvider clock) =>
        ActivatorUtilities.CreateInstance<LiveFacts>(host.Services, clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow()));

    private static async Task<EntityRef> ReadyAsync(DeliveryHost host)
    {
        var which = ResourceKinds.Claim.Ref("big-measured.staging");
        Assert.True((await host.Entities.PutAsync(
            ResourceKinds.Claim.Make(which, new ResourceClaimSpec { Uid = "measured.default#big", Type = "measured", Environment = EntityRef.Of(Kinds.Environment, "staging") }), "user:test", stop: Stop)).Ok);
        await DeliveryHost.UntilAsync(() => host.Entities.Find(ResourceKinds.Claim, which)?.Status.Phase == ResourcePhases.Ready);
        return which;
    }

    /// <summary>A type whose servers say what the test says.</summary>
    private sealed class Measured : IResourceDriver
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ResourceFacts Says { get; set; } = new("7", 1_000, 1, "dedicated");

        public TaskCompletionSource? Holds { get; set; }

        public bool Breaks { get; set; }

        public string Uri => "axle://measured";

        public Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Provisioned>>(new Provisioned { State = Provisioned.StateOf(new Dictionary<string, string>()) });

        public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

        public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

        public Task DestroyAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

        public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
        {
            Interlocked.Increment(ref _asked);
            if (Holds is { } holds)
            {
                await holds.Task;
            }

            return Breaks ? throw new IOException("The server is broken.") : Says;
        }
    }
}
