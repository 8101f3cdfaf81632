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
        var (entities, unread, problems) = (new Dictionary<EntityRef, Entity>(), new HashSet<string>(), new List<Problem>());
        var (files, isListUnknown) = await FilesAsync(location, problems, stop);

        // 2. Every file is read and understood, some at once; kept in the order of the targets.
        var contents = new FileContent[files.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, each) =>
            contents[i] = await ContentAsync(location, files[i], decidesIdentity, each));

        // 3. Each name once.
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

        return new LocationReading([.. entities.Values], contents.SelectMany(content => content.Broken).ToHashSet(), unread, problems, isListUnknown);
    }

    /// <summary>The addresses of the targets; each of those with a * is as many as match.</summary>
    private async Task<(IReadOnlyList<Uri> Files, bool IsListUnknown)> FilesAsync(Entity location, List<Problem> problems, CancellationToken stop)
    {
        var (files, isListUnknown) = (new List<Uri>(), false);
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (LocationSpec.AddressOf(location, target) is not { } address)
            {
                problems.Add(new Problem(new TargetInvalid(target).Message));
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
                problems.Add(new Problem(error.Message, address.ToString()));
                isListUnknown = true;
            }
        }

        return ([.. files.Distinct()], isListUnknown);
    }

    /// <summary>Each file of each repository becomes a Location; they are optional, since not every repository describes something.</summary>
    private async Task<LocationReading> DiscoverAsync(Entity location, string type, bool decidesIdentity, CancellationToken stop)
    {
        var (found, problems) = (new Dictionary<EntityRef, Entity>(), new List<Problem>());
        foreach (var target in LocationSpec.TargetsOf(location))
        {
            if (!decidesIdentity)
            {
                problems.Add(new Problem(new DiscoveryRefused(type).Message, target));
            }
            else if ((await discovery.FindAsync(type, target, stop)).TryGet(out var files, out var error))
            {
                foreach (var file in files)
                {
                    var one = new Origin(Uri.TryCreate(target, UriKind.Absolute, out var page) ? page : file, location).On(LocationSpec.Found(file));
                    found.TryAdd(one.Ref, one);
                }
            }
            else
            {
                problems.Add(new Problem(error.Message, target));
            }
        }

        // An API that fails says nothing about what is there.
        return new LocationReading([.. found.Values], new HashSet<EntityRef>(), new HashSet<string>(), problems, ListUnknown: problems.Count > 0);
    }

    /// <summary>What one file says, or why it cannot be read. An optional one that is missing says nothing.</summary>
    private async Task<FileContent> ContentAsync(Entity location, Uri address, bool decidesIdentity, CancellationToken stop)
    {
        if (!(await reader.ReadAsync(address, stop)).TryGet(out var text, out var error))
        {
            return error is TargetUnreadable { Missing: true } && LocationSpec.IsOptional(location)
                ? new FileContent(address, [], [], [], IsWhole: true)
                : FileContent.Failed(address, error);
        }

        // Checked here and now: what a file is read into is many times its entities, and goes before the next one is read.
        var (taken, broken, problems) = (new List<(Entity, Place?)>(), new List<EntityRef>(), new List<Problem>());
        var change = Substitutions.MayBeIn(text.Text) ? await ChangeAsync(text, problems, stop) : null;
        var described = Descriptors.ReadEach(text.Text, text.Target.ToString(), problems, change);
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

    /// <summary>What stands for other files' content, replaced. The documents come in the same order at every reading of a text.</summary>
    private async Task<Func<YamlValue, YamlValue?>> ChangeAsync(TargetText text, List<Problem> problems, CancellationToken stop)
    {
        // Read once to see what is needed; mistakes are told by the second time.
        var documents = new List<YamlValue>();
        Descriptors.ReadEach(text.Text, text.Target.ToString(), [], document =>
        {
            documents.Add(document);
            return document;
        });
        var replace = await substitutions.PrepareAsync(text.Target, documents, problems, stop);
        var next = 0;
        return _ => replace(documents[next++]);
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

        if (entity.Kind == Kinds.Location && !decidesIdentity && Discovery.TypeOf(entity) is { } type)
        {
            return [new Problem(new DiscoveryRefused(type).Message.TrimEnd('.'), Path: "spec.type")];
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
        private readonly string _view = file.ToString();
        private readonly string? _edit = SourceHosts.EditOf(file)?.ToString();

        public Entity On(Entity entity)
        {
            var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal)
            {
                [Managed.File] = _file,
                [Managed.Origin] = _origin,
                [Managed.Location] = _location,
            };
            Link(annotations, Managed.ViewUrl, _view);
            Link(annotations, Managed.EditUrl, _edit);
            if (entity.Kind is Kinds.Component or Kinds.Template)
            {
                annotations.TryAdd(Annotations.SourceLocation, _source);
            }

            return entity with { Metadata = entity.Metadata with { Annotations = annotations }, Status = default, Relations = [] };
        }

        /// <summary>The file's own wins, unless it is one that would run in the browser of whoever clicks it.</summary>
        private static void Link(Dictionary<string, string> annotations, string key, string? computed)
        {
            if (annotations.TryGetValue(key, out var own) && !(Uri.TryCreate(own, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            {
                annotations.Remove(key);
            }

            if (computed is not null)
            {
                annotations.TryAdd(key, computed);
            }
        }
    }

    /// <param name="Address">Of the file, after redirects; null when the target is no address.</param>
    /// <param name="IsWhole">All of it could be read, though not every entity need be in order.</param>
    private sealed record FileContent(Uri? Address, IReadOnlyList<(Entity Entity, Place? Place)> Entities, IReadOnlyList<EntityRef> Broken, IReadOnlyList<Problem> Problems, bool IsWhole)
    {
        public static FileContent Failed(Uri? address, Error error) => new(address, [], [], [new Problem(error.Message, address?.ToString())], IsWhole: false);
    }
}
