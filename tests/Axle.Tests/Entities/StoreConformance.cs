using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Entities;

/// <summary>What every store promises, whatever keeps its data. Each implementation runs all of it.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    private const string Ann = "user:default/ann";

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    private protected IEntityStore Store { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the store, with <see cref="TestKinds.All"/>; after <see cref="CloseAsync"/> on the same data.</summary>
    private protected abstract Task<IEntityStore> OpenAsync();

    private protected abstract Task CloseAsync();

    private async Task ReopenAsync()
    {
        await CloseAsync();
        Store = await OpenAsync();
    }

    private async Task<Entity> PutAsync(Entity entity, long? expected = null) => (await Store.PutAsync(entity, Ann, expected, null, Stop)).Value;

    private async Task<string> RefusalAsync(Entity entity, long? expected = null) => (await Store.PutAsync(entity, Ann, expected, null, Stop)).Error!.Code;

    [Fact]
    public async Task A_new_entity_gets_what_is_the_stores_to_give()
    {
        var made = await PutAsync(TestKinds.Make("orders", new ThingSpec { Type = "service" }));

        Assert.Equal(26, made.Metadata.Uid!.Length);
        Assert.Equal((1, 1, Clock.GetUtcNow()), (made.Metadata.Revision, made.Metadata.Generation, made.Metadata.CreatedAt!.Value));
        Assert.Equal("service", made.Spec.GetProperty("type").GetString());
        Assert.Equal(made, Store.Find(made.Ref));
        Assert.Equal(1, Store.Revision);
    }

    [Fact]
    public async Task What_a_client_writes_into_the_stores_fields_is_ignored()
    {
        var made = await PutAsync(TestKinds.Make("orders", metadata: metadata => metadata with { Uid = "x", Revision = 99, Generation = 99, DeletedAt = Clock.GetUtcNow() }) with
        {
            Status = JsonSerializer.SerializeToElement(new { phase = "Faked" }),
            Relations = [new Relation("ownedBy", EntityRef.Parse("team:nobody"))],
        });

        Assert.NotEqual("x", made.Metadata.Uid);
        Assert.Null(made.Metadata.DeletedAt);
        Assert.Equal(JsonValueKind.Undefined, made.Status.ValueKind);
        Assert.Empty(made.Relations);
    }

    [Fact]
    public async Task Equal_content_writes_nothing_whatever_the_order_of_its_keys()
    {
        var first = await PutAsync(TestKinds.Make("orders") with { Spec = JsonDocument.Parse("""{"type":"a","size":1}""").RootElement });
        var second = await PutAsync(TestKinds.Make("orders") with { Spec = JsonDocument.Parse("""{ "size":1, "type":"a"}""").RootElement });

        Assert.Equal(first.Metadata.Revision, second.Metadata.Revision);
        Assert.Equal(1, Store.Revision);
    }

    [Fact]
    public async Task What_a_put_would_not_change_is_found_as_the_same()
    {
        var orders = TestKinds.Make("orders") with { Spec = JsonDocument.Parse("""{"type":"a","size":1}""").RootElement };
        Assert.Null(Store.FindSame(orders));

        var stored = await PutAsync(orders);
        Assert.Equal(stored.Metadata.Revision, Store.FindSame(orders with { Spec = JsonDocument.Parse("""{ "size":1, "type":"a"}""").RootElement })?.Revision);
        Assert.Null(Store.FindSame(orders with { Spec = JsonDocument.Parse("""{"type":"b","size":1}""").RootElement }));
        Assert.Null(Store.FindSame(orders with { Metadata = orders.Metadata with { Title = "Orders" } }));
        Assert.Null(Store.FindSame(orders with { Kind = "Nothing" }));
    }

    [Fact]
    public async Task A_spec_outlives_the_document_it_came_in()
    {
        using (var document = JsonDocument.Parse("""{"type":"a"}"""))
        {
            await PutAsync(TestKinds.Make("orders") with { Spec = document.RootElement });
        }

        Assert.Equal("a", Store.Find(TestKinds.Thing, TestKinds.Thing.Ref("orders"))!.Spec.Type);
    }

    [Fact]
    public async Task A_change_counts_generation_and_a_status_does_not()
    {
        var made = await PutAsync(TestKinds.Make("orders"));
        var seen = (await Store.PutStatusAsync(made.Ref, new ThingStatus { Phase = "Ready" }, "system:test", null, Stop)).Value;
        var changed = await PutAsync(TestKinds.Make("orders", new ThingSpec { Size = 2 }));

        Assert.Equal((2, 1), (seen.Metadata.Revision, seen.Metadata.Generation));
        Assert.Equal((3, 2), (changed.Metadata.Revision, changed.Metadata.Generation));
        Assert.Equal("Ready", changed.Status.GetProperty("phase").GetString());
        Assert.Equal(made.Metadata.Uid, changed.Metadata.Uid);
    }

    [Fact]
    public async Task An_equal_status_writes_nothing()
    {
        var made = await PutAsync(TestKinds.Make("orders"));
        await Store.PutStatusAsync(made.Ref, new ThingStatus { Phase = "Ready" }, "system:test", null, Stop);
        await Store.PutStatusAsync(made.Ref, new ThingStatus { Phase = "Ready" }, "system:test", null, Stop);
        Assert.Equal(2, Store.Revision);
    }

    [Fact]
    public async Task A_status_of_nothing_is_refused() =>
        Assert.Equal("entities.not_found", (await Store.PutStatusAsync(TestKinds.Thing.Ref("none"), new ThingStatus(), "system:test", null, Stop)).Error!.Code);

    [Fact]
    public async Task An_expected_revision_that_is_not_there_is_a_conflict()
    {
        Assert.Equal("entities.conflict", await RefusalAsync(TestKinds.Make("orders"), expected: 1));
        var made = await PutAsync(TestKinds.Make("orders"), expected: 0);
        Assert.Equal("entities.conflict", await RefusalAsync(TestKinds.Make("orders"), expected: 0));
        Assert.Equal("entities.conflict", await RefusalAsync(TestKinds.Make("orders"), expected: made.Metadata.Revision + 1));
        await PutAsync(TestKinds.Make("orders", new ThingSpec { Size = 1 }), expected: made.Metadata.Revision);
    }

    [Fact]
    public async Task All_problems_come_at_once_with_their_places()
    {
        var broken = TestKinds.Make("-orders-", new ThingSpec { Size = -1 }, metadata => metadata with { Tags = ["No"], Links = [new Link("nowhere")] });
        var error = (await Store.PutAsync(broken, Ann, stop: Stop)).Error!;

        Assert.Equal(("entities.invalid", 422), (error.Code, error.Status));
        Assert.Equal(["metadata.links[0].url", "metadata.name", "metadata.tags[0]", "spec.size"], error.Problems.Select(problem => problem.Path!).Order());
    }

    [Fact]
    public async Task An_unknown_kind_is_refused_with_the_known_ones_closest_first()
    {
        var error = (await Store.PutAsync(TestKinds.Make("a") with { Kind = "Thnig" }, Ann, stop: Stop)).Error!;
        Assert.Equal("entities.kind_unknown", error.Code);
        Assert.Contains("closest first: Thing,", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_immutable_spec_stays_but_its_labels_may_change()
    {
        await PutAsync(TestKinds.Frozen.Make(TestKinds.Frozen.Ref("v1"), new ThingSpec { Size = 1 }));
        Assert.Equal("entities.immutable", await RefusalAsync(TestKinds.Frozen.Make(TestKinds.Frozen.Ref("v1"), new ThingSpec { Size = 2 })));
        await PutAsync(TestKinds.Frozen.Make(TestKinds.Frozen.Ref("v1"), new ThingSpec { Size = 1 }, metadata => metadata with { Title = "First" }));
    }

    [Fact]
    public async Task Several_puts_are_all_made_or_none()
    {
        var refused = await Store.PutAllAsync([TestKinds.Make("a"), TestKinds.Make("b", new ThingSpec { Size = -1 })], Ann, null, Stop);
        Assert.False(refused.Ok);
        await PutAsync(TestKinds.Frozen.Make(TestKinds.Frozen.Ref("v1"), new ThingSpec { Size = 1 }));
        var late = await Store.PutAllAsync([TestKinds.Make("a"), TestKinds.Frozen.Make(TestKinds.Frozen.Ref("v1"), new ThingSpec { Size = 2 })], Ann, null, Stop);

        Assert.Equal("entities.immutable", late.Error!.Code);
        Assert.Null(Store.Find(TestKinds.Thing.Ref("a")));
        Assert.Equal(1, Store.Revision);

        var made = await Store.PutAllAsync([TestKinds.Make("a", new ThingSpec { DependsOn = ["b"] }), TestKinds.Make("b")], Ann, "both", Stop);
        Assert.Equal([2L, 3L], made.Value.Select(head => head.Revision));
        Assert.Equal("dependencyOf", Assert.Single(Store.Find(made.Value[1].Ref)!.Relations).Type);
    }

    [Fact]
    public async Task Relations_show_at_both_ends_sorted_even_when_the_target_comes_later()
    {
        await PutAsync(TestKinds.Make("web", new ThingSpec { Owner = "team:a", DependsOn = ["db", "cache"] }));
        await PutAsync(TestKinds.Make("api", new ThingSpec { Owner = "team:a", DependsOn = ["db"] }));
        var db = await PutAsync(TestKinds.Make("db", new ThingSpec { Owner = "team:a" }));

        Assert.Equal(
            ["dependencyOf thing:default/api", "dependencyOf thing:default/web", "ownedBy team:default/a"],
            db.Relations.Select(edge => $"{edge.Type} {edge.TargetRef}"));
        Assert.Equal(
            ["dependsOn thing:default/cache", "dependsOn thing:default/db", "ownedBy team:default/a"],
            Store.Find(TestKinds.Thing.Ref("web"))!.Relations.Select(edge => $"{edge.Type} {edge.TargetRef}"));

        await PutAsync(TestKinds.Make("web", new ThingSpec()));
        Assert.Equal(2, Store.Find(db.Ref)!.Relations.Count);
        Assert.Same(Store.Find(db.Ref), Store.Find(db.Ref));
    }

    [Fact]
    public async Task What_others_need_is_deleted_only_by_force()
    {
        var team = await PutAsync(TestKinds.Team.Make(TestKinds.Team.Ref("a"), new ThingSpec()));
        var db = await PutAsync(TestKinds.Make("db", new ThingSpec { Owner = "a" }));
        var web = await PutAsync(TestKinds.Make("web", new ThingSpec { Owner = "a", DependsOn = ["db", "web"] }));

        var refused = (await Store.DeleteAsync(db.Ref, Ann, stop: Stop)).Error!;
        Assert.Equal("entities.depended_on", refused.Code);
        Assert.Contains("thing:default/web (dependsOn)", refused.Message, StringComparison.Ordinal);
        Assert.True((await Store.DeleteAsync(web.Ref, Ann, stop: Stop)).Ok);
        Assert.True((await Store.DeleteAsync(db.Ref, Ann, stop: Stop)).Ok);
        Assert.True((await Store.DeleteAsync(team.Ref, Ann, force: true, stop: Stop)).Ok);
        Assert.Equal(0, Store.Query(new EntityQuery()).Total);
        Assert.Equal("entities.not_found", (await Store.DeleteAsync(db.Ref, Ann, stop: Stop)).Error!.Code);
    }

    [Fact]
    public async Task A_finalized_kind_waits_for_its_clean_up_and_holds_nothing_meanwhile()
    {
        var db = await PutAsync(TestKinds.Make("db"));
        var held = await PutAsync(TestKinds.Held.Make(TestKinds.Held.Ref("h"), new ThingSpec { DependsOn = ["db"] }));

        var asked = (await Store.DeleteAsync(held.Ref, Ann, stop: Stop)).Value;
        Assert.Equal((Clock.GetUtcNow(), 2L), (asked.Metadata.DeletedAt!.Value, asked.Metadata.Generation));
        Assert.Equal(asked, (await Store.DeleteAsync(held.Ref, Ann, stop: Stop)).Value);
        Assert.Equal("entities.being_deleted", await RefusalAsync(TestKinds.Held.Make(held.Ref, new ThingSpec { Size = 2 })));
        Assert.True((await Store.PutStatusAsync(held.Ref, new ThingStatus { Phase = "Going" }, "system:test", null, Stop)).Ok);
        Assert.True((await Store.DeleteAsync(db.Ref, Ann, stop: Stop)).Ok);

        await Store.RemoveAsync(held.Ref, "system:test", Stop);
        await Store.RemoveAsync(held.Ref, "system:test", Stop);
        Assert.Null(Store.Find(held.Ref));
    }

    [Fact]
    public async Task Everything_is_there_again_after_a_restart()
    {
        await PutAsync(TestKinds.Make("web", new ThingSpec { DependsOn = ["db"], Note = "grün ✓ <b>" }, metadata => metadata with { Labels = new Dictionary<string, string> { ["axle.dev/x"] = "1" } }));
        var db = await PutAsync(TestKinds.Make("db"));
        await Store.PutStatusAsync(db.Ref, new ThingStatus { Phase = "Ready" }, "system:test", null, Stop);
        await Store.DeleteAsync(TestKinds.Thing.Ref("web"), Ann, stop: Stop);
        await PutAsync(TestKinds.Make("web", new ThingSpec { DependsOn = ["db"] }));
        var before = Json(Store.Query(new EntityQuery { All = true }).Items);
        await ReopenAsync();

        Assert.Equal(before, Json(Store.Query(new EntityQuery { All = true }).Items));
        Assert.Equal(5, Store.Revision);
        Assert.Equal(6, (await PutAsync(TestKinds.Make("next"))).Metadata.Revision);
    }

    [Fact]
    public async Task History_and_log_tell_who_did_what_newest_first()
    {
        var made = await PutAsync(TestKinds.Make("orders"));
        await Store.PutStatusAsync(made.Ref, new ThingStatus { Phase = "Ready" }, "system:test", null, Stop);
        await Store.PutAsync(TestKinds.Make("orders", new ThingSpec { Size = 2 }), Ann, message: "bigger", stop: Stop);
        await PutAsync(TestKinds.Make("other"));
        await Store.DeleteAsync(made.Ref, Ann, stop: Stop);

        var history = await Store.HistoryAsync(made.Ref, stop: Stop);
        Assert.Equal(["5 delete", "3 update", "2 status", "1 create"], history.Select(change => $"{change.Revision} {change.Verb}"));
        Assert.Equal("bigger", history[1].Message);
        Assert.Equal(2, history[0].Entity.Spec.GetProperty("size").GetInt32());
        Assert.Equal([5L, 4L, 3L, 1L], (await Store.LogAsync(null, 10, stop: Stop)).Select(change => change.Revision));
        Assert.Equal([2L, 1L], (await Store.LogAsync(3, 10, includeStatus: true, Stop)).Select(change => change.Revision));
    }

    [Fact]
    public async Task A_watch_gives_every_change_from_any_revision_and_goes_on()
    {
        for (var i = 0; i < 20; i++)
        {
            await PutAsync(TestKinds.Make($"n{i}"));
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var seen = new List<long>();
        var half = new TaskCompletionSource();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var change in Store.WatchAsync(5, ended.Token))
                {
                    // What a watcher was told, a reader finds.
                    Assert.True(Store.Revision >= change.Revision);
                    seen.Add(change.Revision);
                    if (change.Revision == 20)
                    {
                        half.SetResult();
                    }

                    if (change.Revision == 40)
                    {
                        break;
                    }
                }
            },
            Stop);
        await half.Task.WaitAsync(TimeSpan.FromSeconds(5), Stop);
        for (var i = 20; i < 40; i++)
        {
            await PutAsync(TestKinds.Make($"n{i}"));
        }

        await watching.WaitAsync(TimeSpan.FromSeconds(5), Stop);
        Assert.Equal(Enumerable.Range(6, 35).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task A_watch_from_a_revision_that_never_was_is_told_so() =>
        await Assert.ThrowsAsync<RevisionGoneException>(async () =>
        {
            await foreach (var _ in Store.WatchAsync(7, Stop))
            {
            }
        });

    [Fact]
    public async Task No_update_is_lost_when_many_write_at_once()
    {
        await PutAsync(TestKinds.Make("counter"));
        var conflicts = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Stop }, async (_, stop) =>
        {
            while (true)
            {
                var now = Store.Find(TestKinds.Thing, TestKinds.Thing.Ref("counter"))!;
                var answer = await Store.PutAsync(TestKinds.Make("counter", now.Spec with { Size = now.Spec.Size + 1 }), Ann, now.Metadata.Revision, null, stop);
                if (answer.Ok)
                {
                    return;
                }

                Assert.Equal("entities.conflict", answer.Error!.Code);
                Interlocked.Increment(ref conflicts);
            }
        });
        Assert.Equal(200, Store.Find(TestKinds.Thing, TestKinds.Thing.Ref("counter"))!.Spec.Size);
        Assert.Equal(201, Store.Revision);
    }

    [Fact]
    public async Task Puts_that_share_a_transaction_are_accepted_or_refused_one_by_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => Store.PutAsync(TestKinds.Make($"n{i % 100}"), Ann, expected: 0, stop: Stop), Stop)));

        Assert.Equal(100, answers.Count(answer => answer.Ok));
        Assert.All(answers.Where(answer => !answer.Ok), answer => Assert.Equal("entities.conflict", answer.Error!.Code));
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), answers.Where(answer => answer.Ok).Select(answer => answer.Value.Metadata.Revision).Order());
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, EntityJson.Options);
}
