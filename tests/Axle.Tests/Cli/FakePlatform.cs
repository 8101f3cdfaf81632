using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Axle.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Cli;

/// <summary>A platform that answers what a test tells it to, over real HTTP.</summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    public const string Token = "axl_test";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _routes = new();
    private readonly ConcurrentDictionary<string, Entity> _entities = new();
    private readonly List<Channel<Change>> _watchers = [];
    private long _revision;

    private FakePlatform(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public ConcurrentQueue<(string Request, string Body)> Requests { get; } = [];

    public static async Task<FakePlatform> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var fake = new FakePlatform(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    public FakePlatform On(string request, Func<HttpContext, Task> answer)
    {
        _routes[request] = answer;
        return this;
    }

    public FakePlatform On<T>(string request, T value, JsonTypeInfo<T> type, int status = 200) => On(request, async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(value, type);
    });

    public FakePlatform Refuse(string request, Error error) => On(request, async context =>
    {
        context.Response.StatusCode = error.Status;
        var problem = new Axle.Contracts.ProblemDetails { Type = "about:blank", Title = error.Message, Status = error.Status, Code = error.Code, Next = error.Next, Errors = error.Problems };
        await context.Response.WriteAsJsonAsync(problem, AxleJson.Default.ProblemDetails, "application/problem+json");
    });

    public FakePlatform Events(string request, params (string Event, string Data)[] events) => On(request, async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var (name, data) in events)
        {
            await context.Response.WriteAsync($"event: {name}\ndata: {data}\n\n");
        }
    });

    /// <summary>Puts an entity, and tells those who watch.</summary>
    public void Put<TStatus>(EntityRef which, long generation, TStatus status, JsonTypeInfo<TStatus> type)
    {
        var revision = Interlocked.Increment(ref _revision);
        var entity = new Entity
        {
            ApiVersion = Kinds.AxleApi,
            Kind = which.Kind,
            Metadata = new Metadata { Name = which.Name, Revision = revision, Generation = generation },
            Status = JsonSerializer.SerializeToElement(status, type),
        };
        lock (_watchers)
        {
            _entities[which.ToString()] = entity;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(new Change(revision, DateTimeOffset.UnixEpoch, "system:test", "status", which, entity));
            }
        }
    }

    /// <summary>Ends when somebody watches.</summary>
    public async Task WatchedAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            lock (_watchers)
            {
                if (_watchers.Count > 0)
                {
                    return;
                }
            }

            await Task.Delay(10);
        }

        Assert.Fail("Nobody watched within 5 s.");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var path = $"{context.Request.Method} {context.Request.Path}";
        Requests.Enqueue(($"{path}{context.Request.QueryString}", body));
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
        }
        else if (_routes.TryGetValue(path, out var answer))
        {
            await answer(context);
        }
        else if (path == "GET /api/watch")
        {
            await WatchAsync(context);
        }
        else if (context.Request.Path.Value!.Split('/') is [_, "api", "entities", var kind, var space, var name] && _entities.TryGetValue(new EntityRef(kind, space, name).ToString(), out var entity))
        {
            await context.Response.WriteAsJsonAsync(entity, AxleJson.Default.Entity);
        }
        else
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsJsonAsync(
                new Axle.Contracts.ProblemDetails { Type = "about:blank", Title = $"There is no {context.Request.Path}.", Status = 404, Code = "test.not_found" }, AxleJson.Default.ProblemDetails, "application/problem+json");
        }
    }

    private async Task WatchAsync(HttpContext context)
    {
        var changes = Channel.CreateUnbounded<Change>();
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        lock (_watchers)
        {
            _watchers.Add(changes);
        }

        await foreach (var change in changes.Reader.ReadAllAsync(context.RequestAborted))
        {
            var data = JsonSerializer.Serialize(change, AxleJson.Default.Change);
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: change\nid: {change.Revision}\ndata: {data}\n\n"));
            await context.Response.Body.FlushAsync();
        }
    }
}
