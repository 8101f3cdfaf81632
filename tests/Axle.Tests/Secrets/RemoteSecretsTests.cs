using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;
using Axle.Platform.Secrets.Stores;
using CsCheck;

namespace Axle.Tests.Secrets;

/// <summary>Fetching in the background, restarts, and references as text.</summary>
public sealed class RemoteSecretsTests : IAsyncDisposable
{
    private readonly SecretBench _bench = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Values_are_fetched_again_every_minute_and_reading_never_asks()
    {
        await using var store = await StoreServer.StartAsync();
        var component = await RefersAsync(store);
        var asked = store.Asked.Count;
        Assert.Equal("first value", _bench.Value(component, "staging", "KEY"));
        Assert.Equal(asked, store.Asked.Count);

        await _bench.Get<RemoteRefresh>().StartAsync(Stop);
        await Until(() => store.Asked.Any(one => one.Contains("renew-self", StringComparison.Ordinal)));
        store.Values["kv/a"] = """{"x":"second value","y":"other"}""";
        await Until(() => _bench.Value(component, "staging", "KEY") == "second value", TimeSpan.FromSeconds(60));

        // Deployments are woken by its entity.
        var which = SecretKind.RefOf(SecretScope.Component(component), "KEY");
        await Until(() => _bench.Entities.Find(SecretKind.Instance, which)!.Spec.Current == 2);
        Assert.Contains(await _bench.Entities.HistoryAsync(which, 10, Stop), one => one.Message == "version 2, from vault:kv/a#x");
        await _bench.Get<RemoteRefresh>().StopAsync(Stop);
    }

    [Fact]
    public async Task One_path_is_asked_for_once_and_a_store_that_is_away_only_once()
    {
        await using var store = await StoreServer.StartAsync();
        var component = await RefersAsync(store);
        for (var i = 0; i < 20; i++)
        {
            store.Values[$"kv/more/{i}"] = """{"x":"a value"}""";
            Assert.True((await _bench.Get<RemoteSecrets>().FetchAsync("K", Parse($"vault:kv/more/{i}#x"), Stop)).Ok);
            await _bench.Get<RemoteSecrets>().SetAsync(SecretScope.Component(component), $"KEY_{i}", new SecretValue("a value"), Parse($"vault:kv/more/{i % 10}#x"), "user:default/jane", Stop);
        }

        store.Asked.Clear();
        await _bench.Get<RemoteSecrets>().RefreshAllAsync(Stop);
        Assert.Equal(11, store.Asked.Count);
        store.Asked.Clear();
        store.Mood = "sealed";
        await _bench.Get<RemoteSecrets>().RefreshAllAsync(Stop);
        Assert.InRange(store.Asked.Count, 1, 4);
        Assert.All(_bench.Entities.All(SecretKind.Instance).Where(secret => secret.Spec.From is not null), secret => Assert.False(Conditions.IsTrue(secret.Status.Conditions, "Fetched")));
    }

    [Fact]
    public async Task After_a_restart_without_the_store_the_last_value_is_given()
    {
        EntityRef component;
        await using (var store = await StoreServer.StartAsync())
        {
            component = await RefersAsync(store);
        }

        await _bench.RestartAsync();
        Assert.Equal("first value", _bench.Value(component, "staging", "KEY"));
        await _bench.Get<RemoteSecrets>().RefreshAllAsync(Stop);
        Assert.Equal("first value", _bench.Value(component, "staging", "KEY"));
        var status = _bench.Entities.Find(SecretKind.Instance, SecretKind.RefOf(SecretScope.Component(component), "KEY"))!.Status;
        Assert.Contains("cannot be reached", Conditions.Of(status.Conditions, "Fetched")!.Message, StringComparison.Ordinal);

        // On the disk it lies closed, like any other; so does the token.
        Assert.DoesNotContain(Directory.EnumerateFiles(_bench.Folder, "*", SearchOption.AllDirectories), file => Holds(file, "first value") || Holds(file, StoreServer.Token));
    }

