using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Files;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Applies descriptor files of the platform's own repositories. What they describe then knows its repository, and the
/// template that it was made from.
/// </summary>
internal sealed class OwnDescriptors(IRepositories repositories, ICatalog catalog, IEntityStore entities)
{
    private const int FilesMax = 100;

    public async Task<Result<IReadOnlyList<Entity>>> ApplyAsync(OwnRepository file, ActionRun run, CancellationToken stop)
    {
        // 1. All that the file describes, and the files that Locations in it name.
        if (await repositories.ResolveAsync(file.Name, file.Revision, stop) is not { } head)
        {
            return ActionErrors.Source(file.Path, $"there is no such commit in a repository {SafePath.Shown(file.Name)}");
        }

        if (!(await ReadAsync(file.Name, head.Commit, file.Path, stop)).TryGet(out var described, out var wrong))
        {
            return wrong;
        }

        // 2. Nothing of somebody else's is overwritten.
        var source = $"url:{repositories.Find(file.Name)!.CloneUrl}";
        if (described.FirstOrDefault(one => entities.Find(one.Entity.Ref) is { } there && there.Metadata.Annotations.GetValueOrDefault(Annotations.SourceLocation) != source) is { } taken)
        {
            return TemplateErrors.Exists(taken.Entity.Ref);
        }

        // 3. The first component is what is built from the repository.
        var main = described.FirstOrDefault(one => one.Entity.Kind == Kinds.Component)?.Entity;
        var annotated = described.Select(one => one.As(Annotated(one.Entity, one.Entity == main ? file.Name : null, source, run.Origin))).ToList();
        var applied = await catalog.ApplyAsync(annotated, run.Caller, message: $"Created from the template {run.Origin.Template.Name}", stop: stop);
        return applied.TryGet(out _, out var refused) ? Result<IReadOnlyList<Entity>>.Of([.. annotated.Select(one => one.Entity)]) : refused;
    }

    private async Task<Result<IReadOnlyList<Described>>> ReadAsync(string repository, string commit, string path, CancellationToken stop)
    {
        var (described, waiting, seen) = (new List<Described>(), new Queue<string>([path]), new HashSet<string>(StringComparer.Ordinal));
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            if (seen.Count > FilesMax)
            {
                return ActionErrors.TooLarge("The descriptor", $"{FilesMax} files that its Locations name");
            }

            if (await repositories.ReadAsync(repository, commit, next, stop) is not { } text)
            {
                return ActionErrors.Source(next, $"there is no such file in {repository}");
            }

            if (!Descriptors.Read(text, next).TryGet(out var found, out var wrong))
            {
                return wrong;
            }

            foreach (var one in found)
            {
                var inside = one.Entity.Kind == Kinds.Location ? Targets(one.Entity, next) : [];
                if (inside.Count == 0)
                {
                    described.Add(one);
                }

                inside.ForEach(waiting.Enqueue);
            }
        }

        return described;
    }

    /// <summary>Files of the same repository; such a Location is only a list of them.</summary>
    private static List<string> Targets(Entity location, string from)
    {
        var spec = location.Spec;
        var targets = new List<string?>();
        if (spec.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            targets.Add(spec.TryGetProperty("target", out var one) ? one.ToString() : null);
            targets.AddRange(spec.TryGetProperty("targets", out var several) && several.ValueKind == System.Text.Json.JsonValueKind.Array ? several.EnumerateArray().Select(target => target.ToString()) : []);
        }

        return [.. targets.OfType<string>().Where(target => !Uri.TryCreate(target, UriKind.Absolute, out _)).Select(target => RepositoryPath.Join(from, target)).OfType<string>()];
    }

    private static Entity Annotated(Entity entity, string? repository, string source, TemplateOrigin origin)
    {
        var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal) { [Annotations.SourceLocation] = source };
        if (repository is not null)
        {
            annotations[Annotations.Repository] = repository;
            annotations[Annotations.SourceTemplate] = origin.Template.ToString();
        }

        return entity with { Metadata = entity.Metadata with { Annotations = annotations } };
    }
}
