using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Files;
using Axle.Platform.Ownership;

namespace Axle.Platform.Source;

/// <summary>Registers what a repository describes. It then knows its repository, and the template that it was made from.</summary>
internal sealed class RepositoryDescriptors(Repositories repositories, DescriptorFiles files, ICatalog catalog, IEntityStore entities) : IRepositoryDescriptors
{
    public async Task<Result<IReadOnlyList<Entity>>> RegisterAsync(string repository, string? revision, string path, EntityRef template, Caller caller, CancellationToken stop)
    {
        // 1. All that the file describes.
        if (await repositories.ResolveAsync(repository, revision, stop) is not { } head)
        {
            return Errors.DescriptorMissing(path, $"there is no such commit in a repository {SafePath.Shown(repository)}");
        }

        if (!(await files.ReadAsync(repository, head.Commit, path, stop)).TryGet(out var described, out var wrong))
        {
            return wrong;
        }

        // 2. Nothing of somebody else's is overwritten.
        var source = SourceOf(repository);
        if (described.FirstOrDefault(one => entities.Find(one.Entity.Ref) is { } there && there.Metadata.Annotations.GetValueOrDefault(Annotations.SourceLocation) != source) is { } taken)
        {
            return Errors.DescribedTaken(taken.Entity.Ref);
        }

        // 3. The first component is what is built from the repository.
        var main = described.FirstOrDefault(one => one.Entity.Kind == Kinds.Component)?.Entity;
        var at = new DescribedAt(repository, path, head.Commit);
        var wishes = described.Select(one => one.As(at.On(Marked(one.Entity, source, one.Entity == main ? (repository, template) : null)))).ToList();
        var applied = await catalog.ApplyAsync(wishes, caller, message: $"Created from the template {template.Name}", stop: stop);
        return applied.TryGet(out _, out var refused) ? Result<IReadOnlyList<Entity>>.Of([.. wishes.Select(one => one.Entity)]) : refused;
    }

    /// <summary>The value of <see cref="Annotations.SourceLocation"/>.</summary>
    public string SourceOf(string repository) => $"url:{repositories.CloneUrl(repository)}";

    /// <param name="built">Of the component that is built from the repository.</param>
    public static Entity Marked(Entity entity, string source, (string Repository, EntityRef Template)? built = null)
    {
        var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal) { [Annotations.SourceLocation] = source };
        if (built is var (repository, template))
        {
            annotations[Annotations.Repository] = repository;
            annotations[Annotations.SourceTemplate] = template.ToString();
        }

        return entity with { Metadata = entity.Metadata with { Annotations = annotations } };
    }
}
