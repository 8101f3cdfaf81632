using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Index;
using CsCheck;

namespace Axle.Tests.Entities;

/// <summary>The index against the plainest model there is: a dictionary, read from end to end for every question.</summary>
public sealed class IndexModelTests
{
    private static readonly RelationTypes s_types = new([]);
    private static readonly Unpacked s_unpacked = new(new Words());
    private static readonly string[] s_kinds = ["Thing", "Team", "Thing1"];
    private static readonly string[] s_names = ["a", "b", "c", "a-b", "a.b", "a0"];
    private static readonly string[] s_spaces = ["default", "shop", "shop-2"];
    private static readonly string[] s_edges = ["dependsOn", "dependencyOf", "ownedBy", "unheardOf"];
    private static readonly string[] s_sorts = ["service", "Service", "website"];

    private static readonly Gen<EntityRef> s_ref = Gen.Select(AnyOf(s_kinds), AnyOf(s_spaces), AnyOf(s_names), (kind, space, name) => new EntityRef(kind, space, name));

    private static readonly Gen<Relation> s_relation = Gen.Select(AnyOf(s_edges), s_ref, (type, target) => new Relation(type, target));

    private static readonly Gen<Entity> s_entity = Gen.Select(s_ref, s_relation.Array[0, 4], AnyOf(s_sorts), Gen.Bool, (which, relations, sort, labelled) => new Entity
    {
        ApiVersion = "axle.dev/v1",
        Kind = which.Kind,
        Metadata = new Metadata
        {
            Namespace = which.Namespace,
            Name = which.Name,
            Title = sort == "website" ? "Front door" : null,
            Labels = labelled ? new Dictionary<string, string> { ["axle.dev/tier"] = sort } : new Dictionary<string, string>(),
        },
        Spec = System.Text.Json.JsonSerializer.SerializeToElement(new { type = sort }),
        Relations = Node.Sorted(relations),
    });

    private static readonly Gen<(Entity Entity, bool Delete)[]> s_writes = Gen.Select(s_entity, Gen.Int[0, 3], (entity, dice) => (entity, dice == 0)).Array[0, 40];

    private static readonly Gen<EntityQuery> s_query = Gen.Select(
        AnyOf(s_kinds).Array[0, 2],
        AnyOf<string?>(null, "default", "shop", "shop-2"),
        s_relation.Array[0, 1],
        AnyOf<KeyValuePair<string, string?>>(
            new("spec.type", "SERVICE"), new("spec.type", "website"), new("metadata.labels.axle.dev/tier", null), new("metadata.name", "a"), new("spec.none", null)).Array[0, 2],
        AnyOf<string?>(null, "door", "a b", "shop"),
        Gen.Int[1, 4],
        Gen.Bool,
        (kinds, space, related, where, text, limit, newest) =>
            new EntityQuery { Kinds = kinds, Namespace = space, Related = related, Where = where, Text = text, Limit = limit, NewestFirst = newest });

    [Fact]
    public void Every_query_page_by_page_finds_what_the_model_finds() =>
        Gen.Select(s_writes, s_query.Array[1, 5]).Sample(
            (writes, queries) =>
            {
                var (grown, model) = Apply(writes);
                var built = Snapshot.Of([.. grown.ByKey.Select(node => Stored(node))], s_types);
                foreach (var query in queries)
                {
                    var expected = Model(model, query).Select(entity => entity.Ref.ToString()).ToArray();
                    foreach (var snapshot in new[] { grown, built })
                    {
                        Assert.Equal(expected, Pages(snapshot, query).Select(entity => entity.Ref.ToString()));
                        Assert.Equal(expected.Length, Search.Run(snapshot, query).Total);
                    }
                }
            },
            iter: 300,
            threads: 2);

    [Fact]
    public void Relations_are_those_of_the_model_at_both_ends() =>
        s_writes.Sample(
            writes =>
            {
                var (snapshot, model) = Apply(writes);
                foreach (var node in snapshot.ByKey)
                {
                    Assert.Equal(Relations(model, node.Entity), snapshot.Complete(node).Relations);
                }
            },
            iter: 150,
            threads: 2);

