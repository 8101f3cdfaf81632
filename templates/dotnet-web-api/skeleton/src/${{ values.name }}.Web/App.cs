using System.Diagnostics;

namespace Service;

/// <summary>The web API: its settings and routes. SIGTERM is handled by the host, which finishes the requests in flight.</summary>
public static class App
{
    public const string Name = "${{ values.name }}";

    public static WebApplication Build(string[] args, string url)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        var app = builder.Build();
        app.Use(LogRequestAsync);
        app.MapGet("/", () => new { service = Name, message = $"Hello from {Name}" });
        app.MapGet("/greetings", (string? name) => new { message = $"Hello, {(string.IsNullOrEmpty(name) ? "world" : name)}" });
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        return app;
    }

    // One line per request.
    private static async Task LogRequestAsync(HttpContext context, RequestDelegate next)
    {
        var began = Stopwatch.GetTimestamp();
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("requests");
        try
        {
            await next(context);
        }
        finally
        {
            log.LogInformation("{Method} {Path} {Status} {Milliseconds:0}ms", context.Request.Method, context.Request.Path, context.Response.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }
}
