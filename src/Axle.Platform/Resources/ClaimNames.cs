using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;

namespace Axle.Platform.Resources;

/// <summary>Finds the claim that a person means: by its whole name, or by a component or a part of the name with an environment.</summary>
internal sealed class ClaimNames(IEntityStore entities, IEnvironments environments)
{
    private const int NearMax = 3;

    /// <param name="name"><c>orders.db.staging</c>, <c>orders.db</c> or <c>orders</c>.</param>
    /// <param name="environment">Null is the first one, unless the name says it.</param>
    /// <param name="type">Only of this type; null is any.</param>
    public Result<Entity<ResourceClaimSpec, ResourceClaimStatus>> Find(string name, string? environment = null, string? type = null)
    {
        var all = entities.All(ResourceKinds.Claim).Where(claim => type is null || claim.Spec.Type == type).ToList();
        if (all.FirstOrDefault(claim => claim.Metadata.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || claim.Ref.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)) is { } exact)
        {
            return exact;
        }

        if (!environments.Find(environment).TryGet(out var where, out var error))
        {
            return error;
        }

        var there = all.Where(claim => claim.Spec.Environment == where.Ref).ToList();
        var meant = there.Where(claim => claim.Metadata.Name.Equals($"{name}.{where.Metadata.Name}", StringComparison.OrdinalIgnoreCase)).ToList();
        if (meant.Count == 0)
        {
            meant = [.. there.Where(claim => claim.Spec.Consumers.Any(consumer => consumer.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))];
        }

        if (meant.Count > 1)
        {
            return new Error("resources.ambiguous", $"{name} uses several resources in {where.Metadata.Name}: {string.Join(", ", meant.Select(claim => claim.Metadata.Name))}.", "Name one of them.", 409);
        }

        return meant.Count == 1
            ? meant[0]
            : new ClaimUnknown(name, [.. entities.All(ResourceKinds.Claim).Select(claim => claim.Metadata.Name).Where(known => known.Contains(name, StringComparison.OrdinalIgnoreCase)).Take(NearMax)]);
    }
}
