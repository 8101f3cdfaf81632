using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform;
using Axle.Platform.Source;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Server;

/// <summary>
/// The real server between a host that an attacker has (descriptors may be read from it, and it is GitHub's API with a token) and
/// one inside the network that nobody is to reach.
/// </summary>
public sealed class HostileServer : IAsyncLifetime
{
    public const string HostToken = "token-of-the-platform";

    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _pages = new(StringComparer.Ordinal);
    private WebApplication? _attacker;
    private WebApplication? _inside;

    public TestServer Server { get; } = new();

    /// <summary>Address of the attacker's host.</summary>
    public string Attacker => _attacker!.Urls.Single();

    public string Inside => _inside!.Urls.Single();

    /// <summary>What the attacker's host was asked: path and query as they came, and the token.</summary>
    public ConcurrentQueue<(string Target, string Token)> Asked { get; } = new();

    public ConcurrentQueue<string> AskedInside { get; } = new();

    public string PublicUrl => Server.Services.GetRequiredService<PlatformOptions>().PublicUrl;

    public IRepositories Git => Server.Services.GetRequiredService<IRepositories>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _attacker = await ListenAsync(context =>
        {
            Asked.Enqueue((context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, context.Request.Headers.Authorization.ToString()));
            return _pages.TryGetValue(context.Request.Path.Value!, out var page) ? page(context) : Missing(context);
        });
        _inside = await ListenAsync(context =>
        {
            AskedInside.Enqueue(context.Request.Path.Value!);
            return context.Response.WriteAsync(Component("stolen"));
        });
        await File.WriteAllTextAsync(
            Path.Combine(Server.Folder, "axle.json"),
            JsonSerializer.Serialize(new
            {
                Catalog = new { ReadingAllow = (string[])[new Uri(Attacker).Authority], HookSecret = "a-secret-of-webhooks" },
                Integrations = new { github = (object[])[new { host = new Uri(Attacker).Authority, apiBaseUrl = $"{Attacker}/api", token = HostToken }] },
                Templates = new { Environment = new { region = "eu" } },
            }),
            Stop);
        await Server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _attacker!.DisposeAsync();
        await _inside!.DisposeAsync();
    }

    public static string Component(string name, string more = "") =>
        $"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{more}spec:\n  type: service\n  lifecycle: production\n  owner: makers\n";

    public void Page(string path, string text) => _pages[path] = context => context.Response.WriteAsync(text);

    public void Page(string path, Func<HttpContext, Task> answer) => _pages[path] = answer;

    public void Redirect(string path, string to) => _pages[path] = context =>
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    };

    /// <summary>Registers an address, and waits for what its reading comes to.</summary>
    public async Task<(string Phase, string Problems)> RegisterAsync(string target)
    {
        using var client = Server.Admin();
        using var answer = await client.PostAsJsonAsync("/api/catalog/locations", new { type = "url", target }, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        if (!answer.IsSuccessStatusCode)
        {
            Assert.True((int)answer.StatusCode < 500, text);
            return ("Refused", text);
        }

        var which = EntityRef.Parse(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("location").GetProperty("entityRef").GetString()!);
        JsonElement status = default;
        await UntilAsync(() => (status = Server.Entities.Find(which)!.Status).ValueKind == JsonValueKind.Object, $"{target} was read");
        return (status.GetProperty("phase").GetString()!, status.GetProperty("problems").ToString());
    }

    /// <summary>A template in a repository of its own on this platform, registered by its address as anybody does it.</summary>
    /// <param name="more">Further fields of its spec.</param>
    public async Task TemplateAsync(string name, string steps, IEnumerable<SourceFile>? files = null, JsonObject? more = null)
    {
        var spec = more ?? [];
        spec["type"] = "service";
        spec["steps"] = JsonNode.Parse(steps);
        var template = new JsonObject { ["apiVersion"] = Kinds.ScaffolderApi, ["kind"] = Kinds.Template, ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
        Assert.True((await Git.CreateAsync(name, Stop)).Ok);
        var committed = await Git.CommitAsync(name, [new SourceFile("template.yaml", Encoding.UTF8.GetBytes(template.ToJsonString())), .. files ?? []], "test", "Test <test@example.com>", Stop);
        Assert.True(committed.Ok, committed.ToString());
        var (phase, problems) = await RegisterAsync($"{PublicUrl}/git/{name}.git/blob/main/template.yaml");
        Assert.True(phase == "Ready", problems);
    }

    /// <summary>Runs a template to its end, as the administrator.</summary>
    /// <returns>Its last state, and everything that the API tells of it: events by both ways, and the task.</returns>
    public async Task<(string Status, string Told)> RunAsync(string name, string values = "{}", string secrets = "{}")
    {
        using var client = Server.Admin();
        using var begun = await client.PostAsync("/api/scaffolder/v2/tasks", Json($$"""{"templateRef": "template:default/{{name}}", "values": {{values}}, "secrets": {{secrets}}}"""), Stop);
        var text = await begun.Content.ReadAsStringAsync(Stop);
        if (begun.StatusCode != HttpStatusCode.Created)
        {
            Assert.True((int)begun.StatusCode < 500, text);
            return ("refused", text);
        }

        var id = JsonNode.Parse(text)!["id"]!.GetValue<string>();
        var told = await client.GetStringAsync($"/api/scaffolder/v2/tasks/{id}/eventstream", Stop);
        told += await client.GetStringAsync($"/api/scaffolder/v2/tasks/{id}/events", Stop);
        var task = await client.GetStringAsync($"/api/scaffolder/v2/tasks/{id}", Stop);
        told += task + await client.GetStringAsync($"/api/tasks/{id}", Stop) + await client.GetStringAsync($"/tasks/{id}", Stop);
        return (JsonNode.Parse(task)!["status"]!.GetValue<string>(), told);
    }

    public static SourceFile FileOf(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    public static SourceFile Link(string path, string target) => new(path, Encoding.UTF8.GetBytes(target), IsLink: true);

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var end = Environment.TickCount64 + 60_000; !holds();)
        {
            Assert.True(Environment.TickCount64 < end, $"Not in time: {what}");
            await Task.Delay(20, Stop);
        }
    }

    private static async Task<WebApplication> ListenAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = builder.Build();
        host.Run(answer);
        await host.StartAsync(Stop);
        return host;
    }

    private static Task Missing(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
