using System.Net;
using System.Text.Json;
using Axle.Contracts;
using Axle.Tests.Cli;
using Axle.Tests.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Catalog;

/// <summary>Whole catalogues taken over by the CLI, from a folder and from a server that answers as a Backstage does.</summary>
public sealed class ImportBackstageTests : IAsyncLifetime
{
    private const string Pet = """
        {"apiVersion": "backstage.io/v1alpha1", "kind": "Component",
         "metadata": {"name": "petstore", "namespace": "default", "uid": "7f3c0d6e-0000-4000-8000-000000000001", "etag": "abc", "labels": {"tier": "1"}, "team-code": 7,
          "annotations": {"backstage.io/managed-by-location": "url:https://git.example.com/pets/catalog-info.yaml", "backstage.io/managed-by-origin-location": "url:https://git.example.com/pets/catalog-info.yaml", "axle.dev/role": "admin", "example.com/kept": "yes"}},
         "spec": {"type": "service", "lifecycle": "production", "owner": "makers"},
         "relations": [{"type": "ownedBy", "targetRef": "group:default/makers"}]}
        """;

    private const string Broken = """{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "ownerless", "namespace": "default"}, "spec": {"type": "service", "lifecycle": "production"}, "relations": []}""";

    private const string Registered = """
        {"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "generated-1b2c", "namespace": "default",
          "annotations": {"backstage.io/managed-by-origin-location": "url:https://git.example.com/pets/catalog-info.yaml"}},
         "spec": {"type": "url", "target": "https://git.example.com/pets/catalog-info.yaml"}}
        """;

    private const string Team = """{"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "makers", "namespace": "default"}, "spec": {"type": "team", "children": []}}""";

    private readonly TestServer _server = new();
    private readonly List<string> _asked = [];
    private WebApplication? _backstage;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _backstage = builder.Build();
        _backstage.Run(AnswerAsync);
        await _backstage.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _backstage!.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_running_Backstage_is_taken_over_page_by_page_and_every_entity_is_accounted_for()
    {
        using var dry = Run();
        Assert.Equal(1, await dry.RunAsync("import", "backstage", _backstage!.Urls.Single(), "--token", "s3cret", "--dry-run", "--output", "json"));
        Assert.Equal(2, Counts(dry).GetProperty("created").GetInt32());
        Assert.Null(_server.Entities.Find(EntityRef.Of("Component", "petstore")));

        using var run = Run();
        Assert.Equal(1, await run.RunAsync("import", "backstage", _backstage.Urls.Single(), "--token", "s3cret", "--output", "json"));
        Assert.Equal("""{"created":2,"updated":0,"unchanged":0,"rejected":1,"held":0,"left":1,"locations":0}""", Compact(Counts(run)));
        var rejected = Assert.Single(Report(run).GetProperty("rejected").EnumerateArray());
        Assert.Equal("component:default/ownerless", rejected.GetProperty("ref").GetString());
        Assert.Equal("spec.owner", rejected.GetProperty("problems")[0].GetProperty("path").GetString());

        // What Backstage computed stays behind, what was written comes along; a role from elsewhere is no right here.
        var pet = _server.Entities.Find(EntityRef.Of("Component", "petstore"))!;
        Assert.Equal(["axle.dev/imported-from", "example.com/kept"], pet.Metadata.Annotations.Keys.Order(StringComparer.Ordinal));
        Assert.NotEqual("7f3c0d6e-0000-4000-8000-000000000001", pet.Metadata.Uid);
        Assert.Equal(["team-code"], pet.Metadata.Own!.Keys);
        Assert.Contains(pet.Relations, relation => relation is { Type: "ownedBy", TargetRef.Name: "makers" });
        Assert.Contains(_asked, query => query.Contains("cursor=second", StringComparison.Ordinal));

        using var again = Run();
        await again.RunAsync("import", "backstage", _backstage.Urls.Single(), "--token", "s3cret", "--output", "json");
        Assert.Equal(2, Counts(again).GetProperty("unchanged").GetInt32());
        Assert.Equal(pet.Metadata.Revision, _server.Entities.Find(pet.Ref)!.Metadata.Revision);
    }

