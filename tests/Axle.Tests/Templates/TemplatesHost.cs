using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Axle.Platform.Templates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates;

/// <summary>Templates on a real store and real repositories, in a folder of its own.</summary>
internal sealed class TemplatesHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-templates-");
    private readonly ServiceProvider _services;

    public TemplatesHost(string? templates = null, Func<IRepositories, IRepositories>? repositories = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Templates:Folder", templates ?? Shipped)]).Build());
        services.AddSingleton(new PlatformOptions { DataFolder = Path.Combine(_folder.FullName, "data"), PublicUrl = "http://axle.test", IngressPort = 7480 });
        services.AddEntities(Path.Combine(_folder.FullName, "axle.db"));
        foreach (var (api, kind) in new[] { (Kinds.BackstageApi, Kinds.Component), (Kinds.BackstageApi, Kinds.Group), (Kinds.BackstageApi, Kinds.User), (Kinds.ScaffolderApi, Kinds.Template) })
        {
            services.AddEntityKind(new AnyKind(api, kind));
        }

        services.AddSource();
        services.AddTemplates();
        _services = services.BuildServiceProvider();
        Repositories = _services.GetRequiredService<IRepositories>();
        if (repositories is not null)
        {
            Repositories = repositories(Repositories);
        }

        Create = new CreateComponent(_services.GetRequiredService<TemplateLibrary>(), Entities, Repositories, _services.GetRequiredService<PlatformOptions>());
    }

    /// <summary>The templates at the root of this source tree.</summary>
    public static string Shipped { get; } = FindShipped();

    public IEntityStore Entities => _services.GetRequiredService<IEntityStore>();

    public IRepositories Repositories { get; }

    public TemplateLibrary Library => _services.GetRequiredService<TemplateLibrary>();

    public CreateComponent Create { get; }

    public Caller Jane { get; } = new() { User = EntityRef.Of("user", "jane"), Groups = [EntityRef.Of("group", "shop")], Role = Role.Member };

    public static async Task<TemplatesHost> StartAsync(string? templates = null, Func<IRepositories, IRepositories>? repositories = null)
    {
        var host = new TemplatesHost(templates, repositories);
        foreach (var group in new[] { "shop", "other" })
        {
            var put = await host.Entities.PutAsync(new Entity { ApiVersion = Kinds.BackstageApi, Kind = Kinds.Group, Metadata = new Metadata { Name = group }, Spec = System.Text.Json.JsonElement.Parse("""{"type":"team","children":[]}""") }, "test");
            Assert.True(put.Ok, put.ToString());
        }

        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string FindShipped()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Axle.slnx")))
            {
                return Path.Combine(folder.FullName, "templates");
            }
        }

        throw new InvalidOperationException("The tests run outside the source tree.");
    }

    /// <summary>A kind with an owner and nothing to check.</summary>
    private sealed class AnyKind(string api, string name) : EntityKind(api, name)
    {
        public override IReadOnlyList<Problem> Check(Entity entity) => [];

        public override IEnumerable<Relation> Relations(Entity entity) =>
            entity.Spec.ValueKind == System.Text.Json.JsonValueKind.Object && entity.Spec.TryGetProperty("owner", out var owner) && EntityRef.TryParse(owner.GetString(), Kinds.Group, EntityRef.DefaultNamespace, out var found)
                ? [new Relation("ownedBy", found)]
                : [];
    }
}
