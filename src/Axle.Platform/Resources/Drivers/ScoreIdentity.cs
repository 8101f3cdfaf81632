using Axle.Contracts;
using Axle.Platform.Resources.GoTemplates;

namespace Axle.Platform.Resources.Drivers;

/// <summary>A claim's identity in Score's words.</summary>
internal static class ScoreIdentity
{
    private const string ComponentKind = "Component";

    /// <summary>What follows the <c>#</c> of the uid.</summary>
    public static string Id(ResourceClaimSpec spec) => spec.Uid.IndexOf('#', StringComparison.Ordinal) is var mark and >= 0 ? spec.Uid[(mark + 1)..] : spec.Uid;

    /// <summary>The workload that a private resource belongs to; of a shared one the first consumer by name, so that it does not change with their order.</summary>
    public static string SourceWorkload(ResourceClaimSpec spec)
    {
        var consumers = spec.Consumers.Where(c => c.Kind.Equals(ComponentKind, StringComparison.OrdinalIgnoreCase)).Select(c => c.Name).Order(StringComparer.Ordinal).ToList();
        var first = Id(spec).Split('.')[0];
        return consumers.Count == 0 || consumers.Contains(first) ? first : consumers[0];
    }

    public static GoMap Metadata(Claim claim)
    {
        var annotations = new GoMap();
        foreach (var (name, value) in claim.Entity.Metadata.Annotations)
        {
            annotations[name] = value;
        }

        return new GoMap { ["annotations"] = annotations };
    }
}
