using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Catalog.Index;

/// <summary>Keeps the column index at what the store says.</summary>
internal sealed class CatalogIndexing(IEntityStore store, CatalogIndex index, IHostApplicationLifetime life, ILogger<CatalogIndexing> log) : IndexFollower(store, life, log)
{
    private readonly IEntityStore _store = store;

    protected override bool Has(string kind) => CatalogView.Shows(kind);

    protected override Task FillAsync(CancellationToken stop)
    {
        index.Fill(_store.ReadAll(new EntityQuery { Kinds = CatalogView.Kinds }).Select(CatalogView.Of));
        return Task.CompletedTask;
    }

    protected override void Take(IReadOnlyList<Entity> there, IReadOnlyList<EntityRef> gone)
    {
        index.Put(there.Select(CatalogView.Of));
        foreach (var which in gone)
        {
            var declared = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            index.Remove(which, (from, type) => (declared.TryGetValue(type, out var known) ? known : declared[type] = Declaring(type, which)).Contains(from));
        }
    }

    /// <summary>Who declares a relation to an entity by itself; the entity may be gone.</summary>
    private HashSet<string> Declaring(string type, EntityRef target) =>
        [.. _store.Query(new EntityQuery { Related = [new Relation(type, target)], All = true }).Items.Select(entity => entity.Ref.ToString())];
}
