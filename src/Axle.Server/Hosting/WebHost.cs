using System.Net;
using Axle.Entities;
using Microsoft.Extensions.Logging.Console;

namespace Axle.Server.Hosting;

/// <summary>The web server itself: where it listens, what it limits, how it logs.</summary>
internal static class WebHost
{
    /// <summary>Bytes of a request's body; endpoints that take more (git pushes) say so themselves.</summary>
    private const long BodyMax = 8 << 20;

    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(10);

    public static WebApplicationBuilder Builder(ServerOptions options)
    {
        // Settings come from ServerOptions alone, so the builder gets no arguments.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WebHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });

        // Served as they were built: watching them for changes would add a fallback route that nobody declared.
        builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
        builder.Configuration.AddJsonFile(Path.Combine(options.DataFolder, "axle.json"), optional: true, reloadOnChange: false);
        builder.Configuration.AddEnvironmentVariables("AXLE_");

        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            Listen(kestrel, options);
        });

        builder.Logging.ClearProviders()
            .SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", options.LogLevel == LogLevel.Debug ? LogLevel.Debug : LogLevel.Warning)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)

            // They would say what Start words for people, with a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddConsoleFormatter<ShortFormatter, ConsoleFormatterOptions>()
            .AddConsole(console => console.FormatterName = ShortFormatter.FormatterName);

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdown);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolver = EntityJson.Options.TypeInfoResolver;
            json.SerializerOptions.DefaultIgnoreCondition = EntityJson.Options.DefaultIgnoreCondition;

            // A null where a list belongs is the sender's mistake, and not a crash later.
            json.SerializerOptions.RespectNullableAnnotations = true;
        });
        return builder;
    }

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, ServerOptions options)
    {
        if (options.Listen is { } address)
        {
            kestrel.Listen(address, options.Port);
        }
        else if (options.Port == 0)
        {
            // Two addresses cannot be asked for the same free port.
            kestrel.Listen(IPAddress.Loopback, 0);
        }
        else
        {
            kestrel.ListenLocalhost(options.Port);
        }
    }
}
