using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Ownership;
using Axle.Platform.Workloads;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Everything that the files of one Location say.</summary>
/// <param name="Entities">Those that can be taken as they are.</param>
/// <param name="Broken">Refs of those that are in a file but cannot be taken; what is known of them stays.</param>
/// <param name="Unread">Files that could not be read, whole or in part; what is known from them stays.</param>
internal sealed record LocationReading(IReadOnlyList<Entity> Entities, IReadOnlySet<EntityRef> Broken, IReadOnlySet<string> Unread, IReadOnlyList<Problem> Problems);

/// <summary>Reads the files that a Location names. Nothing is written.</summary>
internal sealed class LocationFiles(TargetReader reader, EntityKinds kinds)
{
    private const string OwnPrefix = "axle.dev/";
    private const int AtOnce = 8;

    /// <param name="decidesIdentity">Users and groups are taken from it; else they are refused, since they decide who may do what.</param>
    public async Task<LocationReading> ReadAsync(Entity location, bool decidesIdentity, CancellationToken stop)
    {
        // 1. Every file is read and understood, some at once; kept in the order of the targets.
        var targets = LocationSpec.TargetsOf(location);
        var contents = new FileContent[targets.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, targets.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, each) =>
            contents[i] = await ContentAsync(location, targets[i], decidesIdentity, each));

        // 2. Each name once.
        var (entities, unread, problems) = (new Dictionary<EntityRef, Entity>(), new HashSet<string>(), new List<Problem>());
        foreach (var content in contents)
        {
            problems.AddRange(content.Problems);
            if (!content.IsWhole)
            {
                unread.Add(content.Address?.ToString() ?? "");
            }

            foreach (var (entity, place) in content.Entities)
            {
                if (!entities.TryAdd(entity.Ref, entity))
                {
                    problems.Add(new Problem($"{entity.Ref.Short} is described twice; the first is taken", place?.File, place?.Line, place?.Column, "metadata.name"));
                }
            }
        }

        return new LocationReading([.. entities.Values], contents.SelectMany(content => content.Broken).ToHashSet(), unread, problems);
    }

    /// <summary>What one file says, or why it cannot be read. An optional one that is missing says nothing.</summary>
    private async Task<FileContent> ContentAsync(Entity location, string target, bool decidesIdentity, CancellationToken stop)
    {
        if (LocationSpec.AddressOf(location, target) is not { } address)
        {
            return FileContent.Failed(null, new TargetInvalid(target));
        }

        if (!(await reader.ReadAsync(address, stop)).TryGet(out var text, out var error))
        {
            return error is TargetUnreadable { Missing: true } && LocationSpec.IsOptional(location)
                ? new FileContent(address, [], [], [], IsWhole: true)
                : FileContent.Failed(address, error);
        }

        // Checked here and now: what a file is read into is many times its entities, and goes before the next one is read.
        var (taken, broken, problems) = (new List<(Entity, Place?)>(), new List<EntityRef>(), new List<Problem>());
        var described = Descriptors.ReadEach(text.Text, text.Target.ToString(), problems);
        var isWhole = problems.Count == 0;
        var origin = new Origin(text.Target, location);
        foreach (var one in described)
        {
            if (Check(one.Entity, decidesIdentity) is { Count: > 0 } wrong)
            {
                problems.AddRange(wrong.Select(one.Placed));
                if (EnvelopeRules.Check(one.Entity).Count == 0)
                {
                    broken.Add(one.Entity.Ref);
                }
            }
            else
            {
                taken.Add((origin.On(one.Entity), one.Place));
            }
        }

        return new FileContent(text.Target, taken, broken, problems, isWhole);
    }

    private IReadOnlyList<Problem> Check(Entity entity, bool decidesIdentity)
    {
        if (EnvelopeRules.Check(entity) is { Count: > 0 } envelope)
        {
            return envelope;
        }

        if (kinds.Find(entity.Kind) is not BackstageKind kind)
        {
            return [new Problem($"files describe Backstage's kinds only, not {entity.Kind}", Path: "kind")];
        }

        if (Roles.Decides(entity.Kind) && !decidesIdentity)
        {
            return [new Problem($"{entity.Kind} decides who may do what, so it is taken only from locations that an administrator registered", Path: "kind")];
        }

        return entity.Metadata.Annotations.Keys.FirstOrDefault(key => key.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase)) is { } own
            ? [new Problem("is the platform's own annotation, which a file cannot give", Path: $"metadata.annotations.{own}")]
            : kind.Check(entity);
    }

    /// <summary>Where the entities of one file come from; the same texts for all of them.</summary>
    private sealed class Origin(Uri file, Entity location)
    {
        private readonly string _file = $"url:{file}";
        private readonly string _origin = $"url:{Managed.OriginOf(location) ?? file.ToString()}";
        private readonly string _location = location.Ref.ToString();
        private readonly string _source = $"url:{new Uri(file, ".")}";

        public Entity On(Entity entity)
        {
            var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal)
            {
                [Managed.File] = _file,
                [Managed.Origin] = _origin,
                [Managed.Location] = _location,
            };
            if (entity.Kind is Kinds.Component or Kinds.Template)
            {
                annotations.TryAdd(Annotations.SourceLocation, _source);
            }

            return entity with { Metadata = entity.Metadata with { Annotations = annotations }, Status = default, Relations = [] };
        }
    }

    /// <param name="Address">Of the file, after redirects; null when the target is no address.</param>
    /// <param name="IsWhole">All of it could be read, though not every entity need be in order.</param>
    private sealed record FileContent(Uri? Address, IReadOnlyList<(Entity Entity, Place? Place)> Entities, IReadOnlyList<EntityRef> Broken, IReadOnlyList<Problem> Problems, bool IsWhole)
    {
        public static FileContent Failed(Uri? address, Error error) => new(address, [], [], [new Problem(error.Message, address?.ToString())], IsWhole: false);
    }
}
