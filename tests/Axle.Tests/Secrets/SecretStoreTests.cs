using System.Security.Cryptography;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;
using Microsoft.Data.Sqlite;

namespace Axle.Tests.Secrets;

public sealed class SecretStoreTests : IAsyncDisposable
{
    private const string Actor = "user:default/jane";
    private static readonly EntityRef s_claim = EntityRef.Of("ResourceClaim", "orders-db");
    private readonly SecretBench _bench = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_more_specific_scope_wins_and_a_restart_changes_nothing()
    {
        var orders = await _bench.ComponentAsync();
        foreach (var (scope, value) in new (SecretScope, string)[]
        {
            (SecretScope.Organisation, "of all"),
            (SecretScope.Team(EntityRef.Of("Group", "shop")), "of the team"),
            (SecretScope.Component(orders), "of orders"),
            (SecretScope.Component(orders, "staging"), "of staging"),
        })
        {
            Set(scope, "ALL_FOUR", value);
            Assert.Equal(value, _bench.Value(orders, "staging", "ALL_FOUR"));
        }

        Set(SecretScope.Organisation, "ONE", "1");
        Set(SecretScope.Component(EntityRef.Of("Component", "other")), "FOREIGN", "x");
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("of staging", _bench.Value(orders, "Staging", "ALL_FOUR"));
            Assert.Equal("of orders", _bench.Value(orders, "production", "ALL_FOUR"));
            Assert.Equal(["ALL_FOUR", "ONE"], _bench.Secrets.For(orders, "production").Value.Keys);
            await _bench.RestartAsync();
        }
    }

    [Fact]
    public async Task What_is_shared_is_given_by_reference_and_ones_own_wins()
    {
        var orders = await _bench.ComponentAsync();
        var billing = await _bench.ComponentAsync("billing", "money");
        Set(SecretScope.Component(billing), "KEY", "first");
        _bench.Store.Share(SecretScope.Component(billing), "KEY", SecretScope.Component(orders), Actor);
        Assert.Equal("first", _bench.Value(orders, "staging", "KEY"));
        Set(SecretScope.Component(billing), "KEY", "second");
        Assert.Equal("second", _bench.Value(orders, "staging", "KEY"));

        // A second giver of the same name would make it a matter of luck which one arrives.
        Set(SecretScope.Organisation, "KEY", "everybody's");
        Assert.Equal("secrets.share_taken", _bench.Store.Share(SecretScope.Organisation, "KEY", SecretScope.Component(orders), Actor).Error?.Code);

        Set(SecretScope.Component(orders), "KEY", "own");
        Assert.Equal("own", _bench.Value(orders, "staging", "KEY"));
        _bench.Store.Purge(SecretScope.Component(orders), "KEY", Actor);
        Assert.NotNull(_bench.Store.Unshare(SecretScope.Component(billing), "KEY", SecretScope.Component(orders), Actor));
        Assert.Equal("everybody's", _bench.Value(orders, "staging", "KEY"));
    }

    [Fact]
    public async Task The_platforms_own_credentials_go_from_pending_to_current_to_previous_to_destroyed()
    {
        var secrets = _bench.Secrets;
        Assert.Null(secrets.Own(s_claim, "login").Value);
        Assert.Equal("one", (await secrets.KeepAsync(s_claim, "login", 1, new SecretValue("one"), Stop)).Value.Reveal());

        // After a crash the generator runs again; what was kept first counts.
        Assert.Equal("one", (await secrets.KeepAsync(s_claim, "login", 1, new SecretValue("another"), Stop)).Value.Reveal());
        Assert.Null(secrets.Own(s_claim, "login").Value);
        Assert.Equal(SecretStates.Pending, secrets.Own(s_claim, "login", 1).Value!.State);

        await secrets.PublishAsync(s_claim, "login", 1, Actor, Stop);
        await secrets.KeepAsync(s_claim, "login", 2, new SecretValue("two"), Stop);
        Assert.Equal(1, secrets.Own(s_claim, "login").Value!.Version);
        for (var again = 0; again < 2; again++)
        {
            await secrets.PublishAsync(s_claim, "login", 2, Actor, Stop);
            Assert.Equal((2, "two"), (secrets.Own(s_claim, "login").Value!.Version, secrets.Own(s_claim, "login").Value!.Value.Reveal()));
            Assert.Equal(SecretStates.Previous, secrets.Own(s_claim, "login", 1).Value!.State);
            await _bench.RestartAsync();
            secrets = _bench.Secrets;
        }

        await secrets.DestroyAsync(s_claim, "login", 1, Actor, Stop);
        await secrets.DestroyAsync(s_claim, "login", 1, Actor, Stop);
        Assert.Null(secrets.Own(s_claim, "login", 1).Value);
        Assert.Equal("secrets.version_destroyed", (await secrets.KeepAsync(s_claim, "login", 1, new SecretValue("back"), Stop)).Error?.Code);
        await Assert.ThrowsAsync<InvalidOperationException>(() => secrets.PublishAsync(s_claim, "login", 1, Actor, Stop));

        var entity = _bench.Entities.Find(SecretKind.Instance, SecretKind.RefOf(SecretScope.Own(s_claim), "login"))!;
        Assert.Equal(["destroyed", "current"], entity.Spec.Versions.Select(version => version.State));
        Assert.Contains(entity.Raw.Relations, relation => relation.Type == "secretOf" && relation.TargetRef == s_claim);

        await secrets.ForgetAsync(s_claim, Actor, Stop);
        Assert.Null(secrets.Own(s_claim, "login").Value);
        Assert.Null(_bench.Entities.Find(entity.Ref));
        Assert.Equal("new", (await secrets.KeepAsync(s_claim, "login", 1, new SecretValue("new"), Stop)).Value.Reveal());
    }

    [Fact]
    public void Two_current_versions_are_impossible_even_for_sql()
    {
        var scope = SecretScope.Organisation;
        Set(scope, "KEY", "one");
        Set(scope, "KEY", "two");
        var refused = Assert.Throws<SqliteException>(() => _bench.Database.Write(writer => writer.Run("UPDATE versions SET state = 'current'")));
        Assert.Equal(19, refused.SqliteErrorCode);
        Assert.Single(_bench.Store.Find(scope, "KEY")!.Versions, version => version.State == SecretStates.Current);
    }

    [Fact]
    public async Task A_ciphertext_that_was_moved_to_another_row_does_not_open()
    {
        var orders = await _bench.ComponentAsync();
        Set(SecretScope.Component(orders), "MINE", "mine");
        Set(SecretScope.Organisation, "THEIRS", "theirs");
        _bench.Database.Write(writer => writer.Run("UPDATE versions SET envelope = (SELECT envelope FROM versions WHERE name = 'THEIRS') WHERE name = 'MINE'"));
        await _bench.RestartAsync();
        var refused = _bench.Secrets.For(orders, "staging").Error;
        Assert.Equal("secrets.unreadable", refused?.Code);

        // A new value mends it.
        Set(SecretScope.Component(orders), "MINE", "new");
        Assert.Equal("new", _bench.Value(orders, "staging", "MINE"));
    }

    [Fact]
    public async Task An_entity_that_a_crash_left_out_is_written_at_the_next_start_and_an_orphan_goes()
    {
        var orders = await _bench.ComponentAsync();
        var scope = SecretScope.Component(orders);

        // Killed between the store's commit and the catalogue's.
        Set(scope, "KEY", "one");
        Assert.Null(_bench.Entities.Find(SecretKind.RefOf(scope, "KEY")));
        await _bench.RestartAsync();
        await _bench.Projection.RepairAsync(Stop);
        var entity = _bench.Entities.Find(SecretKind.Instance, SecretKind.RefOf(scope, "KEY"))!;
        Assert.Equal((1, "KEY"), (entity.Spec.Current, entity.Spec.Name));
        Assert.Contains(entity.Raw.Relations, relation => relation is { Type: "ownedBy", TargetRef.Name: "shop" });

        _bench.Store.Purge(scope, "KEY", Actor);
        await _bench.RestartAsync();
        await _bench.Projection.RepairAsync(Stop);
        Assert.Null(_bench.Entities.Find(entity.Ref));

        // Nothing to repair writes nothing.
        var revision = _bench.Entities.Revision;
        await _bench.Projection.RepairAsync(Stop);
        Assert.Equal(revision, _bench.Entities.Revision);
    }

    [Fact]
    public async Task Secrets_of_a_component_that_is_gone_are_unset_and_come_back_with_it()
    {
        var orders = await _bench.ComponentAsync();
        var scope = SecretScope.Component(orders);
        Set(scope, "KEY", "one");
        await _bench.Projection.RepairAsync(Stop);
        var which = SecretKind.RefOf(scope, "KEY");
        var reconciler = _bench.Get<SecretReconciler>();

        await _bench.Entities.DeleteAsync(orders, Actor, force: true, stop: Stop);
        await reconciler.ReconcileAsync(which, Stop);
        Assert.NotNull(_bench.Entities.Find(SecretKind.Instance, which)!.Spec.RemovedAt);

        await _bench.ComponentAsync(team: "others");
        await reconciler.ReconcileAsync(which, Stop);
        Assert.Equal("one", _bench.Value(orders, "staging", "KEY"));
        Assert.Equal("others", _bench.Entities.Find(SecretKind.Instance, which)!.Spec.Owner?.Name);
    }

    [Fact]
    public async Task Without_its_key_the_store_is_sealed_and_writes_nothing()
    {
        var orders = await _bench.ComponentAsync();
        Set(SecretScope.Component(orders), "KEY", "one");
        var keys = Path.Combine(_bench.Folder, "keys");
        var aside = keys + ".aside";

        // The whole folder is gone: no new key may take its place.
        await _bench.RestartAsync(between: () => Directory.Move(keys, aside));
        var why = _bench.Secrets.Sealed;
        Assert.Equal(("secrets.sealed", 503), (why?.Code, why?.Status));
        Assert.Equal(why, _bench.Secrets.For(orders, "staging").Error);
        Assert.Equal(why, (await _bench.Secrets.KeepAsync(s_claim, "login", 1, new SecretValue("x"), Stop)).Error);
        Assert.Throws<InvalidOperationException>(() => Set(SecretScope.Organisation, "KEY", "two"));
        Assert.Throws<InvalidOperationException>(() => _bench.Secrets.Fingerprint("x"u8));
        await _bench.Projection.RepairAsync(Stop);
        Assert.Equal("nothing known", _bench.Secrets.Redact("nothing known"));
        Assert.False(Directory.Exists(keys));

        // Another platform's key.
        var foreign = new SecretValue(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await _bench.RestartAsync(foreign);
        Assert.Equal("secrets.sealed", _bench.Secrets.Sealed?.Code);
        Assert.DoesNotContain(foreign.Reveal(), _bench.Secrets.Sealed!.ToString(), StringComparison.Ordinal);

        await _bench.RestartAsync(between: () =>
        {
            if (Directory.Exists(keys))
            {
                Directory.Delete(keys, recursive: true);
            }

            Directory.Move(aside, keys);
        });
        Assert.Null(_bench.Secrets.Sealed);
        Assert.Equal("one", _bench.Value(orders, "staging", "KEY"));
    }

    [Fact]
    public async Task A_fingerprint_stays_over_restarts_and_key_rotations_and_is_this_platforms_own()
    {
        var print = _bench.Secrets.Fingerprint("content"u8);
        _bench.Get<SecretKey>().Master.Rotate();
        await _bench.RestartAsync();
        Assert.Equal(print, _bench.Secrets.Fingerprint("content"u8));
        Assert.NotEqual(print, _bench.Secrets.Fingerprint("Content"u8));
        await using var other = new SecretBench();
        Assert.NotEqual(print, other.Secrets.Fingerprint("content"u8));
    }

    [Theory]
    [InlineData("organisation", "API_KEY", "secret:default/organisation.api_key")]
    [InlineData("team/default/shop", "API_KEY", "secret:default/team.shop.api_key")]
    [InlineData("component/web/orders/staging", "a", "secret:web/component.orders.staging.a")]
    [InlineData("own/resourceclaim/default/orders-db", "login", "secret:default/own.resourceclaim.orders-db.login")]
    public void A_secrets_entity_has_a_name_that_people_can_read(string scope, string name, string expected) =>
        Assert.Equal(expected, SecretKind.RefOf(new SecretScope(scope), name).ToString());

    [Fact]
    public void Names_that_would_collide_or_be_too_long_end_in_a_digest()
    {
        Assert.NotEqual(
            SecretKind.RefOf(SecretScope.Component(EntityRef.Of("Component", "orders.staging")), "A"),
            SecretKind.RefOf(SecretScope.Component(EntityRef.Of("Component", "orders"), "staging"), "A"));
        var lengthy = SecretKind.RefOf(SecretScope.Component(EntityRef.Of("Component", new string('c', 63)), "production"), new string('N', 128));
        Assert.True(lengthy.Name.Length <= 63);
        Assert.NotEqual(lengthy, SecretKind.RefOf(SecretScope.Component(EntityRef.Of("Component", new string('c', 63)), "production"), new string('N', 127)));
        Assert.NotEqual('_', SecretKind.RefOf(SecretScope.Organisation, "A_").Name[^1]);
    }

    private StoredSecret Set(SecretScope scope, string name, string value) => _bench.Store.Set(scope, name, new SecretValue(value), Actor);
}
