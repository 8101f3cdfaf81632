using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Entries;

/// <summary>The catalogue page's whole state, as its address holds it.</summary>
public sealed record CatalogueAddress
{
    public const int PageSize = 50;
    public const string AllKinds = "all";
    private const int TextMax = 200;
    private const int ValuesMax = 20;
    private const int PageMax = 100_000;

    /// <summary>The names of the facets in the address.</summary>
    public static readonly IReadOnlyDictionary<CatalogueFacet, string> Names = new Dictionary<CatalogueFacet, string>
    {
        [CatalogueFacet.Kind] = "kind",
        [CatalogueFacet.Type] = "type",
        [CatalogueFacet.Owner] = "owner",
        [CatalogueFacet.System] = "system",
        [CatalogueFacet.Lifecycle] = "lifecycle",
        [CatalogueFacet.Tag] = "tag",
    };

    public CatalogueView View { get; init; }

    public string Text { get; init; } = "";

    public IReadOnlyDictionary<CatalogueFacet, IReadOnlyList<string>> Chosen { get; init; } = new Dictionary<CatalogueFacet, IReadOnlyList<string>>();

    public string? Sort { get; init; }

    public bool Descending { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>The kinds that are shown; empty is all of them.</summary>
    public IReadOnlyList<string> Kinds => Chosen.GetValueOrDefault(CatalogueFacet.Kind) switch
    {
        null or { Count: 0 } => View == CatalogueView.All && Text.Length == 0 && Chosen.Count == 0 ? ["Component"] : [],
        [AllKinds] => [],
        var kinds => kinds,
    };

    /// <summary>Nothing is asked for: the page as one comes to it.</summary>
    public bool IsPlain => View == CatalogueView.All && Text.Length == 0 && Chosen.Count == 0 && Page == 1;

    public static CatalogueAddress Of(IQueryCollection query)
    {
        var chosen = new Dictionary<CatalogueFacet, IReadOnlyList<string>>();
        foreach (var (facet, name) in Names)
        {
            string[] values = [.. query[name].OfType<string>().Where(value => value.Length is > 0 and <= TextMax).Distinct(StringComparer.OrdinalIgnoreCase).Take(ValuesMax)];
            if (values.Length > 0)
            {
                chosen[facet] = values;
            }
        }

        var text = query["q"].ToString().Trim();
        var sort = query["sort"].ToString();
        return new CatalogueAddress
        {
            View = query["view"].ToString() switch { "mine" => CatalogueView.Mine, "starred" => CatalogueView.Starred, _ => CatalogueView.All },
            Text = text.Length > TextMax ? text[..TextMax] : text,
            Chosen = chosen,
            Sort = sort is "name" or "kind" or "type" or "owner" or "lifecycle" or "system" ? sort : null,
            Descending = query["order"] == "desc",
            Page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, PageMax) : 1,
        };
    }

    public CatalogueQuestion Question()
    {
        var chosen = Chosen.Where(one => one.Key != CatalogueFacet.Kind).ToDictionary(
            one => one.Key,
            one => one.Key is CatalogueFacet.Owner or CatalogueFacet.System ? Refs(one.Value, one.Key == CatalogueFacet.Owner ? "Group" : "System") : one.Value);
        chosen[CatalogueFacet.Kind] = Kinds;
        return new CatalogueQuestion
        {
            View = View,
            Text = Text,
            Chosen = chosen,
            Order = Sort switch { "kind" => CatalogueFacet.Kind, "type" => CatalogueFacet.Type, "owner" => CatalogueFacet.Owner, "lifecycle" => CatalogueFacet.Lifecycle, "system" => CatalogueFacet.System, _ => null },
            ByName = Sort == "name",
            Descending = Descending,
            Skip = (Page - 1) * PageSize,
            Limit = PageSize,
        };
    }

    /// <summary>The address with a value of a facet taken or left; from the first page again.</summary>
    public CatalogueAddress Toggled(CatalogueFacet facet, string value)
    {
        // One kind at a time, or all: nobody compares teams with templates.
        if (facet == CatalogueFacet.Kind)
        {
            return With(facet, [Kinds.Contains(value, StringComparer.OrdinalIgnoreCase) ? AllKinds : value]);
        }

        var before = Chosen.GetValueOrDefault(facet) ?? [];
        IReadOnlyList<string> after = before.Contains(value, StringComparer.OrdinalIgnoreCase)
            ? [.. before.Where(one => !one.Equals(value, StringComparison.OrdinalIgnoreCase))]
            : [.. before, value];
        return With(facet, after);
    }

    public CatalogueAddress With(CatalogueFacet facet, IReadOnlyList<string> values)
    {
        var chosen = new Dictionary<CatalogueFacet, IReadOnlyList<string>>(Chosen) { [facet] = values };

        // What the page shows by itself has to be said as soon as something else is.
        if (facet != CatalogueFacet.Kind && Kinds.Count > 0)
        {
            chosen[CatalogueFacet.Kind] = Kinds;
        }

        if (values.Count == 0)
        {
            chosen.Remove(facet);
        }

        return this with { Chosen = chosen, Page = 1 };
    }

    public CatalogueAddress Sorted(string by) => this with { Sort = by, Descending = Sort == by && !Descending, Page = 1 };

    public bool IsChosen(CatalogueFacet facet, string value) =>
        (facet == CatalogueFacet.Kind ? Kinds : Chosen.GetValueOrDefault(facet) ?? []).Contains(value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Everything that is said, but for the words; a form sends it along.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        if (View != CatalogueView.All)
        {
            yield return ("view", View == CatalogueView.Mine ? "mine" : "starred");
        }

        foreach (var (facet, values) in Chosen)
        {
            foreach (var value in values)
            {
                yield return (Names[facet], value);
            }
        }

        if (Sort is not null)
        {
            yield return ("sort", Sort);
        }

        if (Descending)
        {
            yield return ("order", "desc");
        }
    }

    public override string ToString()
    {
        var query = QueryString.Empty;
        if (Text.Length > 0)
        {
            query = query.Add("q", Text);
        }

        foreach (var (name, value) in Fields())
        {
            query = query.Add(name, value);
        }

        return "/" + (Page > 1 ? query.Add("page", Page.ToString(CultureInfo.InvariantCulture)) : query);
    }

    private static string[] Refs(IReadOnlyList<string> texts, string kind) =>
        [.. texts.Select(text => EntityRef.TryParse(text, kind, EntityRef.DefaultNamespace, out var which) ? which.ToString() : text)];
}
