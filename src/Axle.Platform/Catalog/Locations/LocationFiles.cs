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
/// <param name="ListUnknown">Which files there are could not be found out, so that everything known stays.</param>
internal sealed record LocationReading(IReadOnlyList<Entity> Entities, IReadOnlySet<EntityRef> Broken, IReadOnlySet<string> Unread, IReadOnlyList<Problem> Problems, bool ListUnknown = false)
{
    /// <summary>Whether an entity that was described before, and is not now, may still be described.</summary>
    public bool MayHave(Entity entity) => ListUnknown || Broken.Contains(entity.Ref) || (Managed.FileOf(entity) is { } file && Unread.Contains(file));
}

/// <summary>Reads the files that a Location names. Nothing is written.</summary>
internal sealed class LocationFiles(TargetReader reader, Substitutions substitutions, Discovery discovery, EntityKinds kinds)
{
    private const string OwnPrefix = "axle.dev/";
    private const int AtOnce = 8;

    /// <param name="decidesIdentity">
    /// An administrator answers for it: users and groups are taken from it, which else are refused, since they decide who may do
    /// what; and it may mean all repositories of an organisation.
    /// </param>
    public async Task<LocationReading> ReadAsync(Entity location, bool decidesIdentity, CancellationToken stop)
    {
        if (Discovery.TypeOf(location) is { } type)
        {
            return await DiscoverAsync(location, type, decidesIdentity, stop);
        }

        // 1. Which files.
        var found = new Found();
        var files = await FilesAsync(location, found, stop);

        // 2. Every file; some at once, kept in the order of the targets.
        var texts = new Result<TargetText>[files.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, each) =>
            texts[i] = await reader.ReadAsync(files[i], each));

        // 3. What each says.
        foreach (var (i, read) in texts.Index())
        {
            if (read.TryGet(out var text, out var error))
            {
                await TakeAsync(text, location, decidesIdentity, found, stop);
            }

            // An optional file may be missing; one that cannot be read now is something else.
            else if (error is not TargetUnreadable { Missing: true } || !LocationSpec.IsOptional(location))
            {
                found.Problems.Add(new Problem(error.Message, files[i].ToString()));
                found.Unread.Add(files[i].ToString());
            }
        }

        return found.Reading;
    }

    /// <summary>The addresses of the targets; each of those with a * is as many as match.</summary>
    private async Task<List<Uri>> FilesAsync(Entity location, Found found, CancellationToken stop)
    {
        var files = new List<Uri>();
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (LocationSpec.AddressOf(location, target) is not { } address)
            {
                found.Problems.Add(new Problem(new TargetInvalid(target).Message));
            }
            else if (!Globs.Has(Uri.UnescapeDataString(address.AbsolutePath)))
            {
                files.Add(address);
            }
            else if ((await reader.MatchingAsync(address, stop)).TryGet(out var matching, out var error))
            {
                files.AddRange(matching);
            }
            else if (error is not TargetUnreadable { Missing: true } || !LocationSpec.IsOptional(location))
            {
                // Which files were meant is not known, so nothing may be taken for gone.
                found.Problems.Add(new Problem(error.Message, address.ToString()));
                found.ListUnknown |= error is not TargetUnreadable { Missing: true };
            }
        }

        return [.. files.Distinct()];
    }

    private async Task TakeAsync(TargetText text, Entity location, bool decidesIdentity, Found found, CancellationToken stop)
    {
        var (file, before) = (text.Target.ToString(), found.Problems.Count);
        Func<YamlValue, YamlValue>? change = null;
        if (Substitutions.MayBeIn(text.Text))
        {
            // Read once to see what is needed; mistakes are told by the second time.
            var documents = new List<YamlValue>();
            Descriptors.ReadEach(text.Text, file, [], document =>
            {
                documents.Add(document);
                return document;
            });
            change = Numbered(documents, await substitutions.PrepareAsync(text.Target, documents, found.Problems, stop));
        }

        var described = Descriptors.ReadEach(text.Text, file, found.Problems, change);
        if (found.Problems.Count > before)
        {
            found.Unread.Add(file);
        }

        foreach (var one in described)
        {
            var wrong = Check(one.Entity, found.Entities, decidesIdentity);
            if (wrong.Count == 0)
            {
                found.Take(Annotated(one.Entity, text.Target, location));
                continue;
            }

            found.Problems.AddRange(wrong.Select(one.Placed));
            if (EnvelopeRules.Check(one.Entity).Count == 0)
            {
                found.Broken.Add(one.Entity.Ref);
            }
        }
    }

    /// <summary>The same documents come in the same order at every reading of a text, as other instances.</summary>
    private static Func<YamlValue, YamlValue> Numbered(List<YamlValue> documents, Func<YamlValue, YamlValue> change)
    {
        var next = 0;
        return _ => change(documents[next++]);
    }

    /// <summary>Each file of each repository becomes a Location; they are optional, since not every repository describes something.</summary>
    private async Task<LocationReading> DiscoverAsync(Entity location, string type, bool decidesIdentity, CancellationToken stop)
    {
        var found = new Found();
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (!decidesIdentity)
            {
                found.Problems.Add(new Problem(new DiscoveryRefused(type).Message, target));
                found.ListUnknown = true;
            }
            else if ((await discovery.FindAsync(type, target, stop)).TryGet(out var files, out var error))
            {
                foreach (var file in files)
                {
                    found.Take(Annotated(LocationSpec.Found(file), new Uri(target, UriKind.RelativeOrAbsolute) is { IsAbsoluteUri: true } page ? page : file, location));
                }
            }
            else
            {
                // An API that fails says nothing about what is there.
                found.Problems.Add(new Problem(error.Message, target));
                found.ListUnknown = true;
            }
        }

        return found.Reading;
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

        if (Discovery.TypeOf(entity) is { } type && entity.Kind == Kinds.Location && !decidesIdentity)
        {
            return [new Problem(new DiscoveryRefused(type).Message.TrimEnd('.'), Path: "spec.type")];
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
        Link(annotations, Managed.ViewUrl, file);
        Link(annotations, Managed.EditUrl, SourceHosts.EditOf(file));
        if (entity.Kind is Kinds.Component or Kinds.Template)
        {
            annotations.TryAdd(Annotations.SourceLocation, $"url:{new Uri(file, ".")}");
        }

        return entity with { Metadata = entity.Metadata with { Annotations = annotations }, Status = default, Relations = [] };
    }

    /// <summary>The file's own wins, unless it is one that would run in the browser of whoever clicks it.</summary>
    private static void Link(Dictionary<string, string> annotations, string key, Uri? computed)
    {
        if (annotations.TryGetValue(key, out var own) && !(Uri.TryCreate(own, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            annotations.Remove(key);
        }

        if (computed is not null)
        {
            annotations.TryAdd(key, computed.ToString());
        }
    }

    /// <summary>What has been found so far.</summary>
    private sealed class Found
    {
        public Dictionary<EntityRef, Entity> Entities { get; } = [];

        public HashSet<EntityRef> Broken { get; } = [];

        public HashSet<string> Unread { get; } = [];

        public List<Problem> Problems { get; } = [];

        public bool ListUnknown { get; set; }

        public LocationReading Reading => new([.. Entities.Values], Broken, Unread, Problems, ListUnknown);

        public void Take(Entity entity) => Entities.TryAdd(entity.Ref, entity);
    }
}
