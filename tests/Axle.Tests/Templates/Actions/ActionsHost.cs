using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Actions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates.Actions;

/// <summary>Actions on a real store, real repositories and a real workspace, in a folder of its own.</summary>
internal sealed class ActionsHost : IAsyncDisposable
{
    public const string PublicUrl = "http://axle.test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-actions-");
    private readonly ServiceProvider _services;

    private ActionsHost(Dictionary<string, string?> settings, Action<IServiceCollection>? more)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddSingleton(new PlatformOptions { DataFolder = Path.Combine(_folder.FullName, "data"), PublicUrl = PublicUrl, IngressPort = 7480 });
        services.AddSingleton(TimeProvider.System);
        services.AddEntities(Path.Combine(_folder.FullName, "axle.db"));
        services.AddCatalog();
        services.AddSource();
        services.AddTemplates();
        more?.Invoke(services);
        _services = services.BuildServiceProvider();
        Workspace = Folder("workspace");
        Template = Folder("template");
    }

    /// <summary>The task's own files.</summary>
    public string Workspace { get; }

    /// <summary>The folder of the template.</summary>
    public string Template { get; }

    public List<string> Log { get; } = [];

    /// <summary>What the step remembered so far; kept from run to run until a test forgets it.</summary>
    public JsonObject State { get; set; } = [];

    public IEntityStore Entities => _services.GetRequiredService<IEntityStore>();

    public IRepositories Repositories => _services.GetRequiredService<IRepositories>();

    public Caller Jane { get; } = new() { User = EntityRef.Of("user", "jane"), Groups = [EntityRef.Of("group", "shop")], Role = Role.Member };

    public static async Task<ActionsHost> StartAsync(Dictionary<string, string?>? settings = null, Action<IServiceCollection>? more = null)
    {
        var host = new ActionsHost(settings ?? [], more);
        foreach (var group in new[] { "shop", "other" })
        {
            var put = await host.Entities.PutAsync(new Entity { ApiVersion = Kinds.BackstageApi, Kind = Kinds.Group, Metadata = new Metadata { Name = group }, Spec = System.Text.Json.JsonElement.Parse("""{"type":"team","children":[]}""") }, "test");
            Assert.True(put.Ok, put.ToString());
        }

        return host;
    }

    public T Service<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;

    /// <summary>Writes a file below the template's folder.</summary>
    public void Given(string path, string content, bool executable = false) => Write(Template, path, content, executable);

    public void InWorkspace(string path, string content) => Write(Workspace, path, content, executable: false);

    public string Read(string path) => File.ReadAllText(Path.Combine(Workspace, path));

    /// <summary>All files of the workspace; links as <c>path -> target</c>, executables with a star.</summary>
    public IReadOnlyList<string> Files() =>
        [.. new DirectoryInfo(Workspace).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Where(entry => entry is FileInfo || entry.LinkTarget is not null)
            .Select(entry => Path.GetRelativePath(Workspace, entry.FullName) + (entry.LinkTarget is { } target ? $" -> {target}" : (entry.UnixFileMode & UnixFileMode.UserExecute) != 0 ? "*" : ""))
            .Order(StringComparer.Ordinal)];

    public async Task<Result<ActionResult>> RunAsync(string action, string input, TemplateOrigin? origin = null, Caller? caller = null, JsonObject? parameters = null, bool dryRun = false)
    {
        var found = _services.GetServices<ITemplateAction>().Single(a => a.Id == action);
        var run = new ActionRun
        {
            TaskId = "task-1",
            StepId = "step-1",
            Input = (JsonObject)JsonNode.Parse(input)!,
            Workspace = new Workspace(Workspace),
            Log = Log.Add,
            Caller = caller ?? Jane,
            Origin = origin ?? new TemplateOrigin(EntityRef.Of("template", "sample"), Template, null),
            Parameters = parameters ?? [],
            IsDryRun = dryRun,
            State = (JsonObject)State.DeepClone(),
            RememberAsync = (name, value) =>
            {
                State[name] = value?.DeepClone();
                return Task.CompletedTask;
            },
        };
        return await found.RunAsync(run, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs what must succeed.</summary>
    public async Task<JsonObject> MustAsync(string action, string input, TemplateOrigin? origin = null, Caller? caller = null)
    {
        var result = await RunAsync(action, input, origin, caller);
        Assert.True(result.Ok, result.ToString());
        Assert.Null(result.Value.LookAgain);
        return result.Value.Output;
    }

    /// <summary>Runs what must be refused.</summary>
    public async Task<Error> RefusedAsync(string action, string input, TemplateOrigin? origin = null, Caller? caller = null)
    {
        var result = await RunAsync(action, input, origin, caller);
        Assert.False(result.Ok);
        return result.Error!;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static void Write(string folder, string path, string content, bool executable)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        if (executable)
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute);
        }
    }
}
