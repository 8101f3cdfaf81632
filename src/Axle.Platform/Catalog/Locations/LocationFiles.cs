using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Ownership;

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
        // 1. Every file; some at once, kept in the order of the targets.
        var targets = LocationSpec.TargetsOf(location);
        var texts = new (Uri? Address, Result<TargetText> Text)[targets.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, targets.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, each) =>
        {
            var address = LocationSpec.AddressOf(location, targets[i]);
            texts[i] = (address, address is null ? new TargetInvalid(targets[i]) : await reader.ReadAsync(address, each));
        });

        // 2. What each says.
        var (entities, broken, unread, problems) = (new Dictionary<EntityRef, Entity>(), new HashSet<EntityRef>(), new HashSet<string>(), new List<Problem>());
        foreach (var (address, read) in texts)
        {
            if (!read.TryGet(out var text, out var error))
            {
                // An optional file may be missing; one that cannot be read now is something else.
                if (error is not TargetUnreadable { Missing: true } || !LocationSpec.IsOptional(location))
                {
                    problems.Add(new Problem(error.Message, address?.ToString()));
                    unread.Add(address?.ToString() ?? "");
                }

                continue;
            }

            var before = problems.Count;
            var described = Descriptors.ReadEach(text.Text, text.Target.ToString(), problems);
            if (problems.Count > before)
            {
                unread.Add(text.Target.ToString());
            }

            foreach (var one in described)
            {
                var entity = Annotated(one.Entity, text.Target, location);
                var wrong = Check(one.Entity, entities, decidesIdentity);
                if (wrong.Count == 0)
                {
                    entities.Add(entity.Ref, entity);
                    continue;
                }

                problems.AddRange(wrong.Select(one.Placed));
                if (EnvelopeRules.Check(one.Entity).Count == 0)
                {
                    broken.Add(one.Entity.Ref);
                }
            }
        }

        return new LocationReading([.. entities.Values], broken, unread, problems);
    }

    private IReadOnlyList<Problem> Check(Entity entity, Dictionary<EntityRef, Entity> seen, bool decidesIdentity)
    {
        if (EnvelopeRules.Check(entity) is { Count: > 0 } envelope)
        {
            return envelope;
        }

        if (seen.ContainsKey(entity.Ref))
        {
            return [new Problem($"{entity.Ref.Short} is described twice; the first is taken", Path: "metadata.name")];
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

    private static Entity Annotated(Entity entity, Uri file, Entity location)
    {
        var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal)
        {
            [Managed.File] = $"url:{file}",
            [Managed.Origin] = $"url:{Managed.OriginOf(location) ?? file.ToString()}",
            [Managed.Location] = location.Ref.ToString(),
        };
        if (entity.Kind is Kinds.Component or Kinds.Template)
        {
            annotations.TryAdd(Annotations.SourceLocation, $"url:{new Uri(file, ".")}");
        }

        return entity with { Metadata = entity.Metadata with { Annotations = annotations }, Status = default, Relations = [] };
    }
}
