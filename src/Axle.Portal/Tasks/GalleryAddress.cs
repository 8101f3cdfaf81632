using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Tasks;

/// <summary>What the gallery of templates is narrowed to, as its address holds it.</summary>
public sealed record GalleryAddress(string Text, string? Owner, string? Type, string? Tag)
{
    private const int TextMax = 200;

    public bool IsPlain => Text.Length == 0 && Owner is null && Type is null && Tag is null;

    public static GalleryAddress Of(IQueryCollection query)
    {
        var text = query["q"].ToString().Trim();
        return new GalleryAddress(text.Length > TextMax ? text[..TextMax] : text, One(query, "owner"), One(query, "type"), One(query, "tag"));
    }

    /// <summary>What a form sends along beside the words.</summary>
    public IEnumerable<(string Name, string Value)> Fields() =>
        new (string Name, string? Value)[] { ("owner", Owner), ("type", Type), ("tag", Tag) }.Where(one => one.Value is not null).Select(one => (one.Name, one.Value!));

    public override string ToString()
    {
        var query = Text.Length > 0 ? QueryString.Create("q", Text) : QueryString.Empty;
        return "/templates" + Fields().Aggregate(query, (so, one) => so.Add(one.Name, one.Value));
    }

    private static string? One(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 and <= TextMax } value ? value : null;
}
