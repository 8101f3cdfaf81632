using Axle.Engines.Process;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Catalog;
using Axle.Platform.Delivery;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Axle.Platform.Templates;
using Axle.Portal;
using Axle.Server.Hosting;
using Axle.Server.Requests;

namespace Axle.Server;

/// <summary>The control plane's program. What it consists of stands in <see cref="Compose"/>, from top to bottom.</summary>
internal static class AxleServer
{
    public static Task<int> Main(string[] args) => Start.RunAsync(args, Compose);

    /// <summary>The composition root: every capability, what it registers, which routes it maps.</summary>
    internal static WebApplication Compose(ServerOptions options)
    {
        var builder = WebHost.Builder(options);
        var services = builder.Services;
        var platform = options.ToPlatform();

        // What everything stands on.
        services.AddSingleton(options);
        services.AddSingleton(platform);
        services.AddSingleton(TimeProvider.System);
        services.AddEntities(Path.Combine(platform.Folder(), "axle.db"));
        services.AddRequests();

        // Capabilities, those that know nobody first.
        services.AddOwnership();
        services.AddCatalog();
        services.AddSecrets();
        services.AddEnvironments();
        services.AddProcessEngine(platform.DataFolder);
        services.AddResources();
        services.AddSource();
        services.AddBuilds();
        services.AddDelivery();
        services.AddTemplates();
        services.AddPortal();

        var app = builder.Build();

        // Each request, outermost first.
        app.UseProblems();
        app.UseSecurityHeaders();
        app.UseRouting();
        app.UsePortal();
        app.UseOwnership();
        app.UseWholeText();
        app.UseIdempotency();

        // Routes, in the order of the capabilities.
        app.MapHealth();
        app.MapApiDescription();
        app.MapPlatform();
        app.MapOwnership();
        app.MapCatalog();
        app.MapSecrets();
        app.MapResources();
        app.MapSource();
        app.MapBuilds();
        app.MapDelivery();
        app.MapTemplates();
        app.MapPortal();
        return app;
    }
}
