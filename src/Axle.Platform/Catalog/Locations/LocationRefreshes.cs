using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Reads again, at once, every Location that names a file of a repository with new commits.</summary>
internal sealed class LocationRefreshes(IEntityStore entities, IReconcileQueue queue) : ISourceChanges
{
    public void Changed(Uri repository) => Refresh(repository);

    /// <summary>How many there were.</summary>
    public int Refresh(Uri repository)
    {
        var (woken, discoveries) = (0, new List<EntityRef>());
        foreach (var location in entities.Query(new EntityQuery { Kinds = [Kinds.Location], All = true }).Items)
        {
            if (Discovery.TypeOf(location) is { } type)
            {
                if (type == Discovery.OfThisPlatform || LocationSpec.TargetsOf(location).Any(target => Uri.TryCreate(target, UriKind.Absolute, out var page) && page.Authority == repository.Authority))
                {
                    discoveries.Add(location.Ref);
                }

                continue;
            }

            if (LocationSpec.TargetsOf(location).Any(target => LocationSpec.AddressOf(location, target) is { } address && SourceHosts.IsIn(address, repository)))
            {
                queue.Wake(location.Ref);
                woken++;
            }
        }

        // One that nobody knows yet may be new in an organisation.
        if (woken == 0)
        {
            discoveries.ForEach(queue.Wake);
            woken = discoveries.Count;
        }

        return woken;
    }
}
