using Axle.Contracts;
using Axle.Entities;
using Axle.Portal.Components;

namespace Axle.Portal.Graphs;

/// <summary>A box of the graph: an entity, or several that look alike from here.</summary>
/// <param name="Id">The entity's ref, or what the several have in common.</param>
/// <param name="Href">Where a click leads; null for what nobody describes.</param>
public sealed record GraphNode(string Id, string Title, string Kind, string? Type, string? Href)
{
    /// <summary>Where the graph begins.</summary>
    public bool IsRoot { get; init; }

    /// <summary>How many entities it stands for.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>From what needs to what is needed.</summary>
public sealed record GraphEdge(string From, string To, string Words);

/// <param name="Left">Entities that were left out because there are too many.</param>
public sealed record Graph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges, int Left);

/// <summary>What of the catalogue a graph shows.</summary>
public sealed record GraphQuestion
{
    public const int DepthMax = 6;

    public int Depth { get; init; } = 2;

    /// <summary>Towards what the entity needs.</summary>
    public bool Onwards { get; init; } = true;

    /// <summary>Towards what needs the entity.</summary>
    public bool Backwards { get; init; } = true;

    /// <summary>As <see cref="EntityGraph.Ways"/> names them.</summary>
    public IReadOnlySet<string> Relations { get; init; } = new HashSet<string>();

    /// <summary>Drawn between what is shown anyway, and not followed.</summary>
    public IReadOnlySet<string> Between { get; init; } = new HashSet<string>();

    /// <summary>In lower case; empty is all.</summary>
    public IReadOnlySet<string> Kinds { get; init; } = new HashSet<string>();

    /// <summary>Draws every entity by itself, however many look alike.</summary>
    public bool Open { get; init; }

    /// <summary>Where a box for several leads: to the same graph with each by itself.</summary>
    public string? OpenHref { get; init; }
}

/// <summary>Collects what an entity has to do with, step by step.</summary>
internal static class EntityGraph
{
    /// <summary>Boxes of one graph; more cannot be read.</summary>
    public const int NodesMax = 200;

    // So many are looked at, to see which of them look alike.
    private const int SeenMax = 1500;

    // Up to so many nobody needs a summary.
    private const int FewNodes = 30;
    private const int AlikeMin = 5;

    /// <summary>The relations that can be followed: as an edge from what needs to what is needed.</summary>
    public static readonly IReadOnlyList<(string Way, string Backwards, string Words)> Ways =
    [
        ("dependsOn", "dependencyOf", "depends on"),
        ("consumesApi", "apiConsumedBy", "uses"),

        // Who uses an API needs the one that provides it.
        ("apiProvidedBy", "providesApi", "is provided by"),
        ("partOf", "hasPart", "is part of"),
        ("ownedBy", "ownerOf", "is owned by"),
        ("childOf", "parentOf", "is inside of"),
        ("memberOf", "hasMember", "is a member of"),
    ];

    /// <summary>What one needs to work, as opposed to where it belongs.</summary>
    public static IReadOnlySet<string> Needs { get; } = new HashSet<string> { "dependsOn", "consumesApi", "apiProvidedBy" };

    /// <summary>What people want to see first of an entity of this kind.</summary>
    public static IReadOnlySet<string> Usual(string kind) => kind.ToLowerInvariant() switch
    {
        "group" or "user" => new HashSet<string> { "childOf", "memberOf", "ownedBy" },
        "system" or "domain" => new HashSet<string> { "partOf" },
        _ => Needs,
    };

    public static Graph Around(Entity root, GraphQuestion question, IEntityStore entities)
    {
        var steps = new Dictionary<EntityRef, int> { [root.Ref] = 0 };
        var edges = new HashSet<(EntityRef From, EntityRef To, string Words)>();
        if (question.Onwards)
        {
            Follow(root.Ref, question, onwards: true, entities, steps, edges);
        }

        if (question.Backwards)
        {
            Follow(root.Ref, question, onwards: false, entities, steps, edges);
        }

        // An edge between two that are shown anyway is shown too.
        foreach (var which in steps.Keys)
        {
            foreach (var (other, words, onwards) in Neighbours(which, question with { Relations = question.Relations.Union(question.Between).ToHashSet() }, entities))
            {
                if (steps.ContainsKey(other))
                {
                    edges.Add(onwards ? (which, other, words) : (other, which, words));
                }
            }
        }

        return Drawn(root, question, entities, steps, edges);
    }

