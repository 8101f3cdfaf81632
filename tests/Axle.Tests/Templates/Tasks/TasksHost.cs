using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates.Tasks;

/// <summary>Tasks on a real store and sealed secrets, reconciled by hand; can be killed and started again over the same folder.</summary>
internal sealed class TasksHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-tasks-");
    private ServiceProvider _services;

    private TasksHost() => _services = Build();

    public Caller Jane { get; } = new() { User = EntityRef.Of("user", "jane"), Groups = [EntityRef.Of("group", "shop")], Role = Role.Member };

    public Caller Bob { get; } = new() { User = EntityRef.Of("user", "bob"), Groups = [EntityRef.Of("group", "platform")], Role = Role.Member };

    public Caller Root { get; } = new() { User = EntityRef.Of("user", "root"), Role = Role.Admin };

    /// <summary>What the test actions do and did; survives a kill, as the world does.</summary>
    public World World { get; } = new();

    public IEntityStore Entities => Service<IEntityStore>();

    public TaskVerbs Verbs => Service<TaskVerbs>();

    public TaskReconciler Reconciler => Service<TaskReconciler>();

    public string Data => Path.Combine(_folder.FullName, "data");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TasksHost> StartAsync()
    {
        var host = new TasksHost();
        await host.PutAsync(Kinds.Group, "shop", """{"type": "team", "children": []}""");
        await host.PutAsync(Kinds.Group, "platform", """{"type": "team", "children": []}""");
        await host.PutAsync(Kinds.User, "jane", """{"memberOf": ["shop"], "profile": {"displayName": "Jane"}}""");
        await host.PutAsync(Kinds.User, "bob", """{"memberOf": ["platform"]}""");
        await host.PutAsync(Kinds.User, "root", """{"memberOf": []}""", "admin");
        return host;
    }

    public T Service<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Everything in memory is gone; what runs at this moment is not waited for.</summary>
    public async Task KillAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _services = Build();
    }

    /// <summary>A template with these steps, as YAML's JSON.</summary>
    public Task TemplateAsync(string steps, string more = "{}") => TemplateAsync("sample", steps, more);

    public async Task TemplateAsync(string name, string steps, string more = "{}")
    {
        var spec = (JsonObject)JsonNode.Parse(more)!;
        spec["type"] = "service";
        spec["steps"] = JsonNode.Parse(steps);
        await PutAsync(Kinds.Template, name, spec.ToJsonString());
    }

    public async Task<string> BeginAsync(string parameters = "{}", string secrets = "{}", Caller? caller = null, string template = "sample")
    {
        var begun = await Service<CreateTask>().RunAsync(EntityRef.Of("template", template), (JsonObject)JsonNode.Parse(parameters)!, (JsonObject)JsonNode.Parse(secrets)!, fill: true, caller ?? Jane, Stop);
        Assert.True(begun.Ok, begun.ToString());
        return begun.Value.Metadata.Name;
    }

    /// <summary>Looks at the task until it is over or waits.</summary>
    public async Task<TaskState> LookAsync(string id)
    {
        await Reconciler.ReconcileAsync(TaskKinds.Ref(id), Stop);
        return State(id);
    }

    /// <summary>Begins and looks.</summary>
    public async Task<TaskState> RunAsync(string steps, string more = "{}", string parameters = "{}", string secrets = "{}")
    {
        await TemplateAsync(steps, more);
        return await LookAsync(await BeginAsync(parameters, secrets));
    }

    public TaskState State(string id) => Entities.Find(TaskKinds.Task, TaskKinds.Ref(id))!.Status;

    public IReadOnlyList<TaskEvent> Events(string id) => new TaskLog(Service<TaskFolders>().Events(id), TimeProvider.System).Read(-1);

    public string Log(string id) => string.Join('\n', Events(id).Select(one => $"{one.StepId} {one.Status}: {one.Message}"));

    /// <summary>Everything that the platform wrote, but the sealed store.</summary>
    public string Everything() => string.Join('\n', Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories)
        .Where(file => !Path.GetFileName(file).StartsWith("secrets.db", StringComparison.Ordinal))
        .Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            return reader.ReadToEnd();
        }));

    public async Task PutAsync(string kind, string name, string spec, string? role = null)
    {
        var put = await Entities.PutAsync(Server.TestServer.Json(kind, name, spec, role), "test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        World.Free();
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Templates:Folder"] = "none", ["Templates:Environment:region"] = "eu", ["Templates:EnvironmentSecrets:registry:Value"] = "from-the-operator", ["Integrations:Gitea:0:Host"] = "git.shop.test" }).Build());
        services.AddSingleton(new PlatformOptions { DataFolder = Data, PublicUrl = "http://axle.test", IngressPort = 7480 });
        services.AddEntities(Path.Combine(_folder.FullName, "axle.db"));
        services.AddOwnership();
        services.AddCatalog();
        services.AddSecrets();
        services.AddSource();
        services.AddTemplates();
        services.AddTestActions(World);

        return services.BuildServiceProvider();
    }
}
