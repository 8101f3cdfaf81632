using Axle.Contracts;

namespace Axle.Tests.Catalog;

public sealed class StandingsTests
{
    public static TheoryData<string, string?, string?, string> Cases => new()
    {
        // apiVersion         annotation                relation      standing
        { Kinds.BackstageApi, null,                     null,         "declared" },
        { Kinds.BackstageApi, null,                     "dependsOn",  "declared" },
        { Kinds.BackstageApi, null,                     "deployedBy", "live" },
        { Kinds.BackstageApi, null,                     "hasBuild",   "live" },
        { Kinds.BackstageApi, "example.com/repository", null,         "declared" },
        { Kinds.BackstageApi, Annotations.Repository,   null,         "live" },
        { Kinds.BackstageApi, Annotations.ResourceClaim, null,        "live" },
        { Kinds.AxleApi,      null,                     null,         "live" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void An_entity_is_live_when_Axle_provides_it(string apiVersion, string? annotation, string? relation, string standing) => Assert.Equal(standing, Standings.Of(new Entity
    {
        ApiVersion = apiVersion,
        Kind = Kinds.Component,
        Metadata = new Metadata { Name = "orders", Annotations = annotation is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [annotation] = "orders" } },
        Relations = relation is null ? [] : [new Relation(relation, EntityRef.Of(Kinds.Deployment, "orders.production"))],
    }));
}
