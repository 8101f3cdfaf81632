using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>
/// Which provisioner makes a resource. Type must be equal; class, id and environment must be equal where the provisioner names
/// them; the one that names most wins. Pure.
/// </summary>
internal static class Matching
{
    /// <summary>A provisioner by name.</summary>
    public sealed record Candidate(string Name, ProvisionerSpec Spec);

    /// <summary>The one that fits best, or why there is none; a tie names all that fit equally.</summary>
    /// <param name="id">Null for a resource that is a workload's own.</param>
    public static Result<Candidate> Choose(IEnumerable<Candidate> all, string type, string @class, string? id, string environment)
    {
        var candidates = all.ToList();
        var fitting = candidates.Where(one => Fits(one.Spec, type, @class, id, environment)).GroupBy(one => Weight(one.Spec)).MaxBy(group => group.Key)?.ToList() ?? [];
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => new NoProvisioner(type, @class, environment, [.. candidates.Select(one => one.Spec.Type).Distinct().Order(StringComparer.Ordinal)]),
            _ => new ProvisionersTie(type, @class, [.. fitting.Select(one => one.Name).Order(StringComparer.Ordinal)]),
        };
    }

    private static bool Fits(ProvisionerSpec spec, string type, string @class, string? id, string environment) =>
        spec.Type == type
        && (spec.Class is null || spec.Class == @class)
        && (spec.Id is null || spec.Id == id)
        && (spec.Environment is null || spec.Environment.Equals(environment, StringComparison.OrdinalIgnoreCase));

    /// <summary>An id is said of one thing, a class of several, an environment of everything in it; what is built in comes after what somebody registered.</summary>
    private static int Weight(ProvisionerSpec spec) =>
        (spec.Id is null ? 0 : 8) + (spec.Class is null ? 0 : 4) + (spec.Environment is null ? 0 : 2) + (spec.Uri.StartsWith("axle://", StringComparison.Ordinal) ? 0 : 1);
}
