using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// Answers a query from a snapshot: takes the condition with the fewest candidates as the source, and tests the others on
/// each candidate.
/// </summary>
internal static class Search
{
    public const int LimitMax = 1000;

    /// <summary>Entities of a longer answer are not kept for the next one.</summary>
    private const int KeptMax = 1000;

    /// <exception cref="ArgumentException">The cursor is not one that this store gave out.</exception>
    public static EntityPage Run(Snapshot all, EntityQuery query)
    {
        if (!Cursor.TryParse(query.Cursor, out var cursor))
        {
            throw new ArgumentException("The cursor is not one of this store's; begin without one.", nameof(query));
        }

        var plan = Plan(all, query);
        var limit = query.All ? Math.Max(plan.Source.Count, 1) : Math.Clamp(query.Limit, 1, LimitMax);
        return query.NewestFirst ? Newest(all, plan, cursor, limit) : ByKey(all, plan, cursor, limit);
    }

    /// <summary>Those that match, by key, without reading them where that is not needed to tell; all of them.</summary>
    public static IEnumerable<Node> Nodes(Snapshot all, EntityQuery query)
    {
        var plan = Plan(all, query);
        return plan.Source.From(null).Where(plan.Passes);
    }

    private static EntityPage ByKey(Snapshot all, Chosen plan, Cursor cursor, int limit)
    {
        var items = new List<Entity>();
        string? next = null;
        string? last = null;
        var total = 0;

        // Without a test the total is known, so only the page itself is read.
        var from = plan.Tests.Count == 0 ? cursor.AfterKey : null;
        foreach (var node in plan.Source.From(from))
        {
            if (!plan.Passes(node))
            {
                continue;
            }

            total++;
            if (cursor.AfterKey is not null && string.CompareOrdinal(node.Key, cursor.AfterKey) <= 0)
            {
                continue;
            }

            if (items.Count < limit)
            {
                items.Add(limit > KeptMax ? all.Read(node) : all.Complete(node));
                last = node.Key;
            }
            else
            {
                next ??= new Cursor(last, null).ToString();
                if (plan.Tests.Count == 0)
                {
                    break;
                }
            }
        }

        return new EntityPage(items, next, plan.Tests.Count == 0 ? plan.Source.Count : total);
    }

    private static EntityPage Newest(Snapshot all, Chosen plan, Cursor cursor, int limit)
    {
        var items = new List<Entity>();
        string? next = null;
        var (total, last) = (0, 0L);
        foreach (var node in plan.Source.Newest(plan.Tests.Count == 0 ? cursor.BeforeRevision : null))
        {
            if (!plan.Passes(node))
            {
                continue;
            }

            total++;
            if (cursor.BeforeRevision is { } before && node.Revision >= before)
            {
                continue;
            }

            if (items.Count < limit)
            {
                items.Add(limit > KeptMax ? all.Read(node) : all.Complete(node));
                last = node.Revision;
            }
            else
            {
                next ??= new Cursor(null, last).ToString();
                if (plan.Tests.Count == 0)
                {
                    break;
                }
            }
        }

        return new EntityPage(items, next, plan.Tests.Count == 0 ? plan.Source.Count : total);
    }

    private static Chosen Plan(Snapshot all, EntityQuery query)
    {
        var conditions = new List<(Source? Source, Func<Node, bool> Test)>();
        var kinds = query.Kinds.Select(kind => kind.ToLowerInvariant()).Distinct().ToArray();
        var space = query.Namespace?.ToLowerInvariant();
        if (kinds.Length > 0 || space is not null)
        {
            // Each kind, and each namespace of a kind, is one range of keys.
            var ranges = kinds.Length > 0 ? kinds : [.. all.Kinds];
            conditions.Add((
                new RangeSource(all, ranges, space),
                node => (kinds.Length == 0 || kinds.Contains(node.Ref.Kind)) && (space is null || node.Ref.Namespace == space)));
        }

        foreach (var related in query.Related)
        {
            conditions.Add(Related(all, related));
        }

        foreach (var path in query.Where.GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            conditions.Add(Where(all, path.Key, [.. path.Select(pair => pair.Value)]));
        }

        if (!string.IsNullOrWhiteSpace(query.Text))
        {
            var words = query.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            conditions.Add((null, node => Says(node, words)));
        }

        var best = conditions.Select(condition => condition.Source).OfType<Source>().MinBy(source => source.Count);
        return new Chosen(
            best ?? new RangeSource(all, null, null),
            [.. conditions.Where(condition => best is null || condition.Source != best).Select(condition => condition.Test)]);
    }

    private static (Source Source, Func<Node, bool> Test) Related(Snapshot all, Relation related)
    {
        // Declared by the entity looked for, or by the target under the inverse name: both count.
        var edges = new EdgeSource(all, related);
        var inverse = all.Types.InverseOf(related.Type);
        var declared = new HashSet<string>();
        foreach (var edge in all.Find(related.TargetRef)?.Relations ?? [])
        {
            if (edge.Type == inverse && all.Find(edge.TargetRef) is { } other)
            {
                declared.Add(other.Key);
            }
        }

        return declared.Count == 0
            ? (edges, edges.Has)
            : (new KeySource(all, [.. edges.Keys().Concat(declared).Distinct().Order(StringComparer.Ordinal)]), node => declared.Contains(node.Key) || edges.Has(node));
    }

    private static (Source? Source, Func<Node, bool> Test) Where(Snapshot all, string path, string?[] values)
    {
        Source? source = null;
        if (Paths.IsIndexed(path) && !values.Contains(null))
        {
            var sets = values.Select(value => all.Having(path.ToLowerInvariant(), value!.ToLowerInvariant())).ToArray();
            source = sets.Length == 1 ? new KeySource(all, sets[0]) : new KeySource(all, [.. sets.SelectMany(set => set).Distinct().Order(StringComparer.Ordinal)]);
        }

        // Relations are read with their inverses; everything else from the entity as it was written. What is only tested is not kept:
        // there may be very many, and those that are found are few.
        var complete = path.StartsWith("relations", StringComparison.OrdinalIgnoreCase);
        return (source, node => Paths.Values(complete ? all.Read(node) : node.Read(), path)
            .Any(found => values.Any(value => value is null || value.Equals(found, StringComparison.OrdinalIgnoreCase))));
    }

    private static bool Says(Node node, string[] words)
    {
        var metadata = node.Read().Metadata;
        string?[] texts = [node.Key, metadata.Title, metadata.Description, .. metadata.Tags];
        return Array.TrueForAll(words, word => Array.Exists(texts, text => text?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false));
    }

    private sealed record Chosen(Source Source, IReadOnlyList<Func<Node, bool>> Tests)
    {
        public bool Passes(Node node)
        {
            foreach (var test in Tests)
            {
                if (!test(node))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
