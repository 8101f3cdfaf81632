using Axle.Contracts;
using Axle.Portal.Components;
using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Portal;

public sealed class BuildListTests : BunitContext
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public BuildListTests() => Services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(s_now));

    [Theory]
    [InlineData(BuildPhases.Failed, true, true)]
    [InlineData(BuildPhases.Cancelled, true, true)]
    [InlineData(BuildPhases.Failed, false, false)]
    [InlineData(BuildPhases.Running, true, false)]
    [InlineData(BuildPhases.Succeeded, true, false)]
    public void A_build_that_came_to_nothing_can_be_tried_again_by_who_may(string phase, bool mayDeploy, bool offered)
    {
        var build = new BuildView(EntityRef.Of(Kinds.Build, "orders-1e36412b8a54"), "1e36412b8a54c7f1", "Take orders", "jane", new BuildStatus { Phase = phase }, s_now);
        var list = Render<BuildList>(parameters => parameters
            .Add(p => p.All, [build])
            .Add(p => p.Component, "orders")
            .Add(p => p.MayDeploy, mayDeploy));

        Assert.Equal(offered ? ["1e36412b8a54c7f1"] : [], list.FindAll("form[action='/components/orders/build'] input[name=commit]").Select(input => input.GetAttribute("value")));
    }
}