    [Fact]
    public async Task With_locations_what_they_describe_is_left_to_them()
    {
        using var run = Run();
        Assert.Equal(1, await run.RunAsync("import", "backstage", _backstage!.Urls.Single() + "/", "--token", "s3cret", "--locations", "--output", "json"));

        Assert.Equal(["https://git.example.com/pets/catalog-info.yaml"], Report(run).GetProperty("locations").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal("component:default/petstore", Assert.Single(Report(run).GetProperty("left").EnumerateArray()).GetProperty("ref").GetString());
        Assert.Null(_server.Entities.Find(EntityRef.Of("Component", "petstore")));
        Assert.NotNull(_server.Entities.Find(EntityRef.Of("Group", "makers")));

        using var list = Run();
        Assert.Equal(0, await list.RunAsync("location", "list", "--output", "json"));
        Assert.Equal("https://git.example.com/pets/catalog-info.yaml", JsonDocument.Parse(list.Out).RootElement[0].GetProperty("targets")[0].GetString());
    }

    [Fact]
    public async Task A_token_that_is_missing_is_asked_for_and_nothing_is_written()
    {
        using var run = Run();
        Assert.Equal(1, await run.RunAsync("import", "backstage", _backstage!.Urls.Single()));
        Assert.Contains("--token", run.Error, StringComparison.Ordinal);
        Assert.Null(_server.Entities.Find(EntityRef.Of("Group", "makers")));
    }

    [Fact]
    public async Task Good_and_broken_files_of_a_folder_are_told_apart_and_what_others_hold_stays_theirs()
    {
        using var client = _server.Admin();
        using (await client.PutEntityAsync(TestServer.Component("own", "platform")))
        {
            using var run = Run();
            var folder = Directory.CreateDirectory(Path.Combine(run.Folder, "catalog")).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "catalog-info.yaml"), Component("one") + "---\n" + Component("own") + "---\n" + Component("bad").Replace("  owner: makers\n", "", StringComparison.Ordinal), Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "more.yml"), Component("two") + "---\n" + Component("one"), Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "unclosed.yaml"), "apiVersion: backstage.io/v1alpha1\nkind: [unclosed\n", Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "deployment.yaml"), "apiVersion: apps/v1\nkind: Deployment\n", Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "latin.yaml"), "x", Stop);
            await File.WriteAllBytesAsync(Path.Combine(folder, "latin.yaml"), [0xE4, 0x0A], Stop);

            Assert.Equal(1, await run.RunAsync("import", "backstage", folder, "--output", "json"));

            Assert.Equal("""{"created":2,"updated":0,"unchanged":0,"rejected":4,"held":1,"left":0,"locations":0}""", Compact(Counts(run)));
            var places = Report(run).GetProperty("rejected").EnumerateArray().SelectMany(item => item.GetProperty("problems").EnumerateArray()).Select(problem => $"{problem.GetProperty("file")}:{problem.GetProperty("line")}").ToList();
            Assert.Contains("catalog-info.yaml:23", places);
            Assert.Contains(places, place => place.StartsWith("unclosed.yaml:", StringComparison.Ordinal));
            Assert.Contains(places, place => place.StartsWith("more.yml:", StringComparison.Ordinal));
            var held = Assert.Single(Report(run).GetProperty("held").EnumerateArray());
            Assert.Equal("component:default/own", held.GetProperty("ref").GetString());
            Assert.Contains("spec.owner", held.GetProperty("differences").EnumerateArray().Select(one => one.GetString()));
            Assert.Equal("platform", _server.Entities.Find(EntityRef.Of("Component", "own"))!.Spec.GetProperty("owner").GetString());

            // Corrected and run again, it takes what is new and touches nothing else.
            await File.WriteAllTextAsync(Path.Combine(folder, "catalog-info.yaml"), Component("one", "library"), Stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "more.yml"), Component("two"), Stop);
            File.Delete(Path.Combine(folder, "unclosed.yaml"));
            File.Delete(Path.Combine(folder, "latin.yaml"));
            using var again = Run();
            Assert.Equal(0, await again.RunAsync("import", "backstage", folder, "--output", "json"));
            Assert.Equal("""{"created":0,"updated":1,"unchanged":1,"rejected":0,"held":0,"left":0,"locations":0}""", Compact(Counts(again)));

            // Under another name they are somebody else's.
            using var other = Run();
            Assert.Equal(0, await other.RunAsync("import", "backstage", folder, "--source", "elsewhere", "--output", "json"));
            Assert.Equal(2, Counts(other).GetProperty("held").GetInt32());
        }
    }

    [Fact]
    public async Task A_member_takes_over_only_what_is_theirs()
    {
        using var client = await _server.UserAsync("mia", ["makers"]);
        using var answered = await client.PostAsync("/api/import/catalog", Json(new CatalogImportRequest("here", [new("a", Component("theirs")), new("b", Component("foreign").Replace("makers", "platform", StringComparison.Ordinal)), new("c", Team.Replace("makers", "strangers", StringComparison.Ordinal))])), Stop);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        var answer = JsonSerializer.Deserialize(await answered.Content.ReadAsStringAsync(Stop), AxleJson.Default.CatalogImportAnswer)!;
        Assert.Equal(["created", "rejected", "rejected"], answer.Items.Select(item => item.Outcome));
        Assert.Contains("administrator", answer.Items[2].Reason, StringComparison.OrdinalIgnoreCase);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != "Bearer s3cret")
        {
            context.Response.StatusCode = 401;
            return;
        }

        if (context.Request.Path != "/api/catalog/entities/by-query")
        {
            context.Response.StatusCode = 404;
            return;
        }

        _asked.Add(context.Request.QueryString.Value!);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(context.Request.Query["cursor"] == "second"
            ? $$"""{"items": [{{Broken}}, {{Team}}], "totalItems": 4, "pageInfo": {"prevCursor": "first"} }"""
            : $$"""{"items": [{{Pet}}, {{Registered}}], "totalItems": 4, "pageInfo": {"nextCursor": "second"} }""");
    }

    private CliRun Run()
    {
        var run = new CliRun();
        run.Variables["AXLE_URL"] = _server.Address.ToString();
        run.Variables["AXLE_TOKEN"] = _server.AdminToken;
        return run;
    }

    private static StringContent Json(CatalogImportRequest request) => new(JsonSerializer.Serialize(request, AxleJson.Default.CatalogImportRequest), System.Text.Encoding.UTF8, "application/json");

    private static JsonElement Report(CliRun run) => JsonDocument.Parse(run.Out).RootElement;

    private static JsonElement Counts(CliRun run) => Report(run).GetProperty("counts");

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static string Component(string name, string type = "service") => $"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          lifecycle: production
          owner: makers

        """;
}
