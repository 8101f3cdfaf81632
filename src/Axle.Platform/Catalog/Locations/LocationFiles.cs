using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Reads the files that a Location names. Nothing is written.</summary>
internal sealed class LocationFiles(TargetReader reader, FileContents contents, KnownDocuments documents, Discovery discovery)
{
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
        var known = documents.Of(location, decidesIdentity);

        // 2. What each says; some at once, kept in the order of the targets.
        var read = new FileContent[files.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, each) =>
            read[i] = await contents.ReadAsync(files[i], location, decidesIdentity, known, each));

        // 3. All of it, each name once.
        Array.ForEach(read, found.Take);
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
                found.Problems.Add(new Problem(error.Message, address.AbsoluteUri));
                found.ListUnknown |= error is not TargetUnreadable { Missing: true };
            }
        }

        return [.. files.Distinct()];
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
                    var entity = new Origin(Uri.TryCreate(target, UriKind.Absolute, out var page) ? page : file, location).On(LocationSpec.Found(file));
                    found.Entities.TryAdd(entity.Ref, new FileEntity(entity, null, null));
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

    /// <summary>What has been found so far.</summary>
    private sealed class Found
    {
        private readonly HashSet<EntityRef> _broken = [];
        private readonly HashSet<string> _unread = [];

        public Dictionary<EntityRef, FileEntity> Entities { get; } = [];

        public List<Problem> Problems { get; } = [];

        public bool ListUnknown { get; set; }

        public LocationReading Reading => new([.. Entities.Values], _broken, _unread, Problems, ListUnknown);

        public void Take(FileContent content)
        {
            Problems.AddRange(content.Problems);
            _broken.UnionWith(content.Broken);
            if (!content.IsWhole)
            {
                _unread.Add(content.File.AbsoluteUri);
            }

            foreach (var one in content.Entities)
            {
                if (!Entities.TryAdd(one.Entity.Ref, one))
                {
                    Problems.Add(new Problem($"{one.Entity.Ref.Short} is described twice; the first is taken", one.Place?.File ?? content.File.AbsoluteUri, one.Place?.Line, one.Place?.Column, "metadata.name"));
                }
            }
        }
    }
}
