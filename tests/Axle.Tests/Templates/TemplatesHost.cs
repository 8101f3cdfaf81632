using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
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
    private readonly Axle.Entities.Reconcile.ReconcileLoop _loop;

    public TemplatesHost(string? templates = null, Func<IRepositories, IRepositories>? repositories = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<Microsoft.Extensions.Hosting.IHostApplicationLifetime, Microsoft.Extensions.Hosting.Internal.ApplicationLifetime>();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Templates:Folder", templates ?? Shipped)]).Build());
        services.AddSingleton(new PlatformOptions { DataFolder = Path.Combine(_folder.FullName, "data"), PublicUrl = "http://axle.test", IngressPort = 7480 });
        services.AddEntities(Path.Combine(_folder.FullName, "axle.db"));
        services.AddOwnership();
        services.AddCatalog();
        services.AddSecrets();
        services.AddSource();
        services.AddTemplates();
        if (repositories is not null)
        {
            var real = services.Last(service => service.ServiceType == typeof(IRepositories));
            services.Remove(real);
            services.AddSingleton(provider => repositories((IRepositories)(real.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, real.ImplementationType!))));
        }

        _services = services.BuildServiceProvider();
        _loop = _services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Axle.Entities.Reconcile.ReconcileLoop>().Single();
    }

    /// <summary>The templates at the root of this source tree.</summary>
    public static string Shipped { get; } = FindShipped();

    public IEntityStore Entities => _services.GetRequiredService<IEntityStore>();

    public IRepositories Repositories => _services.GetRequiredService<IRepositories>();

    public TemplateLibrary Library => _services.GetRequiredService<TemplateLibrary>();

    public CreateComponent Create => _services.GetRequiredService<CreateComponent>();

    public IServiceProvider Services => _services;

    public Caller Jane { get; } = new() { User = EntityRef.Of("user", "jane"), Groups = [EntityRef.Of("group", "shop")], Role = Role.Member };

    public static async Task<TemplatesHost> StartAsync(string? templates = null, Func<IRepositories, IRepositories>? repositories = null)
    {
        var host = new TemplatesHost(templates, repositories);
        foreach (var group in new[] { "shop", "other" })
        {
            var put = await host.Entities.PutAsync(new Entity { ApiVersion = Kinds.BackstageApi, Kind = Kinds.Group, Metadata = new Metadata { Name = group }, Spec = System.Text.Json.JsonElement.Parse("""{"type":"team","children":[]}""") }, "test");
            Assert.True(put.Ok, put.ToString());
        }

        var jane = await host.Entities.PutAsync(Server.TestServer.Json(Kinds.User, "jane", """{"memberOf": ["shop"]}"""), "test");
        Assert.True(jane.Ok, jane.ToString());
        await host._loop.StartAsync(CancellationToken.None);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.StopAsync(CancellationToken.None);
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
}
