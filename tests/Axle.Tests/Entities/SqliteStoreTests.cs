using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Index;
using Axle.Entities.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axle.Tests.Entities;

/// <summary>The promises of every store, kept by SQLite.</summary>
public sealed class SqliteStoreConformance : StoreConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-store-").FullName;
    private SqliteEntityStore? _store;

    private protected override Task<IEntityStore> OpenAsync()
    {
        _store = SqliteEntityStore.Open(Path.Combine(_folder, "axle.db"), TestKinds.All, new RelationTypes([]), Clock, new EntityStoreOptions { TailMax = 8 }, NullLogger.Instance);
        return Task.FromResult<IEntityStore>(_store);
    }

    private protected override async Task CloseAsync() => await _store!.DisposeAsync();
}

/// <summary>What is SQLite's own: the file, its failures, the chain of the log.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private const string Ann = "user:default/ann";

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-store-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "axle.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nobody_else_reads_the_files_also_those_of_an_older_version()
    {
        const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var store = Open();
        Assert.All(Directory.GetFiles(_folder), file => Assert.Equal(Ours, System.IO.File.GetUnixFileMode(file)));
        Assert.True(System.IO.File.Exists(File + "-wal"));

        await store.DisposeAsync();
        System.IO.File.SetUnixFileMode(File, Ours | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var again = Open();
        Assert.All(Directory.GetFiles(_folder), file => Assert.Equal(Ours, System.IO.File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_changed_row_breaks_the_chain_at_its_revision()
    {
        await FillAsync(10);
        Sql("UPDATE log SET actor = 'user:default/mallory' WHERE revision = 4");
        Assert.Equal(4, await FirstBrokenAsync());
    }

    [Fact]
    public async Task Changed_content_a_missing_row_and_a_cut_end_are_found()
    {
        await FillAsync(10);
        Sql("UPDATE log SET entity = replace(entity, 'n6', 'x6') WHERE revision = 7");
        Assert.Equal(7, await FirstBrokenAsync());
        Sql("DELETE FROM log WHERE revision = 3");
        Assert.Equal(3, await FirstBrokenAsync());

        await using var store = Open();
        Sql("DELETE FROM log WHERE revision > 8");
        Sql("DELETE FROM log WHERE revision < 9");
        Assert.False((await store.VerifyAsync(Stop)).Intact);
    }

    [Fact]
    public async Task Old_status_content_goes_the_chain_stays_and_a_watch_from_there_is_told()
    {
        await using (var store = Open())
        {
            await store.PutAsync(TestKinds.Make("n"), Ann, stop: Stop);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => store.PutStatusAsync(TestKinds.Thing.Ref("n"), new ThingStatus { Seen = i + 1 }, "system:t", null, Stop)));
            store.Database.Prune(keep: 10, atMost: 1000);
            var check = await store.VerifyAsync(Stop);
            Assert.True(check.Intact, check.Problem);
            Assert.Equal((51, 40), (check.Rows, check.Pruned));
            await Assert.ThrowsAsync<RevisionGoneException>(async () => await FirstAsync(store, 0));
            Assert.Equal(42, (await FirstAsync(store, 41)).Revision);
        }

        await using var again = Open();
        await Assert.ThrowsAsync<RevisionGoneException>(async () => await FirstAsync(again, 40));
        Assert.Equal(42, (await FirstAsync(again, 41)).Revision);

        // A body that retention may not take is missed.
        Sql("UPDATE log SET entity = NULL WHERE revision = 1");
        Assert.Equal(1, (await again.VerifyAsync(Stop)).FirstBroken);
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_and_when_it_has_space_they_go_on()
    {
        await using var store = Open();
        await store.PutAsync(TestKinds.Make("before"), Ann, stop: Stop);
        store.Database.LimitPages(30);
        var big = new ThingSpec { Note = new string('x', 300_000) };
        var full = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(TestKinds.Make("big", big), Ann, stop: Stop));
        Assert.Equal(("entities.disk_full", 507), (full.Error.Code, full.Error.Status));
        Assert.Contains(File, full.Message, StringComparison.Ordinal);
        Assert.Null(store.Find(TestKinds.Thing.Ref("big")));
        Assert.NotNull(store.Find(TestKinds.Thing.Ref("before")));

        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(TestKinds.Make("big", big), Ann, stop: Stop));
        store.Database.LimitPages(0);
        Assert.Equal(2, (await store.PutAsync(TestKinds.Make("big", big), Ann, stop: Stop)).Value.Metadata.Revision);
        Assert.True((await store.VerifyAsync(Stop)).Intact);
    }

    [Fact]
    public async Task Rows_that_a_failed_commit_left_after_all_are_taken_in()
    {
        await using var store = Open();
        await store.PutAsync(TestKinds.Make("a"), Ann, stop: Stop);
        using (var other = SqliteDatabase.Open(File))
        {
            var entity = store.Find(TestKinds.Thing.Ref("a"))!;
            var landed = new Node(entity with { Metadata = entity.Metadata with { Revision = 2, Title = "landed" } }, new Unpacked(new Words()));
            other.Write([new Written(new Change(2, DateTimeOffset.UnixEpoch, Ann, "update", entity.Ref, landed.Entity), landed) { Json = landed.ToJson() }]);
        }

        // The next write fails on the revision that is taken; the one after it has caught up.
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(TestKinds.Make("b"), Ann, stop: Stop));
        Assert.Equal(3, (await store.PutAsync(TestKinds.Make("b"), Ann, stop: Stop)).Value.Metadata.Revision);
        Assert.Equal("landed", store.Find(TestKinds.Thing.Ref("a"))!.Metadata.Title);
        Assert.True((await store.VerifyAsync(Stop)).Intact);
    }

    [Fact]
    public async Task Relations_that_another_version_of_the_code_made_are_made_anew_without_a_change_in_the_log()
    {
        await using (var store = Open())
        {
            Assert.True((await store.PutAsync(TestKinds.Make("web", new ThingSpec { DependsOn = ["db"] }), Ann, stop: Stop)).Ok);
            Assert.True((await store.PutAsync(TestKinds.Make("db"), Ann, stop: Stop)).Ok);
        }

        // As long as the version is the same what is stored is taken as it is.
        Sql("""UPDATE entities SET entity = replace(entity, '"type":"dependsOn"', '"type":"ownedBy"') WHERE ref = 'thing:default/web'""");
        await using (var same = Open())
        {
            Assert.Equal("ownedBy", Assert.Single(same.Find(TestKinds.Thing.Ref("web"))!.Relations).Type);
            Assert.Equal("ownerOf", Assert.Single(same.Find(TestKinds.Thing.Ref("db"))!.Relations).Type);
        }

        Sql("UPDATE relations SET made_by = 'another version'");
        for (var i = 0; i < 2; i++)
        {
            await using var other = Open();
            Assert.Equal("dependsOn", Assert.Single(other.Find(TestKinds.Thing.Ref("web"))!.Relations).Type);
            Assert.Equal("dependencyOf", Assert.Single(other.Find(TestKinds.Thing.Ref("db"))!.Relations).Type);
            Assert.Equal(2, other.Revision);
            Assert.True((await other.VerifyAsync(Stop)).Intact);
        }
    }

    [Fact]
    public async Task Each_entity_is_read_as_it_was_written_though_more_are_there_than_are_kept_as_objects()
    {
        await using var store = Open();
        var all = Enumerable.Range(0, 9_000).Select(i => TestKinds.Make($"n{i}", new ThingSpec { Size = i, Note = $"note {i}" })).ToArray();
        Assert.True((await store.PutAllAsync(all, Ann, stop: Stop)).Ok);

        Parallel.For(0, 4, turn =>
        {
            for (var i = turn; i < all.Length; i += 1 + (turn * 7))
            {
                Assert.Equal(i, store.Find(TestKinds.Thing, TestKinds.Thing.Ref($"n{i}"))!.Spec.Size);
            }
        });
        Assert.Equal(all.Length, store.ReadAll(new EntityQuery(), declared: false).Select(entity => entity.Metadata.Uid).Distinct().Count());
        Assert.Equal(all.Length, store.Heads(new EntityQuery { Kinds = ["Thing"] }).Count());
    }

    [Fact]
    public async Task A_newer_a_foreign_and_a_damaged_file_are_named_with_what_to_do()
    {
        await FillAsync(1);
        Sql("PRAGMA user_version = 99");
        Expect("entities.database_newer", "newer version");
        Sql("PRAGMA user_version = 1; PRAGMA application_id = 7");
        Expect("entities.database_foreign", "another program");
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000), Stop);
        Expect("entities.database_corrupt", "restore the last backup");

        void Expect(string code, string words)
        {
            var e = Assert.Throws<StoreException>(() => Open());
            Assert.Equal(code, e.Error.Code);
            Assert.Contains(File, e.Message, StringComparison.Ordinal);
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "plain"), "", Stop);
        var e = Assert.Throws<StoreException>(() => SqliteDatabase.Open(Path.Combine(_folder, "plain", "axle.db")));
        Assert.Equal("entities.database_unavailable", e.Error.Code);
    }

    [Fact]
    public async Task Many_watchers_slow_and_fast_all_see_everything()
    {
        await using var store = Open(new EntityStoreOptions { TailMax = 4 });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        ended.CancelAfter(TimeSpan.FromSeconds(20));
        var watchers = Enumerable.Range(0, 20).Select(number => Task.Run(
            async () =>
            {
                var expected = 1L;
                await foreach (var change in store.WatchAsync(0, ended.Token))
                {
                    Assert.Equal(expected++, change.Revision);
                    if (number % 4 == 0 && change.Revision % 50 == 0)
                    {
                        await Task.Delay(1, ended.Token);
                    }

                    if (change.Revision == 1000)
                    {
                        return;
                    }
                }
            },
            ended.Token)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => store.PutAsync(TestKinds.Make($"n{i}"), Ann, stop: Stop)));
        await Task.WhenAll(watchers);
    }

    private SqliteEntityStore Open(EntityStoreOptions? options = null) =>
        SqliteEntityStore.Open(File, TestKinds.All, new RelationTypes([]), TimeProvider.System, options ?? new EntityStoreOptions(), NullLogger.Instance);

    private async Task FillAsync(int count)
    {
        await using var store = Open();
        for (var i = 0; i < count; i++)
        {
            Assert.True((await store.PutAsync(TestKinds.Make($"n{i}"), Ann, stop: Stop)).Ok);
        }

        Assert.True((await store.VerifyAsync(Stop)).Intact);
    }

    private async Task<long?> FirstBrokenAsync()
    {
        await using var store = Open();
        return (await store.VerifyAsync(Stop)).FirstBroken;
    }

    private static async Task<Change> FirstAsync(SqliteEntityStore store, long after)
    {
        await foreach (var change in store.WatchAsync(after, Stop))
        {
            return change;
        }

        throw new InvalidOperationException();
    }

    private void Sql(string text)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
