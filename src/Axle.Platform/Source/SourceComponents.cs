using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Source;

/// <summary>Which components are built from a repository.</summary>
internal sealed class SourceComponents(IEntityStore entities)
{
    /// <summary>
    /// The component that a repository belongs to: the first that was registered, so that nobody gets a say in a
    /// repository by writing its name into a component of their own.
    /// </summary>
    public Entity? OwnerOf(string repository) =>
        entities.Query(new EntityQuery { Kinds = [Kinds.Component], All = true }).Items
            .Where(component => RepositoryOf(component) == repository && component.Metadata.DeletedAt is null)
            .OrderBy(component => component.Metadata.CreatedAt)
            .ThenBy(component => component.Ref)
            .FirstOrDefault();

    /// <summary>The repository that a component names.</summary>
    public static string? RepositoryOf(Entity component) => component.Metadata.Annotations.GetValueOrDefault(Annotations.Repository);

    /// <summary>Names of repositories as components that name them come or change.</summary>
    public async IAsyncEnumerable<string> ChangesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var change in entities.WatchAsync(entities.Revision, stop))
        {
            if (change.Ref.Kind == "component" && change.Verb is "create" or "update" && RepositoryOf(change.Entity) is { } repository)
            {
                yield return repository;
            }
        }
    }
}