    private static void Follow(EntityRef root, GraphQuestion question, bool onwards, IEntityStore entities, Dictionary<EntityRef, int> steps, HashSet<(EntityRef, EntityRef, string)> edges)
    {
        var depth = Math.Clamp(question.Depth, 1, GraphQuestion.DepthMax);
        var (seen, waiting) = (new HashSet<EntityRef> { root }, new Queue<(EntityRef Which, int Step)>([(root, 0)]));
        while (waiting.TryDequeue(out var at))
        {
            if (at.Step == depth)
            {
                continue;
            }

            foreach (var (other, words, isOnwards) in Neighbours(at.Which, question, entities))
            {
                if (isOnwards != onwards || (!steps.ContainsKey(other) && steps.Count >= SeenMax))
                {
                    continue;
                }

                edges.Add(onwards ? (at.Which, other, words) : (other, at.Which, words));
                steps.TryAdd(other, at.Step + 1);
                if (seen.Add(other))
                {
                    waiting.Enqueue((other, at.Step + 1));
                }
            }
        }
    }

    private static IEnumerable<(EntityRef Other, string Words, bool Onwards)> Neighbours(EntityRef which, GraphQuestion question, IEntityStore entities)
    {
        if (entities.Find(which) is not { } entity)
        {
            yield break;
        }

        foreach (var relation in entity.Relations)
        {
            if ((question.Kinds.Count > 0 && !question.Kinds.Contains(relation.TargetRef.Kind)) || Links.To(relation.TargetRef) is null || relation.TargetRef.Kind is "resourceclaim" or "environment")
            {
                continue;
            }

            foreach (var (way, backwards, words) in Ways)
            {
                if (question.Relations.Contains(way) && (relation.Type == way || relation.Type == backwards))
                {
                    yield return (relation.TargetRef, words, relation.Type == way);
                }
            }
        }
    }

    /// <summary>Boxes and arrows. Many that hang on the same one by the same arrow, and on nothing else, become one box.</summary>
    private static Graph Drawn(Entity root, GraphQuestion question, IEntityStore entities, Dictionary<EntityRef, int> steps, HashSet<(EntityRef From, EntityRef To, string Words)> edges)
    {
        var boxOf = new Dictionary<EntityRef, string>();
        var nodes = new List<GraphNode>();
        if (!question.Open && steps.Count > FewNodes)
        {
            var of = edges.SelectMany(edge => ((EntityRef, (EntityRef From, EntityRef To, string Words))[])[(edge.From, edge), (edge.To, edge)]).ToLookup(one => one.Item1, one => one.Item2);
            var alike = steps.Keys
                .Where(which => which != root.Ref && of[which].Take(2).Count() == 1)
                .Select(which => (Which: which, Edge: of[which].First()))
                .GroupBy(one => (Other: one.Edge.From == one.Which ? one.Edge.To : one.Edge.From, one.Edge.Words, Onwards: one.Edge.To == one.Which, one.Which.Kind))
                .Where(group => group.Count() >= AlikeMin);
            foreach (var group in alike)
            {
                var id = $"{group.Key.Other}|{group.Key.Words}|{group.Key.Kind}";
                foreach (var (which, _) in group)
                {
                    boxOf[which] = id;
                }

                var count = group.Count();
                nodes.Add(new GraphNode(id, $"{count} {Plural(group.Key.Kind)}", group.Key.Kind, null, question.OpenHref ?? Links.ToEntry(group.Key.Other)) { Count = count });
            }
        }

        // The nearest stay when there are too many.
        var left = 0;
        foreach (var (which, _) in steps.Where(one => !boxOf.ContainsKey(one.Key)).OrderBy(one => one.Value).ThenBy(one => one.Key))
        {
            if (nodes.Count >= NodesMax)
            {
                left++;
                continue;
            }

            boxOf[which] = which.ToString();
            var entity = entities.Find(which);
            nodes.Add(new GraphNode(which.ToString(), entity?.Title() ?? which.Name, which.Kind, entity?.Text("type"), entity is null ? null : Links.ToEntry(which, "graph")) { IsRoot = which == root.Ref });
        }

        GraphEdge[] drawn =
        [
            .. edges
                .Where(edge => boxOf.ContainsKey(edge.From) && boxOf.ContainsKey(edge.To) && boxOf[edge.From] != boxOf[edge.To])
                .GroupBy(edge => (From: boxOf[edge.From], To: boxOf[edge.To]))
                .Select(group => new GraphEdge(group.Key.From, group.Key.To, string.Join(", ", group.Select(edge => edge.Words).Distinct().Order(StringComparer.Ordinal))))
                .OrderBy(edge => edge.From, StringComparer.Ordinal)
                .ThenBy(edge => edge.To, StringComparer.Ordinal),
        ];
        return new Graph(nodes, drawn, left);
    }

    private static string Plural(string kind) => Spec.KindsWord(kind) is var word && word.StartsWith("AP", StringComparison.Ordinal) ? word : Spec.KindsWord(kind).ToLowerInvariant();
}
