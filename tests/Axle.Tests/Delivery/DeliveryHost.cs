using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Builds;
using Axle.Platform.Catalog;
using Axle.Platform.Delivery;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Delivery;

/// <summary>Delivery on the real store with its real reconcilers; the engine, the builds and git are the test's.</summary>
internal sealed class DeliveryHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly IHost _host;

    private DeliveryHost(string folder, FakeEngine engine, Action<IServiceCollection>? further)
    {
        (_folder, Engine) = (folder, engine);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddEntities(Path.Combine(folder, "axle.db"));
        foreach (var kind in CatalogKinds.All)
        {
            builder.Services.AddEntityKind(kind);
        }

        builder.Services.AddEntityKind(BuildKind.Instance);
        builder.Services.AddSingleton(new PlatformOptions { DataFolder = folder, PublicUrl = "http://localhost:1", IngressPort = 7480 });
        builder.Services.AddSingleton<IEngine>(engine).AddSingleton<IBuilds, MadeBuilds>().AddSingleton<IRepositories, NoRepositories>();
        builder.Services.AddEnvironments().AddSecrets().AddResources().AddDelivery();
        further?.Invoke(builder.Services);
        _host = builder.Build();
    }

    public FakeEngine Engine { get; }

    public IEntityStore Entities => _host.Services.GetRequiredService<IEntityStore>();

    public IServiceProvider Services => _host.Services;

    public string Folder => _folder;

    public IDelivery Delivery => _host.Services.GetRequiredService<IDelivery>();

    public static EntityRef Orders { get; } = EntityRef.Of("Component", "orders");

    public static Caller Admin { get; } = new() { User = EntityRef.Of("User", "admin"), Role = Role.Admin };

    public static Caller Jane { get; } = new() { User = EntityRef.Of("User", "jane"), Groups = [EntityRef.Of("Group", "team-shop")], Role = Role.Member };

    public static Caller Joe { get; } = new() { User = EntityRef.Of("User", "joe"), Groups = [EntityRef.Of("Group", "team-pay")], Role = Role.Member };

    public static async Task<DeliveryHost> StartAsync(string? folder = null, FakeEngine? engine = null, Action<IServiceCollection>? further = null)
    {
        var host = new DeliveryHost(folder ?? Directory.CreateTempSubdirectory("axle-delivery-").FullName, engine ?? new FakeEngine(), further);
        await host._host.StartAsync();
        if (folder is null)
        {
            var component = new Entity
            {
                ApiVersion = Kinds.BackstageApi,
                Kind = Kinds.Component,
                Metadata = new Metadata { Name = "orders", Annotations = new Dictionary<string, string> { [Annotations.Repository] = "orders" } },
                Spec = JsonSerializer.SerializeToElement(new { type = "service", lifecycle = "production", owner = "team-shop" }),
            };
            Assert.True((await host.Entities.PutAsync(component, "user:default/jane")).Ok);
        }

        return host;
    }

    /// <summary>Stops without deleting anything, so that a successor can start on the same folder.</summary>
    public async Task<(string Folder, FakeEngine Engine)> StopAsync()
    {
        await _host.StopAsync();
        await DisposeHostAsync();
        return (_folder, Engine);
    }

    /// <summary>A build that succeeded, as the builds' reconciler leaves it.</summary>
    public async Task BuildAsync(string commit, string score = WebScore, params PlannedProcess[] further)
    {
        var which = BuildKind.Instance.Ref($"orders-{commit}");
        await Entities.PutAsync(BuildKind.Instance.Make(which, new BuildSpec { Component = Orders, Repository = "orders", Commit = commit }), "system:test");
        var status = new BuildStatus
        {
            Phase = BuildPhases.Succeeded,
            Artifact = "sha256:" + commit,
            Plan = new RunPlan { Workload = JsonElement.Parse(score), Processes = [new PlannedProcess("web", "web", ["node", "server.js"]), .. further] },
        };
        Assert.True((await Entities.PutStatusAsync(which, status, "system:test")).Ok);
    }

    /// <summary>A build that failed in one of its steps.</summary>
    public async Task FailBuildAsync(string commit)
    {
        var which = BuildKind.Instance.Ref($"orders-{commit}");
        await Entities.PutAsync(BuildKind.Instance.Make(which, new BuildSpec { Component = Orders, Repository = "orders", Commit = commit }), "system:test");
        var error = new Error("builds.failed", "The step 'tsc' failed.", "axle logs --build x", 422) { Problems = [new Problem("a.ts(1,2): error")] };
        Assert.True((await Entities.PutStatusAsync(which, new BuildStatus { Phase = BuildPhases.Failed, Error = error }, "system:test")).Ok);
    }

    /// <summary>What <c>git push</c> tells of a commit.</summary>
    public async Task<IReadOnlyList<string>> PushAsync(string commit)
    {
        var lines = new List<string>();
        await _host.Services.GetRequiredService<IPushListener>().PushedAsync(
            new Pushed("orders", "main", commit, "user:default/jane"),
            line =>
            {
                lines.Add(line);
                return ValueTask.CompletedTask;
            },
            TestContext.Current.CancellationToken);
        return lines;
    }

    public const string WebScore = """{"apiVersion":"score.dev/v1b1","metadata":{"name":"orders"},"service":{"ports":{"web":{"port":80,"targetPort":8080}}},"containers":{"main":{"image":"."}}}""";

    /// <summary>Builds, waits until the release is being rolled out to staging, and lets it succeed there.</summary>
    public async Task ServeInStagingAsync(string commit, int number, params PlannedProcess[] further)
    {
        await BuildAsync(commit, WebScore, further);
        await UntilAsync(() => Engine.Applied.TryGetValue("orders.staging", out var applied) && applied.Release == $"v{number}");
        Engine.Succeed("orders.staging");
        await UntilAsync(() => Deployment("staging")?.Status is { Phase: DeploymentPhases.Healthy } status && status.Serving == DeliveryKinds.ReleaseRef(Orders, number));
        await UntilAsync(() => Entities.Find(DeliveryKinds.Release, DeliveryKinds.ReleaseRef(Orders, number))!.Status.ServedIn.ContainsKey("staging"));
    }

    public Entity<DeploymentSpec, DeploymentStatus>? Deployment(string environment) =>
        Entities.Find(DeliveryKinds.Deployment, DeliveryKinds.Deployment.Ref($"orders.{environment}"));

    public static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await DisposeHostAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async ValueTask DisposeHostAsync()
    {
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    /// <summary>Builds that a test made; their log is what the test says.</summary>
    private sealed class MadeBuilds(PlatformOptions platform, IEntityStore entities) : IBuilds
    {
        public Task<Result<Entity>> RequestAsync(Entity component, string commit, string? branch, string actor, bool retry, CancellationToken stop) =>
            Task.FromResult<Result<Entity>>(entities.Find(BuildKind.Instance.Ref($"orders-{commit}"))!);

        public string? ArtifactFolder(string digest) => platform.Folder("artifacts", digest[7..]);

        public IAsyncEnumerable<LogLine> LogAsync(EntityRef build, bool follow, CancellationToken stop) =>
            (entities.Find(BuildKind.Instance, build)!.Status.Error is { } error
                ? new LogLine[] { new(default, "job", "err", "a.ts(1,2): error"), new(default, "axle", "axle", $"Failed: {error.Message} Next: {error.Next}") }
                : []).ToAsyncEnumerable();

        public Task<Result<Detection>> DetectAsync(string repository, string commit, CancellationToken stop) => throw new NotSupportedException();
    }

    private sealed class NoRepositories : IRepositories
    {
        public bool Exists(string name) => false;

        public Task<Result<Repository>> CreateAsync(string name, CancellationToken stop) => throw new NotSupportedException();

        public Repository? Find(string name) => null;

        public Task<Result<string>> CommitAsync(string name, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop) => throw new NotSupportedException();

        public Task<CommitFound?> ResolveAsync(string name, string? revision, CancellationToken stop) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> BranchesAsync(string name, CancellationToken stop) => throw new NotSupportedException();

        public Task<string?> ReadAsync(string name, string commit, string path, CancellationToken stop) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ListAsync(string name, string commit, CancellationToken stop) => throw new NotSupportedException();

        public Task ExportAsync(string name, string commit, string folder, CancellationToken stop) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken stop) => throw new NotSupportedException();
    }
}
