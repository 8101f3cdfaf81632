using Axle.Contracts;

namespace Axle.Tests;

public sealed class EntityRefTests
{
    [Theory]
    [InlineData("component:default/orders", "component:default/orders")]
    [InlineData("Component:Shop/Orders", "component:shop/orders")]
    [InlineData("component:orders", "component:default/orders")]
    [InlineData("group:a/b:c", "group:a/b:c")]
    public void A_ref_reads_back_in_its_canonical_form(string text, string canonical) => Assert.Equal(canonical, EntityRef.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("orders")]
    [InlineData(":orders")]
    [InlineData("component:")]
    [InlineData("component:/orders")]
    [InlineData("component:shop/")]
    public void A_broken_ref_is_refused(string text) => Assert.False(EntityRef.TryParse(text, null, out _));
}