    [Theory]
    [InlineData("k")]
    [InlineData("not base64!")]
    [InlineData("eHh4")]
    public void A_strange_cursor_is_refused(string cursor) =>
        Assert.Throws<ArgumentException>(() => Search.Run(Snapshot.Of([], s_types), new EntityQuery { Cursor = cursor }));

    /// <summary>As it comes from the database.</summary>
    private static Loaded Stored(Node node)
    {
        var json = node.ToJson();
        var outline = Outline.Of(json, s_unpacked.Words);
        return new Loaded(new Node(outline, json, s_unpacked), outline.Relations, outline.Indexed!);
    }

    private static (Snapshot Snapshot, Dictionary<EntityRef, Entity> Model) Apply((Entity Entity, bool Delete)[] writes)
    {
        var draft = new Draft(Snapshot.Of([], s_types));
        var model = new Dictionary<EntityRef, Entity>();
        foreach (var (i, (entity, delete)) in writes.Index())
        {
            // Some transactions with several writes; some snapshots taken in the middle of one.
            draft = i % 3 == 0 ? new Draft(draft.ToSnapshot()) : draft;
            var (before, keys) = (draft.ToSnapshot(), draft.ToSnapshot().ByKey.Select(node => node.Key).ToArray());
            if (!delete)
            {
                var written = entity with { Metadata = entity.Metadata with { Revision = i + 1 } };
                draft.Put(new Node(written, s_unpacked));
                model[written.Ref] = written;
            }
            else if (draft.Find(entity.Ref) is { } gone)
            {
                draft.Remove(gone);
                model.Remove(entity.Ref);
            }

            Assert.Equal(keys, before.ByKey.Select(node => node.Key));
        }

        return (draft.ToSnapshot(), model);
    }

    private static List<Entity> Pages(Snapshot snapshot, EntityQuery query)
    {
        var all = new List<Entity>();
        for (string? cursor = null; ;)
        {
            var page = Search.Run(snapshot, query with { Cursor = cursor });
            Assert.InRange(page.Items.Count, page.NextCursor is null ? 0 : query.Limit, query.Limit);
            all.AddRange(page.Items);
            if ((cursor = page.NextCursor) is null)
            {
                return all;
            }
        }
    }

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Entity[] Model(Dictionary<EntityRef, Entity> model, EntityQuery query)
    {
        var found = model.Values.Where(entity =>
            (query.Kinds.Count == 0 || query.Kinds.Contains(entity.Kind, StringComparer.OrdinalIgnoreCase))
            && (query.Namespace is null || query.Namespace == entity.Metadata.Namespace)
            && query.Related.All(Relations(model, entity).Contains)
            && query.Where.GroupBy(pair => pair.Key).All(path => path.Any(pair => Holds(entity, pair.Key, pair.Value)))
            && (query.Text ?? "").Split(' ').All(word => $"{entity.Ref} {entity.Metadata.Title}".Contains(word, StringComparison.OrdinalIgnoreCase)));
        return query.NewestFirst
            ? [.. found.OrderByDescending(entity => entity.Metadata.Revision)]
            : [.. found.OrderBy(entity => entity.Ref.ToString(), StringComparer.Ordinal)];
    }

    private static bool Holds(Entity entity, string path, string? value)
    {
        var found = path switch
        {
            "spec.type" => entity.Spec.GetProperty("type").GetString(),
            "metadata.name" => entity.Metadata.Name,
            "metadata.labels.axle.dev/tier" => entity.Metadata.Labels.GetValueOrDefault("axle.dev/tier"),
            _ => null,
        };
        return found is not null && (value is null || found.Equals(value, StringComparison.OrdinalIgnoreCase));
    }

    private static Relation[] Relations(Dictionary<EntityRef, Entity> model, Entity entity) =>
        Node.Sorted(entity.Relations.Concat(model.Values.SelectMany(other => other.Relations
            .Where(edge => edge.TargetRef == entity.Ref && s_types.InverseOf(edge.Type) is not null)
            .Select(edge => new Relation(s_types.InverseOf(edge.Type)!, other.Ref)))));
}
