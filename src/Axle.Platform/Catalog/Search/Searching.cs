using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Search;

/// <summary>Looks for entities by words and says what in each of them fits.</summary>
internal sealed class Searching(IEntityStore store, SearchIndex index, SearchIndexing indexing) : ISearch
{
    public const int TermMax = 200;
    private const int LimitMax = 100;

    public static async Task<IResult> Endpoint(ISearch search, Rights rights, CancellationToken stop, string? term = null, string[]? kind = null, int limit = 20)
    {
        if (string.IsNullOrWhiteSpace(term) || term.Length > TermMax)
        {
            return new QueryInvalid(string.IsNullOrWhiteSpace(term) ? "term is missing." : $"term has {term.Length} characters; {TermMax} are the most.", "Write some words: /api/search?term=orders").ToHttp();
        }

        if (limit is < 1 or > LimitMax)
        {
            return new QueryInvalid($"limit is {limit}; an answer has 1 to {LimitMax} entities.", "Ask for a narrower term or kind.").ToHttp();
        }

        var kinds = (kind ?? []).SelectMany(one => one.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        return kinds.Find(one => rights.Kind(one) is null) is { } unknown
            ? rights.Unknown(unknown).ToHttp()
            : TypedResults.Ok(await search.FindAsync(term, kinds, limit, stop));
    }

    public async ValueTask<SearchAnswer> FindAsync(string term, IReadOnlyList<string> kinds, int limit, CancellationToken stop)
    {
        await indexing.CaughtUpAsync(stop);
        var found = index.Find(term, kinds.Select(kind => kind.ToLowerInvariant()).ToHashSet(), limit);
        string[] words = [.. SearchIndex.WordsOf(term)];
        return new SearchAnswer(term, [.. found.Best.Select(one => Hit(one, words)).OfType<SearchHit>()], found.Total);
    }

    private SearchHit? Hit(SearchFound found, string[] words)
    {
        // It may have gone since the index was asked.
        if (store.Find(EntityRef.Parse(found.Key)) is not { } entity)
        {
            return null;
        }

        var owner = entity.TargetOf("ownedBy");
        return new SearchHit(entity.Ref, entity.Kind, SearchDocument.Title(entity) ?? entity.Metadata.Name, found.Match.ToString().ToLowerInvariant())
        {
            Description = entity.Metadata.Description,
            Type = SearchDocument.Text(entity.Spec, "type"),
            Owner = owner,
            Highlights = Highlights.Of(entity, words),
        };
    }
}
