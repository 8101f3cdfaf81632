using System.Text.Json;
using Axle.Contracts;

namespace Axle.Tests.Cli;

public sealed class ResourceVerbsTests
{
    private static readonly LogLine s_line = new(DateTimeOffset.UnixEpoch.AddHours(1), "server-0", "err", "FATAL:  could not bind");

    [Fact]
    public async Task The_log_of_a_resource_says_whose_it_is_and_is_json_for_programs()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.Events(
            "GET /api/resources/orders.db/logs",
            ("about", JsonSerializer.Serialize(new ServerLog("orders.db.staging", "postgres.staging", true, "This is the log of postgres.staging."), AxleJson.Default.ServerLog)),
            ("log", JsonSerializer.Serialize(s_line, AxleJson.Default.LogLine)),
            ("end", "{}"));
        using var table = CliRun.Against(platform);
        using var json = CliRun.Against(platform);

        Assert.Equal(0, await table.RunAsync("resource", "logs", "orders.db", "-e", "staging", "--tail", "5"));
        Assert.Equal("FATAL:  could not bind\n", table.Out);
        Assert.Contains("This is the log of postgres.staging.", table.Error, StringComparison.Ordinal);
        Assert.Equal("GET /api/resources/orders.db/logs?environment=staging&tail=5", Assert.Single(platform.Requests).Request);

        Assert.Equal(0, await json.RunAsync("resource", "logs", "orders.db", "--output", "json"));
        Assert.Equal(s_line, JsonSerializer.Deserialize(json.Out, AxleJson.Default.LogLine));
    }

    [Fact]
    public async Task A_list_can_be_of_one_type_or_of_what_was_removed()
    {
        await using var platform = await FakePlatform.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var there = View("orders.db.staging", null);
        var gone = View("billing.db.staging", new ResourceRemoval(now, "user:default/jane", now.AddDays(7)));
        platform.On("GET /api/resources", [there, gone], AxleJson.Default.ListResourceView);
        using var removed = CliRun.Against(platform);
        using var typed = CliRun.Against(platform);

        Assert.Equal(0, await removed.RunAsync("resource", "list", "--removed"));
        Assert.Contains("billing.db.staging", removed.Out, StringComparison.Ordinal);
        Assert.Contains("user:default/jane", removed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("orders.db.staging", removed.Out, StringComparison.Ordinal);

        Assert.Equal(0, await typed.RunAsync("resource", "list", "--type", "postgres"));
        Assert.Equal("GET /api/resources?type=postgres", platform.Requests.Last().Request);
    }

    private static ResourceView View(string name, ResourceRemoval? removal) => new() { Name = name, Ref = EntityRef.Of(Kinds.ResourceClaim, name), Type = "postgres", Environment = "staging", Phase = ResourcePhases.Ready, Removal = removal };
}
