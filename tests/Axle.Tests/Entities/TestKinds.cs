using Axle.Contracts;
using Axle.Entities;

namespace Axle.Tests.Entities;

internal sealed record ThingSpec
{
    public string? Type { get; init; }

    public string? Owner { get; init; }

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    public int Size { get; init; }

    public string? Note { get; init; }
}

internal sealed record ThingStatus
{
    public string? Phase { get; init; }

    public int Seen { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>Kinds with every trait the store treats differently.</summary>
internal static class TestKinds
{
    public static EntityKind<ThingSpec, ThingStatus> Thing { get; } = Of("Thing");

    public static EntityKind<ThingSpec, ThingStatus> Team { get; } = Of("Team");

    public static EntityKind<ThingSpec, ThingStatus> Frozen { get; } = new("axle.dev/v1", "Frozen") { Immutable = true };

    public static EntityKind<ThingSpec, ThingStatus> Held { get; } = new("axle.dev/v1", "Held") { Finalized = true, Edges = Edges };

    public static EntityKinds All { get; } = new([Thing, Team, Frozen, Held]);

    public static Entity Make(string name, ThingSpec? spec = null, Func<Metadata, Metadata>? metadata = null) =>
        Thing.Make(Thing.Ref(name), spec ?? new ThingSpec(), metadata);

    private static EntityKind<ThingSpec, ThingStatus> Of(string name) => new("axle.dev/v1", name)
    {
        Edges = Edges,
        Rules = spec => spec.Size < 0 ? [new Problem("must not be negative", Path: "spec.size")] : [],
    };

    private static IEnumerable<Relation> Edges(ThingSpec spec)
    {
        if (EntityRef.TryParse(spec.Owner, "team", "default", out var owner))
        {
            yield return new Relation("ownedBy", owner);
        }

        foreach (var other in spec.DependsOn)
        {
            if (EntityRef.TryParse(other, "thing", "default", out var target))
            {
                yield return new Relation("dependsOn", target);
            }
        }
    }
}
