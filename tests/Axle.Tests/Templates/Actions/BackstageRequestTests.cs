using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Axle.Tests.Templates.Actions;

/// <summary>Requests of a step, against a web server of the test's own that stands for the platform and for a proxy's target.</summary>
public sealed class BackstageRequestTests : IAsyncLifetime
{
    private readonly Lender _lender = new();
    private readonly List<string> _log = [];
    private readonly JsonObject _state = [];
    private int _asked;
    private WebApplication? _host;

    private string Address => _host!.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(async context =>
        {
            _asked++;
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            context.Response.StatusCode = context.Request.Path.Value!.EndsWith("/missing", StringComparison.Ordinal) ? 404 : 200;
            context.Response.Headers["X-Kept"] = "yes";
            if (context.Request.Path.Value.EndsWith("/text", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync("plain");
                return;
            }

            await context.Response.WriteAsJsonAsync(new
            {
                at = context.Request.Path.Value + context.Request.QueryString.Value,
                method = context.Request.Method,
                type = context.Request.ContentType,
                authorization = context.Request.Headers.Authorization.ToString(),
                key = context.Request.Headers["X-Key"].ToString(),
                body,
            });
        });
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    [Fact]
    public async Task The_platforms_own_API_is_asked_with_the_rights_of_whoever_began_the_task()
    {
        var output = await MustAsync("""{"path": "/catalog/refresh", "method": "POST", "params": {"a b": "c&d"}, "body": {"entityRef": "component:orders"}}""");

        Assert.Equal(200, output["code"]!.GetValue<int>());
        Assert.Equal("yes", output["headers"]!["x-kept"]!.GetValue<string>());
        var seen = output["body"]!;
        Assert.Equal("/api/catalog/refresh?a%20b=c%26d", seen["at"]!.GetValue<string>());
        Assert.Equal("Bearer lent-to-user:default/jane", seen["authorization"]!.GetValue<string>());
        Assert.Equal("application/json", seen["type"]!.GetValue<string>());
        Assert.Equal("""{"entityRef":"component:orders"}""", seen["body"]!.GetValue<string>());
        Assert.Equal(["1"], _lender.TakenBack);
        Assert.DoesNotContain(_log, line => line.Contains("lent-to", StringComparison.Ordinal));

        // A restart does not send it again.
        await MustAsync("""{"path": "/catalog/refresh", "method": "POST"}""");
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_proxy_gets_the_headers_of_the_settings_and_no_token_of_the_platform()
    {
        var seen = (await MustAsync("""{"path": "proxy/ci/jobs/7", "method": "GET", "headers": {"X-Key": "of the template", "Accept": "application/json"}}"""))["body"]!;

        Assert.Equal("/base/jobs/7", seen["at"]!.GetValue<string>());
        Assert.Equal(("", "of the settings"), (seen["authorization"]!.GetValue<string>(), seen["key"]!.GetValue<string>()));
        Assert.Empty(_lender.TakenBack);
    }

    [Theory]
    [InlineData("https://example.com/x")]
    [InlineData("//example.com/x")]
    [InlineData("proxy/nosuch/x")]
    [InlineData("proxy/ci/../../x")]
    [InlineData("catalog/../tokens")]
    [InlineData("catalog/%2e%2e/tokens")]
    [InlineData("tokens")]
    [InlineData("catalog@example.com/x")]
    [InlineData("")]
    public async Task No_other_address_can_be_reached(string path)
    {
        Assert.False((await RunAsync(new JsonObject { ["path"] = path, ["method"] = "GET" }.ToJsonString())).Ok);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_bad_answer_fails_the_step_unless_it_says_otherwise()
    {
        Assert.Contains("404", (await RunAsync("""{"path": "catalog/missing", "method": "GET"}""")).Error!.Message, StringComparison.Ordinal);

        var output = await MustAsync("""{"path": "catalog/missing", "method": "GET", "continueOnBadResponse": true}""");
        Assert.Equal((404, 0), (output["code"]!.GetValue<int>(), output["headers"]!.AsObject().Count));
    }

    [Fact]
    public async Task Text_is_a_message_and_a_dry_run_only_reads()
    {
        Assert.Equal("plain", (await MustAsync("""{"path": "catalog/text", "method": "GET"}"""))["body"]!["message"]!.GetValue<string>());
        _state.Clear();

        Assert.Empty((await RunAsync("""{"path": "catalog/x", "method": "DELETE"}""", dryRun: true)).Value.Output);
        Assert.Equal(1, _asked);
        Assert.NotEmpty((await RunAsync("""{"path": "catalog/x", "method": "GET"}""", dryRun: true)).Value.Output);
    }

    private async Task<JsonObject> MustAsync(string input)
    {
        var result = await RunAsync(input);
        Assert.True(result.Ok, result.ToString());
        return result.Value.Output;
    }

    private async Task<Result<ActionResult>> RunAsync(string input, bool dryRun = false)
    {
        var platform = new PlatformOptions { DataFolder = Path.GetTempPath(), PublicUrl = Address, IngressPort = 0 };
        using var outbound = new OutboundHttp(Options.Create(new CatalogOptions { ReadingAllow = [new Uri(Address).Authority] }), platform);
        var options = new RequestOptions { Proxy = { ["ci"] = new ProxyTarget { Target = $"{Address}/base", Headers = { ["X-Key"] = "of the settings" } } } };
        return await new BackstageRequest(outbound, () => _lender, platform, Options.Create(options)).RunAsync(
            new ActionRun
            {
                TaskId = "task-1",
                StepId = "it",
                Input = (JsonObject)JsonNode.Parse(input)!,
                Workspace = new Workspace(Path.GetTempPath()),
                Log = _log.Add,
                Caller = new Caller { User = EntityRef.Parse("user:default/jane"), Role = Role.Member },
                Origin = new TemplateOrigin(EntityRef.Of("template", "sample"), null, null),
                Parameters = [],
                IsDryRun = dryRun,
                State = _state,
                RememberAsync = (name, value) =>
                {
                    _state[name] = value?.DeepClone();
                    return Task.CompletedTask;
                },
            },
            TestContext.Current.CancellationToken);
    }

    private sealed class Lender : ILentTokens
    {
        public List<string> TakenBack { get; } = [];

        public Result<LentToken> Lend(Caller caller, string purpose) => new LentToken("1", $"lent-to-{caller.User}");

        public void TakeBack(LentToken token) => TakenBack.Add(token.Id);
    }
}
