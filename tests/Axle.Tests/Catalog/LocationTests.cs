using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axle.Contracts;
using Axle.Tests.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Catalog;

/// <summary>Descriptor files on a web server of the test's own, registered as Backstage's client registers them.</summary>
public sealed class LocationTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly TestServer _server = new();
    private WebApplication? _host;
    private int _unchanged;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Address => _host!.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(AnswerAsync);
        await _host.StartAsync(Stop);
        await File.WriteAllTextAsync(Path.Combine(_server.Folder, "axle.json"), """{"Catalog": {"ReadingAllow": ["127.0.0.1"]}}""", Stop);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host!.DisposeAsync();
    }

    [Fact]
    public async Task A_file_is_not_sent_again_while_its_host_says_that_it_is_the_same()
    {
        using var client = _server.Admin();
        _files["/all.yaml"] = Component("a") + "---\n" + Component("b");
        var location = await RegisterAsync(client, "/all.yaml");
        await UntilAsync(client, "kind=component", "a", "b");

        // 1. What it described stays.
        for (var asked = 0; _unchanged < 2; asked++)
        {
            Assert.True(asked < 600, "the host was never asked for a change only");
            await RefreshAsync(client, location);
            await Task.Delay(50, Stop);
        }

        await UntilAsync(client, "kind=component", "a", "b");

        // 2. What somebody took away comes back, although the file is still the same.
        Assert.True((await _server.Entities.DeleteAsync(EntityRef.Parse("component:default/a"), "user:default/somebody", force: true, stop: Stop)).TryGet(out _, out _));
        await UntilAsync(client, "kind=component", "b");
        await RefreshAsync(client, location);
        await UntilAsync(client, "kind=component", "a", "b");

        // 3. A change is seen, and so is what is gone.
        _files["/all.yaml"] = Component("b", "Changed");
        await RefreshAsync(client, location);
        await UntilAsync(client, "metadata.title=changed", "b");
        await UntilAsync(client, "kind=component", "b");
    }

    [Fact]
    public async Task Lists_that_name_entities_are_sorted_and_every_entity_says_where_it_is_seen()
    {
        _files["/a.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: sorted}\nspec: {type: service, lifecycle: x, owner: shop, dependsOn: ['component:b', 'component:B', 'component:a'], other: [b, a]}\n";

        using var client = _server.Admin();
        using var answer = await client.PostAsJsonAsync("/api/catalog/locations?dryRun=true", new { type = "url", target = $"{Address}/a.yaml" }, Stop);

        var entities = (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("entities").EnumerateArray().ToList();
        Assert.All(entities, entity => Assert.Equal($"{Address}/a.yaml", entity.GetProperty("metadata").GetProperty("annotations").GetProperty("backstage.io/view-url").GetString()));
        var spec = entities.Single(entity => entity.GetProperty("kind").GetString() == "Component").GetProperty("spec");
        Assert.Equal("""["component:B","component:a","component:b"]""", JsonSerializer.Serialize(spec.GetProperty("dependsOn")));
        Assert.Equal("""["b","a"]""", JsonSerializer.Serialize(spec.GetProperty("other")));
    }

    [Fact]
    public async Task Addresses_of_files_are_written_as_a_tool_can_take_them()
    {
        using var client = _server.Admin();
        _files["/all.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: ['./more parts/a b.yaml']}\n";
        _files["/more%20parts/a%20b.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: some}\nspec: {targets: ['./ü%20.yaml']}\n";
        _files["/more%20parts/%C3%BC%20.yaml"] = Component("a") + "---\nkind: nonsense\n";

        await RegisterAsync(client, "/all.yaml");
        await UntilAsync(client, "kind=component", "a");
        var annotations = (await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-name/component/default/a", Stop)).GetProperty("metadata").GetProperty("annotations");
        Assert.Equal($"url:{Address}/all.yaml", annotations.GetProperty("backstage.io/managed-by-origin-location").GetString());
        Assert.Equal($"url:{Address}/more%20parts/%C3%BC%20.yaml", annotations.GetProperty("backstage.io/managed-by-location").GetString());
        Assert.Equal($"{Address}/more%20parts/%C3%BC%20.yaml", annotations.GetProperty("backstage.io/view-url").GetString());
        Assert.Equal($"url:{Address}/more%20parts/", annotations.GetProperty("backstage.io/source-location").GetString());
        var some = (await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-name/location/default/some", Stop)).GetProperty("metadata").GetProperty("annotations");
        Assert.Equal($"{Address}/more%20parts/a%20b.yaml", some.GetProperty("backstage.io/view-url").GetString());

        // A file that cannot be read for a while is still known by that address.
        _files.TryRemove("/more%20parts/%C3%BC%20.yaml", out _);
        using var refreshed = await client.PostAsJsonAsync("/api/catalog/refresh", new { entityRef = "location:default/some" }, Stop);
        var problem = (await StatusAsync(JsonSerializer.SerializeToElement(new { entityRef = "location:default/some" }), status => status.GetProperty("phase").GetString() == "Failed")).GetProperty("problems")[0];
        Assert.Equal($"{Address}/more%20parts/%C3%BC%20.yaml", problem.GetProperty("file").GetString());
        await UntilAsync(client, "kind=component", "a");
    }

    [Fact]
    public async Task A_registered_file_and_those_that_it_names_are_in_the_catalogue_and_go_with_it()
    {
        using var client = _server.Admin();
        _files["/all.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: [./parts/a.yaml, ./parts/b.yaml]}\n";
        _files["/parts/a.yaml"] = Component("a") + "---\n" + "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: makers}\nspec: {type: team, children: []}\n";
        _files["/parts/b.yaml"] = Component("b");

        var location = await RegisterAsync(client, "/all.yaml");
        await UntilAsync(client, "kind=component,metadata.annotations.backstage.io/managed-by-origin-location=url:" + Address + "/all.yaml", "a", "b");
        var a = await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-name/component/default/a", Stop);
        Assert.Equal($"url:{Address}/parts/a.yaml", a.GetProperty("metadata").GetProperty("annotations").GetProperty("backstage.io/managed-by-location").GetString());
        Assert.Equal("""[{"type":"ownedBy","targetRef":"group:default/makers"}]""", a.GetProperty("relations").GetRawText());

        var ancestry = await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-name/component/default/a/ancestry", Stop);
        Assert.Equal(
            ["component:default/a>location:default/all", $"location:default/all>{location.GetProperty("entityRef")}", $"{location.GetProperty("entityRef")}>"],
            ancestry.GetProperty("items").EnumerateArray().Select(item => Ref(item.GetProperty("entity")) + ">" + string.Join(',', item.GetProperty("parentEntityRefs").EnumerateArray())));
        var origin = await client.GetFromJsonAsync<JsonElement>("/api/catalog/locations/by-entity/component/default/a", Stop);
        Assert.Equal(location.GetProperty("id").GetString(), origin.GetProperty("id").GetString());

        // A file that is no longer named takes its entities along.
        _files["/all.yaml"] = _files["/all.yaml"].Replace(", ./parts/b.yaml", "", StringComparison.Ordinal);
        using var refreshed = await client.PostAsJsonAsync("/api/catalog/refresh", new { entityRef = location.GetProperty("entityRef").GetString() }, Stop);
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
        await UntilAsync(client, "kind=component,metadata.name=b");

        using var deleted = await client.DeleteAsync($"/api/catalog/locations/{location.GetProperty("id")}", Stop);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await UntilAsync(client, "metadata.annotations.backstage.io/managed-by-origin-location=url:" + Address + "/all.yaml");
    }

    [Fact]
    public async Task What_is_broken_or_away_keeps_its_last_good_version_and_is_listed_with_its_place()
    {
        using var client = _server.Admin();
        _files["/one.yaml"] = Component("good") + "---\n" + Component("other");
        var location = await RegisterAsync(client, "/one.yaml");
        await UntilAsync(client, "kind=component", "good", "other");

        foreach (var broken in (string[])
            [
                Component("good") + "---\nkind: [unclosed\n",
                Component("good") + "---\n" + Component("other").Replace("  owner: makers\n", "", StringComparison.Ordinal),
                "<!doctype html>",
            ])
        {
            _files["/one.yaml"] = broken;
            await RefreshAsync(client, location);
            var status = await StatusAsync(location, status => status.GetProperty("problems").GetArrayLength() > 0);
            Assert.Equal($"{Address}/one.yaml", status.GetProperty("problems")[0].GetProperty("file").GetString());
            Assert.True(status.GetProperty("problems")[0].GetProperty("line").GetInt32() > 0);
            await UntilAsync(client, "kind=component", "good", "other");
        }

        Assert.True(_files.TryRemove("/one.yaml", out _));
        await RefreshAsync(client, location);
        var away = await StatusAsync(location, status => status.GetProperty("message").GetString()!.Contains("404", StringComparison.Ordinal));
        Assert.Equal("Failed", away.GetProperty("phase").GetString());
        await UntilAsync(client, "kind=component", "good", "other");
    }

    [Fact]
    public async Task A_name_that_is_held_stays_with_its_holder_and_the_conflict_says_who_that_is()
    {
        using var client = _server.Admin();
        using (await client.PutEntityAsync(TestServer.Component("own", "platform")))
        {
            _files["/first.yaml"] = Component("shared", "first");
            _files["/second.yaml"] = Component("shared", "second") + "---\n" + Component("own") + "---\n" + Component("free");
            var first = await RegisterAsync(client, "/first.yaml");
            await UntilAsync(client, "metadata.title=first", "shared");
            var second = await RegisterAsync(client, "/second.yaml");
            await UntilAsync(client, "metadata.name=free", "free");

            var message = (await StatusAsync(second, status => status.GetProperty("phase").GetString() == "Incomplete")).GetProperty("problems").ToString();
            Assert.Contains($"held by {Address}/first.yaml", message, StringComparison.Ordinal);
            Assert.Contains("an entity of the platform", message, StringComparison.Ordinal);

            // The entity itself says who else would have its name.
            var described = await client.GetFromJsonAsync<JsonElement>("/api/entities/component/default/shared/describe", Stop);
            Assert.Equal([$"{Address}/second.yaml"], described.GetProperty("alsoDescribedIn").EnumerateArray().Select(file => file.GetString()));
            Assert.Equal("declared", described.GetProperty("standing").GetString());

            // Released, it goes to the one that waits.
            using var deleted = await client.DeleteAsync($"/api/catalog/locations/{first.GetProperty("id")}", Stop);
            await RefreshAsync(client, second);
            await UntilAsync(client, "metadata.title=second", "shared");
        }
    }

    [Fact]
    public async Task Who_may_do_what_is_never_taken_from_a_file_of_a_member()
    {
        using var member = await _server.UserAsync("mia", ["makers"]);
        _files["/org.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: eve}\nspec: {memberOf: [platform]}\n---\n" + Component("fine");
        var location = await RegisterAsync(member, "/org.yaml");
        await UntilAsync(member, "kind=component", "fine");
        Assert.Contains("administrator", (await StatusAsync(location, _ => true)).GetProperty("problems").ToString(), StringComparison.Ordinal);
        Assert.Null(_server.Entities.Find(EntityRef.Of("User", "eve")));

        using var admin = _server.Admin();
        _files["/roles.yaml"] = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: eve\n  annotations: {axle.dev/role: admin}\nspec: {memberOf: []}\n";
        var roles = await RegisterAsync(admin, "/roles.yaml");
        Assert.Contains("axle.dev/role", (await StatusAsync(roles, status => status.GetProperty("problems").GetArrayLength() > 0)).GetProperty("problems").ToString(), StringComparison.Ordinal);
        Assert.Null(_server.Entities.Find(EntityRef.Of("User", "eve")));
    }

    [Fact]
    public async Task A_member_gives_nobodys_location_another_target_and_a_circle_of_annotations_holds_nobody_up()
    {
        using var admin = _server.Admin();
        using var member = await _server.UserAsync("max", ["makers"]);
        _files["/one.yaml"] = Component("kept");
        var location = await RegisterAsync(admin, "/one.yaml");
        using var moved = await member.PutAsJsonAsync($"/api/catalog/locations/{location.GetProperty("id")}", new { type = "url", target = Address + "/other.yaml" }, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, moved.StatusCode);

        var (one, other) = (Circle("round", "about"), Circle("about", "round"));
        using var first = await admin.PutEntityAsync(one);
        using var second = await admin.PutEntityAsync(other);
        using var origin = await admin.GetAsync("/api/catalog/locations/by-entity/system/default/round", Stop);
        Assert.Equal(HttpStatusCode.NotFound, origin.StatusCode);

        static Entity Circle(string name, string to)
        {
            var system = TestServer.Json("System", name, """{"owner":"platform"}""");
            return system with { Metadata = system.Metadata with { Annotations = new Dictionary<string, string> { ["axle.dev/location"] = $"system:default/{to}" } } };
        }
    }

    [Fact]
    public async Task An_optional_file_may_be_missing_but_one_that_cannot_be_read_keeps_what_it_said()
    {
        using var client = _server.Admin();
        const string Both = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: both}\nspec: {presence: optional, targets: [./here.yaml, ./never.yaml]}\n";
        (_files["/both.yaml"], _files["/here.yaml"]) = (Both, Component("here"));
        await RegisterAsync(client, "/both.yaml");
        await UntilAsync(client, "kind=component", "here");
        var both = JsonSerializer.SerializeToElement(new { entityRef = "location:default/both" });
        Assert.Equal("Ready", (await StatusAsync(both, _ => true)).GetProperty("phase").GetString());

        _files["/here.yaml"] = Component("here") + new string('#', 5 << 20);
        await RefreshAsync(client, both);
        Assert.Contains("larger", (await StatusAsync(both, status => status.GetProperty("problems").GetArrayLength() > 0)).GetProperty("message").GetString(), StringComparison.Ordinal);
        await UntilAsync(client, "kind=component", "here");

        Assert.True(_files.TryRemove("/here.yaml", out _));
        await RefreshAsync(client, both);
        await UntilAsync(client, "kind=component");
    }

    [Fact]
    public async Task Registering_is_tried_refused_and_repeated_as_in_Backstage()
    {
        using var client = _server.Admin();
        _files["/one.yaml"] = Component("tried");
        using var tried = await PostAsync(client, "/api/catalog/locations?dryRun=true", "/one.yaml");
        Assert.Equal(HttpStatusCode.Created, tried.StatusCode);
        Assert.Equal(["Location", "Component"], (await tried.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("entities").EnumerateArray().Select(entity => entity.GetProperty("kind").GetString()));
        Assert.Empty((await client.GetFromJsonAsync<JsonElement>("/api/catalog/locations", Stop)).EnumerateArray());

        var location = await RegisterAsync(client, "/one.yaml");
        using var again = await PostAsync(client, "/api/catalog/locations", "/one.yaml");
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var refreshed = await PostAsync(client, "/api/catalog/locations?onConflict=refresh", "/one.yaml");
        Assert.Equal(HttpStatusCode.Created, refreshed.StatusCode);

        using var file = await client.PostAsJsonAsync("/api/catalog/locations", new { type = "file", target = "/etc/passwd" }, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, file.StatusCode);
        using var missing = await client.GetAsync("/api/catalog/locations/nowhere", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var queried = await client.PostAsJsonAsync("/api/catalog/locations/by-query", new { query = new { target = $"{Address}/ONE.yaml" } }, Stop);
        Assert.Equal(location.GetProperty("id").GetString(), (await queried.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("items")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Addresses_inside_the_network_are_not_reached_unless_they_were_allowed()
    {
        using var client = _server.Admin();
        var location = await ReadAsync(await client.PostAsJsonAsync("/api/catalog/locations", new { type = "url", target = "http://[::1]:1/x.yaml" }, Stop));
        Assert.Contains("no public address", (await StatusAsync(location.GetProperty("location"), status => status.GetProperty("phase").GetString() == "Failed")).GetProperty("message").GetString()!.Replace("not a public", "no public", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!_files.TryGetValue(context.Request.Path, out var text))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (await TaggedFile.AnswerAsync(context, text))
        {
            Interlocked.Increment(ref _unchanged);
        }
    }

    private static string Component(string name, string? title = null) =>
        $"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{(title is null ? "" : $"  title: {title}\n")}spec:\n  type: service\n  lifecycle: production\n  owner: makers\n";

    private static string Ref(JsonElement entity) =>
        $"{entity.GetProperty("kind").GetString()!.ToLowerInvariant()}:{entity.GetProperty("metadata").GetProperty("namespace").GetString()}/{entity.GetProperty("metadata").GetProperty("name").GetString()}";

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync(Stop);
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
    }

    private Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string file) =>
        client.PostAsJsonAsync(path, new { type = "url", target = Address + file }, Stop);

    private async Task<JsonElement> RegisterAsync(HttpClient client, string file) =>
        (await ReadAsync(await PostAsync(client, "/api/catalog/locations", file))).GetProperty("location");

    private static async Task RefreshAsync(HttpClient client, JsonElement location)
    {
        using var refreshed = await client.PostAsJsonAsync("/api/catalog/refresh", new { entityRef = location.GetProperty("entityRef").GetString() }, Stop);
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    private async Task<JsonElement> StatusAsync(JsonElement location, Func<JsonElement, bool> until)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var status = _server.Entities.Find(EntityRef.Parse(location.GetProperty("entityRef").GetString()!))!.Status;
            if (status.ValueKind == JsonValueKind.Object && until(status))
            {
                return status;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task UntilAsync(HttpClient client, string filter, params string[] names)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var page = await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-query?orderField=metadata.name&filter=" + Uri.EscapeDataString(filter), Stop);
            string?[] found = [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString())];
            if (found.SequenceEqual(names))
            {
                return;
            }

            if (patience.IsCancellationRequested)
            {
                Assert.Equal(names, found);
            }

            await Task.Delay(20, Stop);
        }
    }
}
