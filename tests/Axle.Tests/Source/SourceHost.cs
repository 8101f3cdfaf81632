using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Builds;
using Axle.Platform.Catalog;
using Axle.Platform.Ownership;
using Axle.Platform.Processes;
using Axle.Platform.Source;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Source;

/// <summary>A platform with nothing but repositories, on a real port, and git clients that talk to it.</summary>
internal sealed class SourceHost : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-source-").FullName;
    private readonly ProgramRunner _programs = new(TimeProvider.System);
    private WebApplication? _app;

    public string Data => Path.Combine(_folder, "data");

    public FakeEntityStore Entities { get; } = new();

    public FakeListener Listener { get; } = new();

    public Action<SourceOptions> Options { get; set; } = _ => { };

    public IRepositories Repositories => Service<IRepositories>();

    public string Url => _app!.Urls.First();

    public T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public static async Task<SourceHost> StartAsync(Action<SourceOptions>? options = null)
    {
        var host = new SourceHost { Options = options ?? (_ => { }) };
        await host.Entities.PutAsync(Group("shop"), "test");
        await host.Entities.PutAsync(Group("other"), "test");
        await host.StartAgainAsync();
        return host;
    }

    /// <summary>Starts the platform on the data that is there.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(o => o.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var platform = new PlatformOptions { DataFolder = Data, PublicUrl = "http://axle.test", IngressPort = 1 };
        builder.Services.AddRoutingCore().AddSingleton(platform).AddSingleton<IEntityStore>(Entities).AddSingleton<IPushListener>(Listener).AddSingleton<IBuilds, FakeBuilds>();
        builder.Services.AddSingleton(new EntityKinds(CatalogKinds.All)).AddSingleton<Rights>().AddSingleton<ICatalog, Apply>();
        builder.Services.AddSource();
        builder.Services.Configure(Options);
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Features.Set(CallerOf(context));
            return next(context);
        });
        _app.UseRouting();
        _app.MapSource();
        await _app.StartAsync();
        platform.PublicUrl = Url;
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Listener.Release();
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A repository with a component of the team shop that is built from it.</summary>
    public async Task<Repository> AddAsync(string name)
    {
        var made = await Repositories.CreateAsync(name, CancellationToken.None);
        Assert.True(made.Ok, made.ToString());
        await Entities.PutAsync(Component(name, "group:default/shop"), "test");
        return made.Value;
    }

    public static Entity Component(string name, string owner, string? repository = null) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Component,
        Metadata = new Metadata { Name = name, Annotations = new Dictionary<string, string> { [Annotations.Repository] = repository ?? name } },
        Spec = JsonSerializer.SerializeToElement(new { type = "service", lifecycle = "production", owner }),
    };

    public string CloneUrl(string name, string? user = "jane")
    {
        var url = new Uri(Url);
        return $"http://{(user is null ? "" : $"{user}:{user}-token@")}{url.Authority}/git/{name}.git";
    }

    /// <summary>A fresh folder for a client.</summary>
    public string Folder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N")[..8])).FullName;

    /// <summary>Runs the person's git; the answer holds both outputs.</summary>
    public async Task<(int Code, string Text)> GitAsync(string folder, params string[] arguments) => await GitAsync(folder, CancellationToken.None, arguments);

    public async Task<(int Code, string Text)> GitAsync(string folder, CancellationToken stop, params string[] arguments)
    {
        var end = await _programs.RunAsync(
            new ProgramCall("git", ["-c", "init.defaultBranch=main", "-c", "user.name=Jane", "-c", "user.email=jane@shop.test", "-c", "commit.gpgsign=false", .. arguments])
            {
                Folder = folder,
                TimeMax = TimeSpan.FromSeconds(60),
                Variables = new Dictionary<string, string>(ProgramRunner.BasicVariables)
                {
                    ["HOME"] = _folder,
                    ["GIT_CONFIG_NOSYSTEM"] = "1",
                    ["GIT_TERMINAL_PROMPT"] = "0",
                },
            },
            stop);
        return (end.ExitCode, end.Output + end.Errors);
    }

    /// <summary>Git that must succeed.</summary>
    public async Task<string> MustAsync(string folder, params string[] arguments)
    {
        var (code, text) = await GitAsync(folder, arguments);
        Assert.True(code == 0, $"git {string.Join(' ', arguments)}: {text}");
        return text;
    }

    /// <summary>A working copy with one commit, not yet pushed.</summary>
    public async Task<string> CopyAsync(string name, string user = "jane")
    {
        var folder = Folder();
        await MustAsync(folder, "clone", "--quiet", CloneUrl(name, user), ".");
        await MustAsync(folder, "checkout", "--quiet", "-B", "main");
        return folder;
    }

    public async Task<string> CommitAsync(string folder, string file = "README.md", string content = "hello\n")
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content);
        await MustAsync(folder, "add", "-A");
        await MustAsync(folder, "commit", "--quiet", "-m", $"Change {file}");
        return (await MustAsync(folder, "rev-parse", "HEAD")).Trim();
    }

    public HttpClient Client(string? user = "jane")
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        if (user is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{user}-token")));
        }

        return client;
    }

    /// <summary>Waits for something, with a deadline.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Not in time: {what}");
            await Task.Delay(10);
        }
    }

    private static Entity Group(string name) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Group,
        Metadata = new Metadata { Name = name },
        Spec = JsonSerializer.SerializeToElement(new { type = "team" }),
    };

    private static Caller? CallerOf(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0 && context.Request.Path.StartsWithSegments("/git", out var rest) && rest.Value!.StartsWith("/public-", StringComparison.Ordinal)
            && !$"{rest}{context.Request.QueryString}".Contains("git-receive-pack", StringComparison.Ordinal))
        {
            return new Caller { User = new EntityRef("user", "default", "anybody"), Role = Role.Viewer };
        }

        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) || header.Parameter is null)
        {
            return null;
        }

        var name = Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter)).Split(':')[0];
        return new Caller
        {
            User = new EntityRef("user", "default", name),
            Groups = name is "jane" or "joe" ? [new EntityRef("group", "default", "shop")] : [],
            Role = name switch { "admin" => Role.Admin, "viewer" => Role.Viewer, _ => Role.Member },
        };
    }
}

