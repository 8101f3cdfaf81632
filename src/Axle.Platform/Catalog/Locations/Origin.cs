using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Writes on entities where they come from, in addresses that a tool can take as they are: a space is %20. One for each file, so
/// that all of its entities share the texts.
/// </summary>
internal sealed class Origin(Uri file, Entity location)
{
    private readonly string _file = $"url:{file.AbsoluteUri}";
    private readonly string _origin = $"url:{Managed.OriginOf(location) ?? file.AbsoluteUri}";
    private readonly string _location = location.Ref.ToString();
    private readonly string _source = $"url:{new Uri(file, ".").AbsoluteUri}";
    private readonly string _view = file.AbsoluteUri;
    private readonly string? _edit = SourceHosts.EditOf(file)?.AbsoluteUri;

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

        return entity with { Metadata = entity.Metadata with { Annotations = annotations }, Spec = SortedLists.In(entity.Spec), Status = default, Relations = [] };
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
