using System.Text.Json;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Tests.Cli;

public sealed class LocationVerbsTests
{
    private const string Target = "https://git.example.com/orders/catalog-info.yaml";

    [Fact]
    public async Task A_location_is_registered_shown_refreshed_and_taken_back()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.On("POST /api/catalog/locations", context => context.Response.WriteAsJsonAsync(new { location = new { id = "1", type = "url", target = Target, entityRef = "location:default/generated-1" } }));
        platform.On("GET /api/entities/location/default/generated-1", Location("generated-1", null), AxleJson.Default.Entity);
        platform.On("GET /api/entities", new EntityPage([Location("generated-1", null), Location("nested", "location:default/generated-1")], null, 2), AxleJson.Default.EntityPage);
        platform.On("POST /api/catalog/refresh", _ => Task.CompletedTask);
        platform.On("DELETE /api/entities/location/default/generated-1", _ => Task.CompletedTask);

        using var added = CliRun.Against(platform);
        Assert.Equal(0, await added.RunAsync("location", "add", Target));
        Assert.Contains("Incomplete", added.Out, StringComparison.Ordinal);
        Assert.Contains($"{Target}:7:3: spec.owner: is missing", added.Out, StringComparison.Ordinal);
        Assert.Contains(platform.Requests, request => request.Request.StartsWith("POST /api/catalog/locations", StringComparison.Ordinal) && request.Body.Contains(Target, StringComparison.Ordinal));

        using var listed = CliRun.Against(platform);
        Assert.Equal(0, await listed.RunAsync("location", "list", "--output", "json"));
        Assert.Equal("location:default/generated-1", Assert.Single(JsonDocument.Parse(listed.Out).RootElement.EnumerateArray()).GetProperty("ref").GetString());
        using var all = CliRun.Against(platform);
        Assert.Equal(0, await all.RunAsync("location", "list", "--all"));
        Assert.Contains("nested", all.Out, StringComparison.Ordinal);

        using var refreshed = CliRun.Against(platform);
        Assert.Equal(0, await refreshed.RunAsync("location", "refresh", Target));
        Assert.Contains(platform.Requests, request => request.Request == "POST /api/catalog/refresh" && request.Body.Contains("location:default/generated-1", StringComparison.Ordinal));

        using var removed = CliRun.Against(platform);
        Assert.Equal(0, await removed.RunAsync("location", "rm", "generated-1", "--yes"));
        Assert.Contains(platform.Requests, request => request.Request == "DELETE /api/entities/location/default/generated-1?force=true");
    }

    [Fact]
    public async Task One_that_does_not_exist_is_told_and_so_is_a_refusal_in_Backstages_form()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.On("GET /api/entities", new EntityPage([], null, 0), AxleJson.Default.EntityPage);
        platform.On("POST /api/catalog/locations", async context =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"error": {"name": "InputError", "message": "'ftp://x' is no address that can be read"}, "response": {"statusCode": 400}}""");
        });

        using var unknown = CliRun.Against(platform);
        Assert.Equal(1, await unknown.RunAsync("location", "show", "nowhere"));
        Assert.Contains("axle location list", unknown.Error, StringComparison.Ordinal);

        using var refused = CliRun.Against(platform);
        Assert.Equal(1, await refused.RunAsync("location", "add", "ftp://x"));
        Assert.Contains("is no address that can be read", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Importing_a_repository_still_needs_an_owner_and_knows_no_other_verb()
    {
        using var run = new CliRun();
        Assert.Equal(2, await run.RunAsync("import", "https://git.example.com/orders"));
        Assert.Contains("--owner", run.Error, StringComparison.Ordinal);
        using var words = new CliRun();
        Assert.Equal(2, await words.RunAsync("import", "backstage"));
        Assert.DoesNotContain("--owner", words.Error, StringComparison.Ordinal);
    }

    private static Entity Location(string name, string? foundBy) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Location,
        Metadata = new Metadata { Name = name, Annotations = foundBy is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["axle.dev/location"] = foundBy } },
        Spec = JsonSerializer.SerializeToElement(new { type = "url", target = Target }),
        Status = JsonSerializer.SerializeToElement(new { phase = "Incomplete", message = "1 entities are described; 1 problem.", entities = 1, problems = new[] { new { message = "is missing", file = Target, line = 7, column = 3, path = "spec.owner" } } }),
    };
}
