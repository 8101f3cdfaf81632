using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog;

namespace Axle.Tests.Catalog;

public sealed class SentencesTests
{
    private const string Deployment = """ "component":"component:default/orders","environment":"environment:default/staging","release":"release:default/orders-v7" """;

    // kind, verb, actor, spec, sentence
    public static TheoryData<string, string, string, string, string?> Rows => new()
    {
        { "Deployment", "create", "user:default/jane", $$"""{{{Deployment}}}""", "jane deployed orders v7 to staging" },
        { "Deployment", "update", "user:default/jane", $$"""{{{Deployment}},"trigger":"promote"}""", "jane promoted orders v7 to staging" },
        { "Deployment", "update", "user:default/jane", $$"""{{{Deployment}},"trigger":"rollback"}""", "jane rolled orders back to v7 in staging" },
        { "Deployment", "update", "system:delivery", $$"""{{{Deployment}},"trigger":"push","requestedBy":"user:default/joe"}""", "joe pushed orders v7 to staging" },
        { "Deployment", "update", "system:delivery", $$"""{{{Deployment}}}""", "Axle deployed orders v7 to staging" },
        { "Deployment", "update", "user:default/jane", $$"""{{{Deployment}},"stopped":true}""", "jane stopped orders in staging" },
        { "Deployment", "status", "system:delivery", $$"""{{{Deployment}}}""", null },
        { "Deployment", "delete", "user:default/jane", $$"""{{{Deployment}}}""", "jane removed orders from staging" },
        { "Build", "create", "user:default/jane", """{"component":"component:default/orders","commit":"0123456789","message":"Fix it"}""", "jane started a build of orders at 0123456 (Fix it)" },
        { "Release", "create", "system:builds", """{"component":"component:default/orders"}""", "orders orders-v7 was released" },
        { "Secret", "create", "user:default/jane", """{"name":"API_KEY","scope":"component/default/orders/staging"}""", "jane set the secret API_KEY of orders in staging" },
        { "Secret", "update", "user:default/jane", """{"name":"API_KEY","scope":"team/default/shop"}""", "jane on the secret API_KEY of team shop: changed" },
        { "Secret", "delete", "system:secrets", """{"name":"API_KEY","scope":"organisation"}""", "Axle destroyed the secret API_KEY of the organisation" },
        { "Secret", "create", "user:default/jane", "{}", "jane set the secret orders-v7" },
        { "Secret", "update", "system:rotation", """{"name":"login","scope":"own/resourceclaim/default/orders.db.staging"}""", null },
        { "Component", "create", "user:default/jane", "{}", "jane created component orders-v7" },
        { "Component", "delete", "user:default/jane", "{}", "jane deleted component orders-v7" },
        { "Gadget", "update", "user:default/jane", "{}", "jane changed gadget orders-v7" },
        { "Deployment", "create", "user:default/jane", "{}", "jane deployed something something to something" },
    };

    [Theory, MemberData(nameof(Rows))]
    public void A_change_is_told_in_words(string kind, string verb, string actor, string spec, string? sentence)
    {
        var entity = new Entity
        {
            ApiVersion = "axle.dev/v1",
            Kind = kind,
            Metadata = new Metadata { Name = "orders-v7" },
            Spec = JsonSerializer.Deserialize<JsonElement>(spec),
        };
        var change = new Change(1, default, actor, verb, entity.Ref, entity);
        Assert.Equal(sentence?.Replace("orders orders-v7 was", "orders v7 was", StringComparison.Ordinal), Sentences.Of(change));
    }
}
