using Axle.Contracts;
using Axle.Portal.Components;
using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Portal;

/// <summary>What a component's card shows in each state, and what it must never show.</summary>
public sealed class CardTests : BunitContext
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly EntityRef s_v1 = EntityRef.Of(Kinds.Release, "orders-v1");

    public CardTests() => Services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(s_now));

    [Fact]
    public void A_healthy_card_shows_release_address_and_instances()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.Healthy, Serving = s_v1, Url = "http://orders.staging.localhost:7480", Instances = [Instance(1)] });

        Assert.Equal("Healthy", card.Find(".badge").TextContent);
        Assert.Equal("v1", card.Find(".release").TextContent);
        Assert.Equal("http://orders.staging.localhost:7480/", card.Find("a.url").GetAttribute("href"));
        Assert.Contains("47 MB · up 5 min", card.Find(".instances").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_first_rollout_says_what_failed_and_shows_the_last_lines()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.Failed, Failure = new RolloutFailure("Exited", "web exited with 1.", null, null, 1, ["boom", "<script>alert(1)</script>"]) }, serving: null);

        var notice = card.Find("[role=alert]");
        Assert.Contains("failing", notice.ClassList);
        Assert.Contains("v2 did not come up: web exited with 1.", notice.TextContent, StringComparison.Ordinal);
        Assert.Equal("boom\n<script>alert(1)</script>", card.Find("pre").TextContent);
        Assert.Empty(card.FindAll("script"));
    }

    [Fact]
    public void A_failed_rollout_over_a_serving_release_says_that_it_still_serves()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.Failed, Serving = s_v1, Failure = new RolloutFailure("Unhealthy", "not ready.", "GET /", "HTTP 500", null, []) });

        Assert.Contains("v1 still serves.", card.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Rollout failed", card.Find(".badge").TextContent);
    }

    [Fact]
    public void A_running_rollout_shows_its_steps_and_can_be_cancelled()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.RollingOut, Serving = s_v1, Steps = [new("start", "Done", null, s_now, 1.25), new("health", "Running", "try 4", s_now)] });

        Assert.Equal(["done", "running"], card.FindAll(".steps li").Select(s => s.ClassName));
        Assert.NotNull(card.Find("form[action='/components/orders/cancel']"));
        Assert.Empty(card.FindAll("form[action='/components/orders/rollback']"));
    }

    [Fact]
    public void A_stopped_card_offers_to_start_and_not_to_stop()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.Stopped, Serving = s_v1 }, stopped: true);

        Assert.NotNull(card.Find("form[action='/components/orders/start']"));
        Assert.Empty(card.FindAll("form[action='/components/orders/stop']"));
    }

    [Fact]
    public void Who_may_not_deploy_sees_no_button() =>
        Assert.Empty(Show(new DeploymentStatus { Phase = DeploymentPhases.Healthy, Serving = s_v1 }, may: false).FindAll("form"));

    [Fact]
    public void A_process_without_instances_is_named_with_the_way_to_start_it()
    {
        var card = Show(new DeploymentStatus { Phase = DeploymentPhases.Healthy, Serving = s_v1, Instances = [Instance(1)] }, processes: [new("web", 1), new("worker", 0)]);

        Assert.Equal("worker: 0 instances. Next: axle scale orders worker=1 -e staging", card.Find(".why").TextContent);
        Assert.Equal([("web", "1"), ("worker", "0")], card.FindAll("form[action='/components/orders/scale']").Select(f => (f.QuerySelector("[name=process]")!.GetAttribute("value")!, f.QuerySelector("[name=count]")!.GetAttribute("value")!)));
    }

    [Fact]
    public void Many_instances_are_summed_up() =>
        Assert.Contains(
            "24 instances: 23 ready, 1 crashed",
            Show(new DeploymentStatus { Phase = DeploymentPhases.Degraded, Serving = s_v1, Instances = [.. Enumerable.Range(1, 23).Select(i => Instance(i)), Instance(24, "Crashed")] }).Find("summary").TextContent,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("javascript:alert(1)", null)]
    [InlineData(" JavaScript:alert(1)", null)]
    [InlineData("data:text/html,x", null)]
    [InlineData("//elsewhere.example", null)]
    [InlineData("/inside", null)]
    [InlineData("https://example.com/run book", "https://example.com/run%20book")]
    public void Only_web_addresses_become_links(string url, string? expected) => Assert.Equal(expected, Spec.WebAddress(url));

    [Fact]
    public void An_address_that_is_no_web_address_is_not_linked() =>
        Assert.Empty(Show(new DeploymentStatus { Phase = DeploymentPhases.Healthy, Serving = s_v1, Url = "javascript:alert(1)" }).FindAll("a"));

    [Theory]
    [InlineData("v2", "v1", true, true)]
    [InlineData("v2", "v2", true, false)]
    [InlineData("v2", "v1", false, false)]
    [InlineData(null, "v1", true, false)]
    [InlineData("v2", null, true, true)]
    public void The_way_between_two_environments_promotes_only_what_is_not_there_yet(string? here, string? there, bool may, bool offered)
    {
        var hop = Render<Hop>(p => p
            .Add(h => h.Component, "orders")
            .Add(h => h.May, may)
            .Add(h => h.From, new Hop.End("staging", false, here, here, new DeploymentStatus { Phase = DeploymentPhases.Healthy }))
            .Add(h => h.To, new Hop.End("production", true, there, there, new DeploymentStatus { Phase = DeploymentPhases.Healthy })));

        Assert.Equal(offered, hop.FindAll("form[action='/components/orders/promote']").Count == 1);
    }

    private static InstanceStatus Instance(int number, string state = "Ready") => new($"orders-{number}", "web", "r", state, 0, s_now.AddMinutes(-5), MemoryBytes: 50_000_000);

    private IRenderedComponent<EnvironmentCard> Show(DeploymentStatus status, string? serving = "v1", bool stopped = false, bool may = true, IReadOnlyList<ProcessView>? processes = null)
    {
        var component = EntityRef.Of(Kinds.Component, "orders");
        var release = EntityRef.Of(Kinds.Release, "orders-v2");
        var spec = new DeploymentSpec { Component = component, Environment = EntityRef.Of(Kinds.Environment, "staging"), Release = release, Stopped = stopped };
        return Render<EnvironmentCard>(p => p
            .Add(c => c.View, new DeploymentView("staging", false, EntityRef.Of(Kinds.Deployment, "orders.staging"), 1, spec, status, "v2", serving) { Processes = processes ?? [] })
            .Add(c => c.Component, "orders")
            .Add(c => c.Releases, [new ReleaseView(release, "v2", "abc", "second", "jane", s_now, []), new ReleaseView(s_v1, "v1", "abd", "first", "jane", s_now, ["staging"])])
            .Add(c => c.MayDeploy, may));
    }
}