    [Fact]
    public async Task What_somebody_set_while_it_was_fetched_stays()
    {
        await using var store = await StoreServer.StartAsync();
        var component = await RefersAsync(store);
        var scope = SecretScope.Component(component);
        var from = _bench.Store.Find(scope, "KEY")!.From!;
        _bench.Store.Set(scope, "KEY", new SecretValue("its own"), "user:default/jane");
        Assert.Null(_bench.Store.Fetched(scope, "KEY", new SecretValue("too late"), from));
        Assert.Equal("its own", _bench.Value(component, "staging", "KEY"));

        // Unset is unset: nothing brings it back but its owner.
        await _bench.Get<RemoteSecrets>().SetAsync(scope, "KEY", new SecretValue("first value"), from, "user:default/jane", Stop);
        _bench.Store.Remove(scope, "KEY", "user:default/jane");
        Assert.Null(_bench.Store.Fetched(scope, "KEY", new SecretValue("another"), from));
        store.Asked.Clear();
        await _bench.Get<RemoteSecrets>().RefreshAllAsync(Stop);
        Assert.Empty(store.Asked);
        Assert.Equal(from, _bench.Store.Restore(scope, "KEY", "user:default/jane").From);
    }

    [Fact]
    public async Task A_database_of_an_earlier_version_opens_as_it_is()
    {
        var component = await _bench.ComponentAsync();
        _bench.Store.Set(SecretScope.Component(component), "KEY", new SecretValue("a value"), "user:default/jane");
        _bench.Database.Write(writer => writer.Run("DROP TABLE origins; DROP TABLE stores;"));
        await _bench.RestartAsync();
        Assert.Equal("a value", _bench.Value(component, "staging", "KEY"));
        Assert.Null(_bench.Store.Find(SecretScope.Component(component), "KEY")!.From);
        Assert.Empty(_bench.Get<RemoteStores>().All);
    }

    [Fact]
    public async Task A_store_that_never_answers_is_given_up()
    {
        await using var server = await StoreServer.StartAsync();
        server.Mood = "slow";
        using var http = new StoreHttp(new RemoteStore("vault", StoreKinds.Vault, new Uri(server.Address + "/"), new RemoteSettings(null, null, [])), TimeSpan.FromMilliseconds(300));
        var answer = await http.SendAsync(HttpMethod.Get, "v1/kv/data/a", [], Stop);
        Assert.Contains("did not answer", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vault:kv/a#b", true)]
    [InlineData("my-vault2:kv/shop/orders-2/x_y~z@1.0#API-key.x", true)]
    [InlineData("vault:kv/a", false)]
    [InlineData("vault:kv#b", false)]
    [InlineData("vault:/kv/a#b", false)]
    [InlineData("vault:kv//a#b", false)]
    [InlineData("vault:kv/a/#b", false)]
    [InlineData("vault:kv/../a#b", false)]
    [InlineData("vault:kv/./a#b", false)]
    [InlineData("vault:kv/a?b#c", false)]
    [InlineData("vault:kv/a#b\n", false)]
    [InlineData("Vault:kv/a#b", false)]
    [InlineData(":kv/a#b", false)]
    [InlineData("", false)]
    public void A_reference_is_text_of_one_form(string text, bool good)
    {
        Assert.Equal(good, RemoteReference.TryParse(text, out var reference));
        Assert.Equal(good ? text : null, reference?.ToString());
    }

    [Fact]
    public void No_reference_leads_out_of_the_address_it_is_put_behind() => Gen.String[Gen.Char["abkv/.%#:?\\ \n2eF"], 1, 20].Sample(path =>
    {
        if (RemoteReference.TryParse($"v:{path}#f", out var reference))
        {
            var address = new Uri(new Uri("https://vault.example.com/under/"), $"v1/{reference.Path}");
            Assert.Equal($"https://vault.example.com/under/v1/{path}", address.AbsoluteUri);
        }
    });

    private static RemoteReference Parse(string text) => RemoteReference.TryParse(text, out var reference) ? reference : throw new ArgumentException(text);

    private static bool Holds(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return System.Text.Encoding.Latin1.GetString(memory.ToArray()).Contains(text, StringComparison.Ordinal);
    }

    private async Task<EntityRef> RefersAsync(StoreServer server)
    {
        var component = await _bench.ComponentAsync();
        server.Values["kv/a"] = """{"x":"first value"}""";
        await _bench.Get<RemoteStores>().PutAsync(new RemoteStore("vault", StoreKinds.Vault, new Uri(server.Address + "/"), new RemoteSettings(null, null, [])), new SecretValue(StoreServer.Token), "user:default/jane", Stop);
        var from = Parse("vault:kv/a#x");
        var value = await _bench.Get<RemoteSecrets>().FetchAsync("KEY", from, Stop);
        await _bench.Get<RemoteSecrets>().SetAsync(SecretScope.Component(component), "KEY", value.Value, from, "user:default/jane", Stop);
        return component;
    }

    private async Task Until(Func<bool> holds, TimeSpan? step = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            _bench.Clock.Advance(step ?? TimeSpan.Zero);
            await Task.Delay(20, deadline.Token);
        }
    }
}
