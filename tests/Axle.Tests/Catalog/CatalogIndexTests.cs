using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog.Index;
using CsCheck;

namespace Axle.Tests.Catalog;

public sealed class CatalogIndexTests
{
    private static readonly string[] s_names = [.. Enumerable.Range(0, 12).Select(number => $"n{number}")];
    private static readonly string[] s_types = ["service", "Service", "website", "library"];
    private static readonly string[] s_tags = ["java", "Java", "go", "rust"];

    private static readonly Gen<Entity> s_entity =
        from name in One(s_names)
        from type in One(s_types)
        from tags in One(s_tags).Array[0, 3]
        from title in One<string?>(null, "Alpha", "beta", "ALPHA", "Ärger 🚀", "ÄRGER 🚀", "\u212Aelvin")
        from ports in Gen.Int[0, 3].Array[0, 2]
        select new Entity
        {
            ApiVersion = Kinds.BackstageApi,
            Kind = Kinds.Component,
            Metadata = new Metadata { Name = name, Title = title, Tags = [.. tags.Distinct()], Uid = "uid-" + name },
            Spec = JsonSerializer.SerializeToElement(new { type, ports, none = (string?)null }),
        };

    private static readonly Gen<EntityFilter> s_filter = Gen.Recursive<EntityFilter>((depth, deeper) =>
    {
        var leaf = Gen.OneOf<EntityFilter>(
            One(s_types).Select(type => (EntityFilter)new EntityFilter.In("spec.type", [type.ToLowerInvariant()])),
            One("spec.none", "metadata.title", "metadata.tags.java", "nowhere").Select(path => (EntityFilter)new EntityFilter.Exists(path)),
            Gen.Int[0, 3].Array[0, 2].Select(ports => (EntityFilter)new EntityFilter.In("spec.ports", [.. ports.Select(port => $"{port}")])),
            One("", "se", "l", "x").Select(prefix => (EntityFilter)new EntityFilter.HasPrefix("spec.type", prefix)),
            One("a", "et", "1", "ä", "ärger 🚀", "kel").Select(text => (EntityFilter)new EntityFilter.Contains(["metadata.title", "metadata.name"], text)));
        return depth > 3 ? leaf : Gen.OneOf(
            leaf,
            deeper.List[0, 3].Select(of => (EntityFilter)new EntityFilter.All(of)),
            deeper.List[0, 3].Select(of => (EntityFilter)new EntityFilter.Any(of)),
            deeper.Select(of => (EntityFilter)new EntityFilter.Not(of)));
    });

    [Fact]
    public void A_filter_finds_what_looking_at_each_entity_finds() =>
        Gen.Select(s_entity.List[0, 40], One(s_names).List[0, 6], s_filter).Sample((puts, removals, filter) =>
        {
            var (index, all) = Filled(puts, removals);
            using (index)
            {
                var found = index.Find(new IndexQuery(filter));
                var wanted = all.Values.Where(entity => Matches(RowsOf(entity), filter)).Select(entity => entity.Ref.ToString()).Order();
                Assert.Equal(wanted, found.Items.Select(item => item.Key).Order());
                Assert.Equal(found.Items.Count, found.Total);
            }
        });

    [Fact]
    public void Texts_that_come_and_go_leave_the_others_as_they_are()
    {
        using var index = new CatalogIndex(_ => null);
        for (var round = 0; round < 12; round++)
        {
            index.Put(Enumerable.Range(round % 3 == 0 ? 0 : 250, round % 3 == 0 ? 500 : 250).Select(number => Titled(number, $"{round} {number} {new string('x', 150)}é")));
        }

        var titles = Assert.Single(index.Facets(["metadata.title"], null));
        Assert.Equal(500, titles.Count);
        foreach (var number in (int[])[0, 249, 250, 499])
        {
            var (round, title) = (number < 250 ? 9 : 11, new EntityFilter.In("metadata.title", [$"{(number < 250 ? 9 : 11)} {number} {new string('x', 150)}é"]));
            Assert.Equal($"component:default/n{number}", Assert.Single(index.Find(new IndexQuery(title)).Items).Key);
            Assert.Contains(titles, one => one.Value.StartsWith($"{round} {number} ", StringComparison.Ordinal) && one.Count == 1);
        }
    }

