using System.Net;
using Axle.Agent.Ingress;
using Microsoft.AspNetCore.Http;

namespace Axle.Tests.Ingress;

public sealed class SwitchTests
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Switching_under_load_loses_nothing_and_the_old_instance_gets_nothing_new()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = await IngressFixture.StartAsync();
        var instances = new List<Instance>();
        for (var i = 0; i < 12; i++)
        {
            // A few answers take a moment, so that there is something to drain.
            var name = $"v{i}";
            instances.Add(await fixture.InstanceAsync(name, async context =>
            {
                if (Random.Shared.Next(8) == 0)
                {
                    await Task.Delay(Random.Shared.Next(10), stop);
                }

                await context.Response.WriteAsync(name, stop);
            }));
        }

        fixture.Route("shop", instances[0]);
        using var finished = new CancellationTokenSource();
        var failures = 0;
        var answered = 0;
        var clients = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!finished.IsCancellationRequested)
            {
                using var response = await fixture.GetAsync("shop.localhost");
                var body = await response.Content.ReadAsStringAsync(stop);
                Interlocked.Increment(ref answered);
                if (response.StatusCode != HttpStatusCode.OK || !body.StartsWith('v'))
                {
                    Interlocked.Increment(ref failures);
                }
            }
        }, stop)).ToList();

        for (var i = 1; i < instances.Count; i++)
        {
            var before = Volatile.Read(ref answered);
            await IngressFixture.UntilAsync(() => answered > before + 100, "load");
            fixture.Route("shop", instances[i]);
            Assert.True(await fixture.Ingress.DrainAsync("shop", [$"v{i - 1}"], s_drain, stop));
            var reached = instances[i - 1].Requests;
            var after = Volatile.Read(ref answered);
            await IngressFixture.UntilAsync(() => answered > after + 50, "load");
            Assert.Equal(reached, instances[i - 1].Requests);
        }

        await finished.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(0, failures);
        Assert.Equal(answered, instances.Sum(instance => instance.Requests));
    }

    [Fact]
    public void A_claim_and_a_retirement_have_one_order()
    {
        var upstream = new Upstream(new("a", 1));
        Assert.True(upstream.TryClaim());
        upstream.Retire();
        Assert.False(upstream.TryClaim());
        Assert.False(upstream.Empty.IsCompleted);
        upstream.Release();
        Assert.True(upstream.Empty.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Racing_claims_never_outlive_an_empty_destination()
    {
        for (var round = 0; round < 200; round++)
        {
            var upstream = new Upstream(new("a", 1));
            var claimedAfterEmpty = 0;
            var claimers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                while (upstream.TryClaim())
                {
                    claimedAfterEmpty += upstream.Empty.IsCompleted ? 1 : 0;
                    upstream.Release();
                }
            })).ToList();
            await Task.Yield();
            upstream.Retire();
            await upstream.Empty;
            await Task.WhenAll(claimers);
            Assert.Equal(0, claimedAfterEmpty);
            Assert.Equal(0, upstream.InFlight);
        }
    }

    [Fact]
    public async Task A_slow_request_is_waited_for()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = await IngressFixture.StartAsync();
        var release = new TaskCompletionSource();
        var old = await fixture.InstanceAsync("old", async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("old", stop);
        });
        var fresh = await fixture.InstanceAsync("new", context => context.Response.WriteAsync("new", stop));
        fixture.Route("shop", old);
        var slow = fixture.GetAsync("shop.localhost");
        await IngressFixture.UntilAsync(() => old.Requests == 1, "the slow request");

        fixture.Route("shop", fresh);
        var drain = fixture.Ingress.DrainAsync("shop", ["old"], s_drain, stop);
        using var other = await fixture.GetAsync("shop.localhost");
        Assert.Equal("new", await other.Content.ReadAsStringAsync(stop));
        Assert.False(drain.IsCompleted);

        release.SetResult();
        Assert.True(await drain);
        using var response = await slow;
        Assert.Equal("old", await response.Content.ReadAsStringAsync(stop));
    }

    [Fact]
    public async Task A_request_that_outlasts_the_drain_is_cut_and_told_so()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = await IngressFixture.StartAsync();
        var old = await fixture.InstanceAsync("old", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        fixture.Route("shop", old);
        var slow = fixture.GetAsync("shop.localhost");
        await IngressFixture.UntilAsync(() => old.Requests == 1, "the slow request");

        fixture.Ingress.Remove("shop");
        Assert.False(await fixture.Ingress.DrainAsync("shop", ["old"], TimeSpan.FromMilliseconds(50), stop));
        using var response = await slow;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("ingress.cut", await response.Content.ReadAsStringAsync(stop), StringComparison.Ordinal);
        // Nothing is left to wait for.
        Assert.True(await fixture.Ingress.DrainAsync("shop", ["old"], TimeSpan.Zero, stop));
    }

    [Fact]
    public async Task An_instance_in_both_targets_keeps_its_requests()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var fixture = await IngressFixture.StartAsync();
        var release = new TaskCompletionSource();
        var kept = await fixture.InstanceAsync("kept", async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("kept", stop);
        });
        var added = await fixture.InstanceAsync("added", context => context.Response.WriteAsync("added", stop));
        fixture.Route("shop", kept);
        var slow = fixture.GetAsync("shop.localhost");
        await IngressFixture.UntilAsync(() => kept.Requests == 1, "the slow request");

        // Scaled up: the busy one is left alone.
        fixture.Route("shop", kept, added);
        Assert.True(await fixture.Ingress.DrainAsync("shop", ["kept"], TimeSpan.Zero, stop));
        for (var i = 0; i < 5; i++)
        {
            using var response = await fixture.GetAsync("shop.localhost");
            Assert.Equal("added", await response.Content.ReadAsStringAsync(stop));
        }

        release.SetResult();
        using var late = await slow;
        Assert.Equal("kept", await late.Content.ReadAsStringAsync(stop));
    }

    [Fact]
    public async Task Equally_busy_instances_take_turns()
    {
        await using var fixture = await IngressFixture.StartAsync();
        var a = await fixture.InstanceAsync("a", _ => Task.CompletedTask);
        var b = await fixture.InstanceAsync("b", _ => Task.CompletedTask);
        fixture.Route("shop", a, b);
        for (var i = 0; i < 20; i++)
        {
            using var response = await fixture.GetAsync("shop.localhost");
        }

        Assert.InRange(a.Requests, 8, 12);
        Assert.Equal(20, a.Requests + b.Requests);
    }

    [Fact]
    public async Task A_host_belongs_to_one_workload()
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Ingress.Switch("a", new(["one.localhost", "Two.localhost."], [], null, null));
        var refusal = Assert.Throws<InvalidOperationException>(() => fixture.Ingress.Switch("b", new(["two.localhost"], [], null, null)));
        Assert.Equal("Host two.localhost cannot lead to workload b: it leads to a.", refusal.Message);

        // Given up by the one, it may be taken by the other.
        fixture.Ingress.Switch("a", new(["one.localhost"], [], null, null));
        fixture.Ingress.Switch("b", new(["two.localhost"], [], null, null));
    }
}
