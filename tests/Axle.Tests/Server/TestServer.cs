using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Server;

/// <summary>The real server on a free port of this machine, with a data folder of its own.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-server-").FullName;
    private WebApplication? _app;

    public string Folder => _folder;

    public Uri Address { get; private set; } = new("http://localhost");

    public IServiceProvider Services => _app!.Services;

    public IEntityStore Entities => Services.GetRequiredService<IEntityStore>();

    public string AdminToken => File.ReadAllText(Path.Combine(_folder, "admin.token")).Trim();

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask StartAsync()
    {
        var options = new ServerOptions { DataFolder = _folder, Port = 0, LogLevel = LogLevel.Error };
        _app = Axle.Server.AxleServer.Compose(options);
        await Start.StartAsync(_app, options);
        Address = new Uri($"http://127.0.0.1:{Start.PortOf(_app)}");
    }

    public async ValueTask StopAsync()
    {
        await _app!.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A client with this token; none by default. Follows no redirects, keeps no cookies.</summary>
    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = Address };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    public HttpClient Admin() => Client(AdminToken);

    /// <summary>Makes a user, with these groups (made too), and a client for them.</summary>
    public async Task<HttpClient> UserAsync(string name, string[] groups, string? role = null, params string[] scopes)
    {
        var entities = groups.Select(group => Json("Group", group, """{"type":"team","children":[]}"""))
            .Append(Json("User", name, $$"""{"memberOf":{{JsonSerializer.Serialize(groups)}}}""", role))
            .ToList();
        var put = await Entities.PutAllAsync(entities, "system:test", stop: TestContext.Current.CancellationToken);
        Assert.True(put.Ok, put.ToString());
        var tokens = Services.GetRequiredService<Tokens>();
        return Client(tokens.Create(EntityRef.Of("User", name), "test", 1, scopes.Length == 0 ? ["*"] : scopes).Value.Token);
    }

    public static Entity Json(string kind, string name, string spec, string? role = null) => new()
    {
        ApiVersion = kind == "Template" ? Kinds.ScaffolderApi : Kinds.BackstageApi,
        Kind = kind,
        Metadata = new Metadata
        {
            Name = name,
            Annotations = role is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["axle.dev/role"] = role },
        },
        Spec = JsonSerializer.Deserialize<JsonElement>(spec),
    };

    public static Entity Component(string name, string owner) => Json("Component", name, $$"""{"type":"service","lifecycle":"production","owner":"{{owner}}"}""");
}

internal static class HttpSteps
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<T> ReadAsync<T>(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, EntityJson.Options)!;
    }

    public static async Task<ProblemDetails> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<ProblemDetails>(text, EntityJson.Options)!;
        Assert.Equal((int)status, problem.Status);
        return problem;
    }

    public static Task<HttpResponseMessage> PutEntityAsync(this HttpClient client, Entity entity, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, Path(entity)) { Content = JsonContent.Create(entity, options: EntityJson.Options) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return client.SendAsync(request, Stop);
    }

    public static Task<HttpResponseMessage> ApplyAsync(this HttpClient client, string yaml, bool dryRun = false) =>
        client.PostAsync($"/api/apply?dryRun={(dryRun ? "true" : "false")}", new StringContent(yaml, Encoding.UTF8, "application/yaml"), Stop);

    public static string Path(Entity entity) => $"/api/entities/{entity.Ref.Kind}/{entity.Ref.Namespace}/{entity.Ref.Name}";
}
