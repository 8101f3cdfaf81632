using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;
using Axle.Tests.Cli;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Secrets;

/// <summary>Secrets that come from another store, through the public door.</summary>
public sealed class SecretStoresApiTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private StoreServer _store = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ISecrets Secrets => server.Services.GetRequiredService<ISecrets>();

    public async ValueTask InitializeAsync() => _store = await StoreServer.StartAsync();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_value_comes_from_vault_and_follows_it()
    {
        using var admin = await AddAsync("va");
        using var jane = await ComponentAsync("vaulted");
        _store.Values["kv/vaulted/db"] = """{"password":"first value","port":5432,"nested":{"a":1}}""";
        var set = await (await FromAsync(admin, "PASSWORD", "vaulted", "va:kv/vaulted/db#password")).ReadAsync<SecretView>();
        Assert.Equal((1, "va:kv/vaulted/db#password"), (set.Version, set.From));
        Assert.True((await FromAsync(admin, "PORT", "vaulted", "va:kv/vaulted/db#port")).IsSuccessStatusCode);
        Assert.Equal(("first value", "5432"), (Given("vaulted", "PASSWORD"), Given("vaulted", "PORT")));
        Assert.Contains(_store.Asked, one => one == $"GET /v1/kv/data/vaulted/db {StoreServer.Token}");

        foreach (var value in new[] { "second value", "third value" })
        {
            _store.Values["kv/vaulted/db"] = $$"""{"password":"{{value}}"}""";
            Assert.True((await PostAsync(jane, "PASSWORD/refresh?component=vaulted", new { })).IsSuccessStatusCode);
            Assert.Equal(value, Given("vaulted", "PASSWORD"));
        }

        // The value before is still known, for what runs with it and for its marks in logs; older ones are not kept here.
        var versions = await (await jane.GetAsync("/api/secrets/PASSWORD/versions?component=vaulted", Stop)).ReadAsync<SecretVersions>();
        Assert.Equal(["destroyed", "previous", "current"], versions.Items.Select(version => version.State));
        Assert.Equal(3, (await (await PostAsync(jane, "PASSWORD/refresh?component=vaulted", new { })).ReadAsync<SecretView>()).Version);
        Assert.Equal(["fetch", "fetch", "set"], (await (await jane.GetAsync("/api/secrets/PASSWORD/log?component=vaulted", Stop)).ReadAsync<SecretUses>()).Items.Select(use => use.Verb));
        Assert.Equal("[secret PASSWORD]", Secrets.Redact("third value"));

        // What is decided there is not changed here, until somebody gives it a value of its own.
        Assert.Equal("secrets.is_reference", (await (await PostAsync(jane, "PASSWORD/rotate?component=vaulted", new { })).ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.Equal("secrets.is_reference", (await (await PostAsync(jane, "PASSWORD/rollback?component=vaulted", new { })).ProblemAsync(HttpStatusCode.Conflict)).Code);
        var own = await (await jane.PutAsJsonAsync("/api/secrets/PASSWORD?component=vaulted", new SecretSetRequest("its own"), Stop)).ReadAsync<SecretView>();
        Assert.Null(own.From);
        Assert.Equal("secrets.not_reference", (await (await PostAsync(jane, "PASSWORD/refresh?component=vaulted", new { })).ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.Equal("its own", Given("vaulted", "PASSWORD"));
    }

    [Fact]
    public async Task A_value_comes_from_a_kubernetes_secret()
    {
        using var admin = await AddAsync("cluster", kind: "kubernetes");
        using var jane = await ComponentAsync("clustered");
        _store.Values["shop/db-login"] = """{"password":"pässword","key.bin":"hex:ff00"}""";
        Assert.True((await FromAsync(admin, "PASSWORD", "clustered", "cluster:shop/db-login#password")).IsSuccessStatusCode);
        Assert.Equal("pässword", Given("clustered", "PASSWORD"));
        Assert.Contains(_store.Asked, one => one == $"GET /api/v1/namespaces/shop/secrets/db-login Bearer {StoreServer.Token}");
        Assert.Equal("secrets.remote_field", (await (await FromAsync(admin, "KEY", "clustered", "cluster:shop/db-login#key.bin")).ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
        Assert.Equal("secrets.reference", (await (await FromAsync(admin, "KEY", "clustered", "cluster:shop/sub/db-login#key")).ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
        Assert.Equal("secrets.reference", (await (await FromAsync(admin, "KEY", "clustered", "cluster:Shop/db-login#key")).ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
    }

    [Theory]
    [InlineData("sealed", "kv/a#password", "secrets.store_outage", 502, "sealed")]
    [InlineData("broken", "kv/a#password", "secrets.store_outage", 502, "500")]
    [InlineData("throttled", "kv/a#password", "secrets.store_outage", 502, "429")]
    [InlineData("redirect", "kv/a#password", "secrets.store_outage", 502, "307")]
    [InlineData("huge", "kv/a#password", "secrets.store_outage", 502, "1 MiB")]
    [InlineData("text", "kv/a#password", "secrets.store_answer", 502, "KV version 2")]
    [InlineData("other", "kv/a#password", "secrets.store_answer", 502, "KV version 2")]
    [InlineData("well", "kv/missing#password", "secrets.remote_missing", 422, "nothing at kv/missing")]
    [InlineData("well", "kv/closed#password", "secrets.remote_denied", 422, "may not read")]
    [InlineData("well", "kv/a#nothing", "secrets.remote_field", 422, "no field nothing")]
    [InlineData("well", "kv/a#nested", "secrets.remote_field", 422, "no field nested")]
    [InlineData("well", "kv/a#empty", "secrets.value", 422, "empty")]
    [InlineData("well", "kv/../sys/a#x", "secrets.reference", 422, "no reference")]
    [InlineData("well", "kv#x", "secrets.reference", 422, "no reference")]
    [InlineData("well", "kv/a%2fb#x", "secrets.reference", 422, "no reference")]
    [InlineData("well", "kv/a", "secrets.reference", 422, "no reference")]
    public async Task A_reference_that_gives_no_value_is_refused_and_nothing_is_set(string mood, string path, string code, int status, string says)
    {
        using var admin = await AddAsync("trouble");
        using var jane = await ComponentAsync("troubled");
        _store.Values["kv/a"] = """{"password":"the password there","empty":"","nested":{"a":"b"}}""";
        _store.Values["kv/elsewhere"] = """{"password":"behind a redirect"}""";
        _store.Mood = mood;
        var problem = await (await FromAsync(admin, "BAD", "troubled", "trouble:" + path)).ProblemAsync((HttpStatusCode)status);
        Assert.Equal(code, problem.Code);
        Assert.Contains(says, problem.Title + problem.Detail, StringComparison.Ordinal);
        Assert.NotNull(problem.Next);
        Assert.DoesNotContain(_store.Asked, one => one.Contains("elsewhere", StringComparison.Ordinal));
        Assert.DoesNotContain("BAD", Secrets.For(EntityRef.Of("Component", "troubled"), "staging").Value.Keys);
    }

    [Fact]
    public async Task A_store_that_is_away_leaves_the_last_value_and_says_so()
    {
        using var admin = await AddAsync("away");
        using var jane = await ComponentAsync("lonely");
        _store.Values["kv/a"] = """{"password":"the last value"}""";
        Assert.True((await FromAsync(admin, "PASSWORD", "lonely", "away:kv/a#password")).IsSuccessStatusCode);
        Assert.Equal("True", Condition("lonely").Status);

        _store.Mood = "sealed";
        Assert.Equal("secrets.store_outage", (await (await PostAsync(jane, "PASSWORD/refresh?component=lonely", new { })).ProblemAsync(HttpStatusCode.BadGateway)).Code);
        Assert.Equal("the last value", Given("lonely", "PASSWORD"));
        Assert.Equal(("False", "The secret store away is sealed or in maintenance (503). The value fetched before is used.", "axle secret store test away"), (Condition("lonely").Status, Condition("lonely").Message, Condition("lonely").Next));
        Assert.Contains((await (await jane.GetAsync("/api/secrets?component=lonely", Stop)).ReadAsync<SecretList>()).Items, one => one.Problem?.Contains("503", StringComparison.Ordinal) == true);
        Assert.Contains((await (await jane.GetAsync("/api/secrets/-/stores", Stop)).ReadAsync<SecretStoreList>()).Items, one => one is { Name: "away", References: 1 } && one.Problem!.Contains("503", StringComparison.Ordinal));

        _store.Mood = "well";
        Assert.True((await PostAsync(jane, "PASSWORD/refresh?component=lonely", new { })).IsSuccessStatusCode);
        Assert.Equal("True", Condition("lonely").Status);
        Assert.True((await jane.PutAsJsonAsync("/api/secrets/PASSWORD?component=lonely", new SecretSetRequest("its own"), Stop)).IsSuccessStatusCode);
        Assert.Empty(server.Entities.Find(SecretKind.Instance, Ref("lonely"))!.Status.Conditions);
    }

    [Fact]
    public async Task A_team_refers_only_to_what_is_opened_to_it()
    {
        using var admin = await AddAsync("shared", allow: ["kv/{team}", "kv/everybody/"]);
        using var jane = await ComponentAsync("open");
        foreach (var path in new[] { "kv/open-team/a", "kv/other-team/a", "kv/open-team-two/a", "kv/everybody/a" })
        {
            _store.Values[path] = """{"x":"a value"}""";
        }

        Assert.True((await FromAsync(jane, "OWN", "open", "shared:kv/open-team/a#x")).IsSuccessStatusCode);
        Assert.True((await FromAsync(jane, "ALL", "open", "shared:kv/everybody/a#x")).IsSuccessStatusCode);
        var before = _store.Asked.Count;
        foreach (var path in new[] { "kv/other-team/a", "kv/open-team-two/a", "kv/nothing-there", "kv/open-team" })
        {
            Assert.Equal("secrets.reference_denied", (await (await FromAsync(jane, "OTHER", "open", $"shared:{path}#x")).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        }

        // Not even asked: the answer would tell what is there.
        Assert.Equal(before, _store.Asked.Count);
        using var stranger = await server.UserAsync("open-joe", ["open-others"]);
        Assert.Equal("ownership.not_owner", (await (await FromAsync(stranger, "OWN", "open", "shared:kv/everybody/a#x")).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await jane.PutAsJsonAsync("/api/secrets/-/stores/mine", Request(), Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await jane.DeleteAsync("/api/secrets/-/stores/shared", Stop)).StatusCode);
        Assert.Equal("secrets.store_unknown", (await (await FromAsync(jane, "OWN", "open", "nowhere:kv/a#x")).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Fact]
    public async Task A_token_is_shown_nowhere_and_never_sent_to_another_address()
    {
        using var admin = await AddAsync("mover");
        await using var other = await StoreServer.StartAsync();
        var moved = await admin.PutAsJsonAsync("/api/secrets/-/stores/mover", Request() with { Address = other.Address, Token = null }, Stop);
        Assert.Equal("secrets.store", (await moved.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
        Assert.Empty(other.Asked);

        var kept = await (await admin.PutAsJsonAsync("/api/secrets/-/stores/mover", Request() with { Token = null, Namespace = "team-a/" }, Stop)).ReadAsync<SecretStoreView>();
        Assert.Null(kept.Problem);
        Assert.Contains(_store.Asked, one => one == $"GET /v1/auth/token/lookup-self team-a/{StoreServer.Token}");

        // Moved with a new token: the old one is gone, also from the disk.
        Assert.True((await admin.PutAsJsonAsync("/api/secrets/-/stores/mover", Request() with { Address = other.Address, Token = StoreServer.Token + "-2" }, Stop)).IsSuccessStatusCode);
        Assert.All(other.Asked, one => Assert.EndsWith("-2", one, StringComparison.Ordinal));
        Assert.Contains("403", (await (await admin.PostAsJsonAsync("/api/secrets/-/stores/mover/test", new { }, Stop)).ProblemAsync(HttpStatusCode.BadGateway)).Title, StringComparison.Ordinal);
        var texts = string.Join('\n', server.Entities.Query(new EntityQuery { All = true }).Items.Select(entity => JsonSerializer.Serialize(entity, EntityJson.Options)))
            + await admin.GetStringAsync("/api/secrets/-/stores", Stop);
        Assert.DoesNotContain(StoreServer.Token, texts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_secrets_come_from_is_not_removed()
    {
        using var admin = await AddAsync("held");
        using var jane = await ComponentAsync("holder");
        _store.Values["kv/a"] = """{"x":"a value"}""";
        Assert.True((await FromAsync(admin, "KEY", "holder", "held:kv/a#x")).IsSuccessStatusCode);
        var held = await (await admin.DeleteAsync("/api/secrets/-/stores/held", Stop)).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal(("secrets.store_used", "1 secret refers to held, KEY of holder among them."), (held.Code, held.Title));
        Assert.True((await jane.PutAsJsonAsync("/api/secrets/KEY?component=holder", new SecretSetRequest("its own"), Stop)).IsSuccessStatusCode);
        Assert.True((await admin.DeleteAsync("/api/secrets/-/stores/held", Stop)).IsSuccessStatusCode);
        Assert.DoesNotContain((await (await admin.GetAsync("/api/secrets/-/stores", Stop)).ReadAsync<SecretStoreList>()).Items, one => one.Name == "held");
        Assert.Equal("secrets.store_unknown", (await (await admin.DeleteAsync("/api/secrets/-/stores/held", Stop)).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Theory]
    [InlineData("Vault", "vault", "https://localhost", null)]
    [InlineData("x", "consul", "https://localhost", null)]
    [InlineData("x", "vault", "http://vault.example.com:8200", null)]
    [InlineData("x", "vault", "file:///etc/passwd", null)]
    [InlineData("x", "vault", "https://user:password@localhost", null)]
    [InlineData("x", "vault", "https://localhost?token=a", null)]
    [InlineData("x", "vault", "localhost:8200", null)]
    [InlineData("x", "vault", "https://localhost", "no certificate")]
    [InlineData("x", "vault", "https://localhost", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----")] // axle:allow-secret
    public async Task What_cannot_be_a_store_is_refused(string name, string kind, string address, string? ca)
    {
        using var admin = server.Admin();
        var problem = await (await admin.PutAsJsonAsync($"/api/secrets/-/stores/{name}", new SecretStoreRequest(kind, address, StoreServer.Token, Ca: ca), Stop)).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("secrets.store", problem.Code);
        Assert.DoesNotContain(StoreServer.Token, problem.Title + problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("ümlaut")]
    public async Task What_cannot_be_a_token_is_refused(string token)
    {
        using var admin = server.Admin();
        Assert.Equal("secrets.store", (await (await admin.PutAsJsonAsync("/api/secrets/-/stores/x", Request() with { Token = token }, Stop)).ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
    }

    [Fact]
    public async Task A_store_is_believed_only_with_a_certificate_that_is_trusted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var safe = await StoreServer.StartAsync(certificate);
        using var admin = server.Admin();
        var wary = await (await admin.PutAsJsonAsync("/api/secrets/-/stores/safe", Request() with { Address = safe.Address }, Stop)).ReadAsync<SecretStoreView>();
        Assert.Contains("certificate", wary.Problem, StringComparison.Ordinal);
        Assert.Empty(safe.Asked);
        var trusting = await (await admin.PutAsJsonAsync("/api/secrets/-/stores/safe", Request() with { Address = safe.Address, Ca = certificate.ExportCertificatePem() }, Stop)).ReadAsync<SecretStoreView>();
        Assert.Null(trusting.Problem);
        Assert.True(trusting.OwnCa);
    }

    [Fact]
    public async Task The_cli_adds_a_store_refers_to_it_and_shows_both()
    {
        using var jane = await ComponentAsync("typed");
        _store.Values["kv/typed"] = """{"key":"a typed value"}""";
        using var add = Run(StoreServer.Token + "\n");
        Assert.Equal(0, await add.RunAsync("secret", "store", "add", "typed-vault", "--kind", "vault", "--address", _store.Address, "--allow", "kv/{team}", "--allow", "kv/all"));
        Assert.Contains("typed-vault is added", add.Out, StringComparison.Ordinal);
        using var keep = Run();
        Assert.Equal(0, await keep.RunAsync("secret", "store", "add", "typed-vault", "--kind", "vault", "--address", _store.Address, "--allow", "kv/{team}", "--keep-token"));
        using var test = Run();
        Assert.Equal(0, await test.RunAsync("secret", "store", "test", "typed-vault"));
        using var set = Run();
        Assert.Equal(0, await set.RunAsync("secret", "set", "KEY", "-c", "typed", "--from", "typed-vault:kv/typed#key"));
        Assert.Contains("KEY of typed is set, version 1, and fetched from typed-vault:kv/typed#key every minute.", set.Out, StringComparison.Ordinal);
        using var list = Run();
        Assert.Equal(0, await list.RunAsync("secret", "list", "-c", "typed"));
        Assert.Contains("from typed-vault:kv/typed#key", list.Out, StringComparison.Ordinal);
        using var refresh = Run();
        Assert.Equal(0, await refresh.RunAsync("secret", "refresh", "KEY", "-c", "typed"));
        using var stores = Run();
        Assert.Equal(0, await stores.RunAsync("secret", "store", "list"));
        Assert.Contains("kv/{team}", stores.Out, StringComparison.Ordinal);
        using var held = Run();
        Assert.Equal(1, await held.RunAsync("secret", "store", "remove", "typed-vault"));
        using var both = Run();
        Assert.Equal(2, await both.RunAsync("secret", "set", "KEY", "-c", "typed", "--from", "a:b/c#d", "--file", "x"));

        _store.Mood = "sealed";
        using var away = Run();
        Assert.Equal(1, await away.RunAsync("secret", "store", "test", "typed-vault"));
        Assert.Contains("sealed or in maintenance", away.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hvs.", add.Out + add.Error + list.Out + stores.Out + away.Error, StringComparison.Ordinal);
    }

    private CliRun Run(string input = "")
    {
        var run = new CliRun { Input = input };
        run.Variables["AXLE_URL"] = server.Address.ToString();
        run.Variables["AXLE_TOKEN"] = server.AdminToken;
        return run;
    }

    private SecretStoreRequest Request() => new("vault", _store.Address, StoreServer.Token);

    private async Task<HttpClient> AddAsync(string name, string kind = "vault", string[]? allow = null)
    {
        var admin = server.Admin();
        var view = await (await admin.PutAsJsonAsync($"/api/secrets/-/stores/{name}", Request() with { Kind = kind, Allow = allow }, Stop)).ReadAsync<SecretStoreView>();
        Assert.Null(view.Problem);
        return admin;
    }

    private async Task<HttpClient> ComponentAsync(string name)
    {
        var jane = await server.UserAsync($"{name}-jane", [$"{name}-team"]);
        Assert.True((await server.Entities.PutAsync(TestServer.Component(name, $"{name}-team"), "system:test", stop: Stop)).Ok);
        return jane;
    }

    private static EntityRef Ref(string component) => SecretKind.RefOf(new SecretScope($"component/default/{component}"), "PASSWORD");

    private Condition Condition(string component) => Assert.Single(server.Entities.Find(SecretKind.Instance, Ref(component))!.Status.Conditions, one => one.Type == "Fetched");

    private string? Given(string component, string name) => Secrets.For(EntityRef.Of("Component", component), "staging").Value.GetValueOrDefault(name)?.Reveal();

    private static Task<HttpResponseMessage> FromAsync(HttpClient client, string name, string component, string from) =>
        client.PutAsJsonAsync($"/api/secrets/{name}?component={component}", new SecretSetRequest(From: from), Stop);

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) => client.PostAsJsonAsync($"/api/secrets/{path}", body, Stop);
}
