namespace Axle.Entities;

/// <summary>A kind of edge and the name it has when read from its other end.</summary>
/// <param name="Name">As the entity that declares the edge says it, for instance <c>ownedBy</c>.</param>
/// <param name="Inverse">As the target shows it, for instance <c>ownerOf</c>.</param>
/// <param name="HoldsTarget">The target must not be deleted while such an edge points at it.</param>
public sealed record RelationType(string Name, string Inverse, bool HoldsTarget = false);

/// <summary>
/// The edges that the store knows how to turn round. A capability adds its own with <c>AddRelationType</c>. An edge of an
/// unknown type is kept and found, but shows at its source only.
/// </summary>
public sealed class RelationTypes
{
    private readonly Dictionary<string, RelationType> _byName = new(StringComparer.Ordinal);

    /// <param name="added">Types beyond <see cref="BuiltIn"/>; one of the same name takes the built-in's place.</param>
    public RelationTypes(IEnumerable<RelationType> added)
    {
        foreach (var type in BuiltIn.Concat(added))
        {
            _byName[type.Name] = type;
            var back = new RelationType(type.Inverse, type.Name);
            if (type.Name != type.Inverse)
            {
                _byName[back.Name] = back;
            }
        }
    }

    /// <summary>
    /// Backstage's pairs and Axle's. Membership, parenthood and history (a build of a component) do not hold their target:
    /// what they describe can go without anything breaking.
    /// </summary>
    public static IReadOnlyList<RelationType> BuiltIn { get; } =
    [
        new("ownedBy", "ownerOf", HoldsTarget: true),
        new("dependsOn", "dependencyOf", HoldsTarget: true),
        new("partOf", "hasPart", HoldsTarget: true),
        new("consumesApi", "apiConsumedBy", HoldsTarget: true),
        new("providesApi", "apiProvidedBy"),
        new("childOf", "parentOf"),
        new("memberOf", "hasMember"),
        new("runsIn", "runs", HoldsTarget: true),
        new("deploys", "deployedBy", HoldsTarget: true),
        new("builtFrom", "builds"),
        new("releaseOf", "hasRelease"),
        new("buildOf", "hasBuild"),
        new("madeFrom", "templateOf"),
        new("describedBy", "describes"),
    ];

    /// <summary>The other end's name, or null when the type is unknown.</summary>
    public string? InverseOf(string type) => _byName.GetValueOrDefault(type)?.Inverse;

    /// <summary>Whether such an edge keeps its target from being deleted.</summary>
    public bool HoldsTarget(string type) => _byName.GetValueOrDefault(type)?.HoldsTarget ?? false;
}
