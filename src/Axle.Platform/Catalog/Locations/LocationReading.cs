using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>What came of reading the files of one Location, beside the entities; complete when all of those have been taken.</summary>
internal sealed class LocationReading
{
    private readonly HashSet<EntityRef> _described = [];
    private readonly HashSet<EntityRef> _broken = [];
    private readonly HashSet<string> _unread = [];

    /// <summary>Everything that can be taken as it is.</summary>
    public IReadOnlySet<EntityRef> Described => _described;

    public List<Problem> Problems { get; } = [];

    /// <summary>Files that need not be read the next time if they are still the same.</summary>
    public Dictionary<Uri, KnownFile> Known { get; } = [];

    /// <summary>Which files there are could not be found out, so that everything known stays.</summary>
    public bool ListUnknown { get; set; }

    /// <summary>The entities of one more file, each name once for the Location.</summary>
    public IEnumerable<FileEntity> Take(FileContent content)
    {
        Problems.AddRange(content.Problems);
        _broken.UnionWith(content.Broken);
        if (!content.IsWhole)
        {
            _unread.Add(content.File.AbsoluteUri);
        }

        if (content.Known is { } known)
        {
            Known[content.File] = known;
        }

        foreach (var one in content.Entities)
        {
            if (_described.Add(one.Ref))
            {
                yield return one;
            }
            else
            {
                Problems.Add(new Problem($"{one.Ref.Short} is described twice; the first is taken", one.Place?.File ?? content.File.AbsoluteUri, one.Place?.Line, one.Place?.Column, "metadata.name"));
            }
        }
    }

    /// <summary>Whether an entity that was described before, and is not now, may still be described: it is broken, or its file could not be read.</summary>
    public bool MayHave(Entity entity) => ListUnknown || _broken.Contains(entity.Ref) || (Managed.FileOf(entity) is { } file && _unread.Contains(file));
}
