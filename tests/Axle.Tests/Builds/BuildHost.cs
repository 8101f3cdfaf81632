using System.Text;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Builds;
using Axle.Platform.Processes;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Axle.Tests.Builds;

/// <summary>A control plane with real store, real git and builds; the engine outlives it.</summary>
internal sealed class BuildHost : IAsyncDisposable
{
    public const string Actor = "user:default/test";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    // Looking at the machine takes seconds and gives the same for every test.
    private static readonly MachineProbe s_machine = new(new ProgramRunner(TimeProvider.System), TimeProvider.System);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("axle-builds");
    private IHost? _host;

    public FakeEngine Engine { get; } = new();

    public string Data => _data.FullName;

    public IEntityStore Entities => Service<IEntityStore>();

    public IBuilds Builds => Service<IBuilds>();

    public T Service<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    public static async Task<BuildHost> StartAsync()
    {
        var host = new BuildHost();
        await host.StartAgainAsync();
        return host;
    }

    public async Task StartAgainAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services
            .AddSingleton(new PlatformOptions { DataFolder = Data, PublicUrl = "http://axle.test", IngressPort = 1 })
            .AddSingleton<IEngine>(Engine)
            .AddSingleton(s_machine)
            .AddSingleton<Git>().AddSingleton<PushBell>().AddSingleton<Repositories>().AddSingleton<IRepositories>(s => s.GetRequiredService<Repositories>())
            .AddEntityKind(new EntityKind<ComponentSpec, ComponentStatus>(Kinds.BackstageApi, Kinds.Component))
            .AddEntities(Path.Combine(Data, "axle.db"))
            .AddSecrets()
            .AddBuilds();
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The control plane goes; the engine and its jobs stay.</summary>
    public async Task StopAsync()
    {
        await _host!.StopAsync(TestContext.Current.CancellationToken);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Commits files (path, text, …) to a component's repository, making both where needed.</summary>
    public async Task<(Entity Component, string Commit)> CommitAsync(string name, params string[] files)
    {
        var stop = TestContext.Current.CancellationToken;
        var repositories = Service<IRepositories>();
        if (!repositories.Exists(name))
        {
            await repositories.CreateAsync(name, stop);
        }

        var component = new Entity { ApiVersion = Kinds.BackstageApi, Kind = Kinds.Component, Metadata = new Metadata { Name = name }, Spec = System.Text.Json.JsonSerializer.SerializeToElement(new ComponentSpec()) };
        var put = await Entities.PutAsync(component, Actor, stop: stop);
        var commit = await repositories.CommitAsync(name, [.. files.Chunk(2).Select(f => new SourceFile(f[0], Encoding.UTF8.GetBytes(f[1])))], "Change", "Test <test@axle.test>", stop);
        return (put.Value, commit.Value);
    }

    /// <summary>Asks for a build and waits for its end.</summary>
    public async Task<Entity<BuildSpec, BuildStatus>> BuildAsync(Entity component, string commit, bool retry = false) =>
        await EndAsync(await RequestAsync(component, commit, retry));

    public async Task<EntityRef> RequestAsync(Entity component, string commit, bool retry = false) =>
        (await Builds.RequestAsync(component, commit, "main", Actor, retry, TestContext.Current.CancellationToken)).Value.Ref;

    public Task<Entity<BuildSpec, BuildStatus>> EndAsync(EntityRef build) =>
        UntilAsync(build, b => b.Status.Attempt == b.Spec.Attempt && b.Status.Phase is BuildPhases.Succeeded or BuildPhases.Failed or BuildPhases.Cancelled);

    public async Task<Entity<BuildSpec, BuildStatus>> UntilAsync(EntityRef build, Func<Entity<BuildSpec, BuildStatus>, bool> holds)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(s_patience);
        while (Entities.Find(BuildKind.Instance, build) is not { } found || !holds(found))
        {
            if (late.IsCancellationRequested)
            {
                Assert.Fail($"{build} never came so far: {Entities.Find(build)?.Status}");
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return Entities.Find(BuildKind.Instance, build)!;
    }

    public async Task<string> LogAsync(EntityRef build)
    {
        var text = new StringBuilder();
        await foreach (var line in Builds.LogAsync(build, follow: true, TestContext.Current.CancellationToken))
        {
            text.Append(line.Stream).Append(": ").Append(line.Text).Append('\n');
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Engine.Dispose();
        _data.Delete(recursive: true);
    }

    private sealed record ComponentSpec;

    private sealed record ComponentStatus;
}