/// <summary>Hears pushes, says what a test wants, and returns when the test lets it.</summary>
internal sealed class FakeListener : IPushListener
{
    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _holds;

    public System.Collections.Concurrent.ConcurrentQueue<Pushed> Heard { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<Pushed> Finished { get; } = new();

    public int FailTimes { get; set; }

    public void Hold() => _holds = true;

    public void Release() => _hold.TrySetResult();

    public async Task PushedAsync(Pushed push, Func<string, ValueTask> progress, CancellationToken stop)
    {
        Heard.Enqueue(push);
        if (FailTimes-- > 0)
        {
            throw new IOException("The listener is broken.");
        }

        await progress($"Building {push.Commit[..7]} of {push.Repository}");
        if (_holds)
        {
            await _hold.Task.WaitAsync(stop);
        }

        await progress("Live at http://orders.staging.localhost");
        Finished.Enqueue(push);
    }
}

/// <summary>Detects a Node service wherever there is a package.json.</summary>
internal sealed class FakeBuilds(IRepositories repositories) : IBuilds
{
    public async Task<Result<Detection>> DetectAsync(string repository, string commit, CancellationToken stop) =>
        await repositories.ReadAsync(repository, commit, "package.json", stop) is not null
            ? new Detection("node", "Node service, started with npm start", "apiVersion: score.dev/v1b1\nmetadata:\n  name: x\ncontainers:\n  web:\n    image: .\n")
            : new Error("builds.unknown", "Nothing that can be built was found.", "Add a Procfile.", 422);

    public Task<Result<Entity>> RequestAsync(Entity component, string commit, string? branch, string actor, bool retry, CancellationToken stop) => throw new NotSupportedException();

    public string? ArtifactFolder(string digest) => null;

    public IAsyncEnumerable<LogLine> LogAsync(EntityRef build, bool follow, CancellationToken stop) => throw new NotSupportedException();
}
