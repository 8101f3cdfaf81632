using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>Reads what a descriptor file of a repository describes at a commit, and the files of the same repository that Locations in it name.</summary>
internal sealed class DescriptorFiles(IRepositories repositories)
{
    private const int FilesMax = 100;

    public async Task<Result<IReadOnlyList<Described>>> ReadAsync(string repository, string commit, string path, CancellationToken stop)
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
                return Errors.DescriptorsTooMany(FilesMax);
            }

            if (await repositories.ReadAsync(repository, commit, next, stop) is not { } text)
            {
                return Errors.DescriptorMissing(next, $"there is no such file in {repository}");
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
        if (spec.ValueKind == JsonValueKind.Object)
        {
            targets.Add(spec.TryGetProperty("target", out var one) ? one.ToString() : null);
            targets.AddRange(spec.TryGetProperty("targets", out var several) && several.ValueKind == JsonValueKind.Array ? several.EnumerateArray().Select(target => target.ToString()) : []);
        }

        return [.. targets.OfType<string>().Where(target => !Uri.TryCreate(target, UriKind.Absolute, out _)).Select(target => RepositoryPath.Join(from, target)).OfType<string>()];
    }
}