    private static Entity Titled(int number, string title) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Component,
        Metadata = new Metadata { Name = $"n{number}", Title = title, Uid = $"uid-{number}" },
    };

    [Fact]
    public void Facets_count_what_looking_at_each_entity_counts() =>
        Gen.Select(s_entity.List[0, 40], One(s_names).List[0, 6], s_filter.Null()).Sample((puts, removals, filter) =>
        {
            var (index, all) = Filled(puts, removals);
            using (index)
            {
                foreach (var path in (string[])["spec.type", "metadata.tags", "metadata.tags.java", "spec.ports", "spec.none", "nowhere"])
                {
                    var wanted = all.Values.Select(RowsOf)
                        .Where(rows => filter is null || Matches(rows, filter))
                        .SelectMany(rows => rows.Where(row => row.Path == path && row.Value is not null).Select(row => row.Value!))
                        .GroupBy(value => value)
                        .Select(group => (group.Key, group.Count()))
                        .OrderBy(one => one.Key, StringComparer.Ordinal);
                    Assert.Equal(wanted, index.Facets([path], filter)[0]);
                }
            }
        });

    private static readonly IComparer<OrderPlace> s_places = Comparer<OrderPlace>.Create((a, b) =>
        string.CompareOrdinal(a.Value, b.Value) is not 0 and var byValue ? byValue : string.CompareOrdinal(a.Uid, b.Uid));

    [Fact]
    public void Pages_forwards_and_backwards_have_everything_once_and_in_order() =>
        Gen.Select(s_entity.List[0, 40], Gen.Int[1, 5], One<string?>(null, "metadata.title", "spec.type"), Gen.Bool).Sample((puts, size, path, descending) =>
        {
            var (index, all) = Filled(puts, []);
            using (index)
            {
                var order = path is null ? null : new EntityOrder(path, descending);
                var whole = index.Find(new IndexQuery(null, order)).Items;
                Assert.Equal(all.Values.Count(entity => path is null || RowsOf(entity).Any(row => row.Path == path && row.Value is not null)), whole.Count);
                Assert.Equal(descending && path is not null ? whole.OrderByDescending(item => item.Place, s_places) : whole.OrderBy(item => item.Place, s_places), whole);

                var forwards = new List<Found>();
                for (IndexPage? page = null; page is null or { More: true };)
                {
                    page = index.Find(new IndexQuery(null, order) { Limit = size, From = forwards.Count == 0 ? null : forwards[^1].Place });
                    forwards.AddRange(page.Items);
                    Assert.Equal(whole.Count, page.Total);
                }

                Assert.Equal(whole, forwards);
                for (var at = whole.Count - 1; at > 0; at--)
                {
                    var before = index.Find(new IndexQuery(null, order) { Limit = size, From = whole[at].Place, Backwards = true });
                    Assert.Equal(whole.Take(at).TakeLast(size), before.Items);
                    Assert.Equal(at > size, before.More);
                }
            }
        });

    [Fact]
    public void An_order_that_was_kept_through_changes_is_that_of_an_index_made_now() =>
        Gen.Select(s_entity.List[0, 40], s_entity.List[0, 40], Gen.Int[0, 40].List[0, 10], One("metadata.title", "spec.type")).Sample((first, then, gone, path) =>
        {
            var (followed, all) = Filled(first, []);
            using (followed)
            {
                var query = new IndexQuery(null, new EntityOrder(path, Descending: false));
                foreach (var entity in then)
                {
                    _ = followed.Find(query);
                    followed.Put([entity]);
                    all[entity.Ref] = entity;
                }

                foreach (var which in gone.Where(at => at < first.Count).Select(at => first[at].Ref))
                {
                    _ = followed.Find(query);
                    followed.Remove(which, (_, _) => false);
                    all.Remove(which);
                }

                using var made = new CatalogIndex(_ => null);
                made.Put(all.Values);
                Assert.Equal(made.Find(query).Items, followed.Find(query).Items);
                Assert.Equal(made.Find(query).Items.OrderBy(item => item.Place, s_places), followed.Find(query).Items);
            }
        });

    [Fact]
    public void A_relation_is_found_from_both_ends_and_goes_with_the_one_that_declares_it()
    {
        using var index = new CatalogIndex(type => type == "memberOf" ? "hasMember" : type == "hasMember" ? "memberOf" : null);
        var team = Bare("Group", "team");
        var jane = Bare("User", "jane");
        index.Put([team, jane]);
        index.Put([jane with { Relations = [new Relation("memberOf", team.Ref)] }]);
        Assert.Equal(["group:default/team"], Having("relations.hasmember", "user:default/jane"));
        Assert.Equal(["user:default/jane"], Having("relations.memberof", "group:default/team"));

        index.Put([jane]);
        Assert.Empty(Having("relations.hasmember", "user:default/jane"));

        index.Put([jane with { Relations = [new Relation("memberOf", team.Ref)] }]);
        index.Remove(jane.Ref, (_, _) => false);
        Assert.Empty(Having("relations.hasmember", "user:default/jane"));

        IEnumerable<string> Having(string path, string value) => index.Find(new IndexQuery(new EntityFilter.In(path, [value]))).Items.Select(item => item.Key);
    }

    /// <summary>Who depends on whom changes in batches, as the log is followed; null for one that goes.</summary>
    [Fact]
    public void Relations_that_change_together_are_those_of_an_index_made_now() =>
        Gen.Select(Gen.Select(One(s_names), One(s_names).Array[0, 4].Null()).List[0, 40], Gen.Int[1, 8]).Sample((changes, size) =>
        {
            var declared = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
            Entity Complete(string name) => Bare("Component", name) with
            {
                Relations =
                [
                    .. declared[name].Select(target => new Relation("dependsOn", EntityRef.Of("Component", target))),
                    .. declared.Where(other => other.Value.Contains(name)).Select(other => new Relation("dependencyOf", EntityRef.Of("Component", other.Key))),
                ],
            };

            using var followed = Related();
            foreach (var batch in changes.Chunk(size))
            {
                var names = batch.Select(change => change.Item1).ToHashSet();
                foreach (var (name, targets) in batch)
                {
                    declared.Remove(name);
                    if (targets is not null)
                    {
                        declared[name] = [.. targets.Distinct()];
                    }
                }

                followed.Put(names.Where(declared.ContainsKey).Select(Complete));
                foreach (var gone in names.Where(name => !declared.ContainsKey(name)))
                {
                    followed.Remove(EntityRef.Of("Component", gone), (from, type) => type == "dependsOn" && declared.TryGetValue(EntityRef.Parse(from).Name, out var targets) && targets.Contains(gone));
                }
            }

            using var made = Related();
            made.Fill(declared.Keys.Select(Complete));
            Assert.Equal(declared.Count, followed.Count);
            foreach (var path in (string[])["relations.dependson", "relations.dependencyof"])
            {
                foreach (var name in s_names)
                {
                    var query = new IndexQuery(new EntityFilter.In(path, ["component:default/" + name]));
                    Assert.Equal(made.Find(query).Items, followed.Find(query).Items);
                }

                Assert.Equal(made.Facets([path], null), followed.Facets([path], null));
            }
        });

    private static CatalogIndex Related() => new(type => type switch { "dependsOn" => "dependencyOf", "dependencyOf" => "dependsOn", _ => null });

    /// <summary>Found by hostile queries: it stopped the index, and with it everything that asks the catalogue.</summary>
    [Fact]
    public void A_relation_to_something_that_is_too_long_to_be_found_by_comes_and_goes()
    {
        using var index = new CatalogIndex(type => type == "ownedBy" ? "ownerOf" : null);
        var system = Bare("System", "a");
        var far = new Relation("ownedBy", EntityRef.Of("Group", new string('x', 300)));
        index.Put([system with { Relations = [far] }]);
        index.Put([system with { Relations = [new Relation("ownedBy", EntityRef.Of("Group", "b"))] }]);
        Assert.Equal(["system:default/a"], index.Find(new IndexQuery(new EntityFilter.In("relations.ownedby", ["group:default/b"]))).Items.Select(item => item.Key));

        index.Put([system with { Relations = [far] }]);
        index.Remove(system.Ref, (_, _) => false);
        Assert.Equal(0, index.Count);
    }

    private static Gen<T> One<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(place => of[place]);

    private static Entity Bare(string kind, string name) => new() { ApiVersion = Kinds.BackstageApi, Kind = kind, Metadata = new Metadata { Name = name, Uid = name } };

    private static (CatalogIndex Index, Dictionary<EntityRef, Entity> All) Filled(List<Entity> puts, List<string> removals)
    {
        var index = new CatalogIndex(_ => null);
        var all = new Dictionary<EntityRef, Entity>();
        foreach (var entity in puts)
        {
            index.Put([entity]);
            all[entity.Ref] = entity;
        }

        foreach (var name in removals)
        {
            var which = EntityRef.Of(Kinds.Component, name);
            index.Remove(which, (_, _) => false);
            all.Remove(which);
        }

        return (index, all);
    }

    /// <summary>As Backstage has them: a row of its own for each text in a list.</summary>
    private static IReadOnlyList<SearchRow> RowsOf(Entity entity) =>
        [.. new SearchRows().Of(entity).Select(row => row.IsItem ? new SearchRow($"{row.Path}.{row.Value!.ToLowerInvariant()}", "true") : row).Distinct()];

    /// <summary>The meaning of a filter, said as plainly as can be.</summary>
    private static bool Matches(IReadOnlyList<SearchRow> rows, EntityFilter filter) => filter switch
    {
        EntityFilter.All all => all.Of.All(of => Matches(rows, of)),
        EntityFilter.Any any => any.Of.Any(of => Matches(rows, of)),
        EntityFilter.Not not => !Matches(rows, not.Of),
        EntityFilter.Exists exists => rows.Any(row => row.Path == exists.Path),
        EntityFilter.In one => rows.Any(row => row.Path == one.Path && row.Value is not null && one.Values.Contains(row.Value.ToLowerInvariant())),
        EntityFilter.HasPrefix prefix => rows.Any(row => row.Path == prefix.Path && row.Value?.ToLowerInvariant().StartsWith(prefix.Prefix, StringComparison.Ordinal) == true),
        EntityFilter.Contains contains => rows.Any(row => contains.Paths.Contains(row.Path) && row.Value?.ToLowerInvariant().Contains(contains.Text, StringComparison.Ordinal) == true),
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };
}
