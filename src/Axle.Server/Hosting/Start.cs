using System.Collections;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines.Sealing;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Axle.Server.Hosting;

/// <summary>From the command line to a server that is ready, and its end. What stops a start is a sentence, not a stack trace.</summary>
internal static class Start
{
    public const int WrongUsage = 2;
    public const int CannotStart = 3;

    public static string Version { get; } =
        typeof(Start).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static async Task<int> RunAsync(string[] args, Func<ServerOptions, WebApplication> compose)
    {
        // 1. What is asked?
        if (!ServerOptions.Read(args, Variables()).TryGet(out var options, out var error))
        {
            return Refuse(error, WrongUsage);
        }

        // Nothing that this process starts shall have it.
        Environment.SetEnvironmentVariable(MasterKey.Variable, null);

        if (options.Help)
        {
            Console.WriteLine(ServerOptions.Usage);
            return 0;
        }

        if (options.ResetAdminToken)
        {
            return ResetAdminToken(options);
        }

        // 2. Alone on this folder?
        if (!ServerLock.Take(options.DataFolder).TryGet(out var held, out error))
        {
            return Refuse(error, CannotStart);
        }

        using (held)
        {
            var app = compose(options);
            await using (app)
            {
                return await RunAsync(app, options);
            }
        }
    }

    /// <summary>The address that the server really listens on; with port 0 only known after the start.</summary>
    public static int PortOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
            .Select(address => BindingAddress.Parse(address).Port)
            .FirstOrDefault() ?? 0;

    /// <summary>Starts an application and makes known where it answers.</summary>
    public static async Task StartAsync(WebApplication app, ServerOptions options)
    {
        await app.StartAsync();
        if (options.Port == 0 && options.PublicUrl is null)
        {
            app.Services.GetRequiredService<PlatformOptions>().PublicUrl = $"http://localhost:{PortOf(app)}";
        }
    }

    private static async Task<int> RunAsync(WebApplication app, ServerOptions options)
    {
        var ready = Path.Combine(options.DataFolder, "run", "server.json");
        File.Delete(ready);
        try
        {
            await StartAsync(app, options);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            return await GiveUpAsync(app, PortTaken(options));
        }
        catch (StoreException e)
        {
            return await GiveUpAsync(app, e.Error);
        }
        catch (SocketException e)
        {
            return await GiveUpAsync(app, new Error("server.listen", $"Cannot listen on {options.Listen?.ToString() ?? "localhost"}, port {options.Port}: {e.Message}", "Choose another address with --listen or port with --port.", 500));
        }

        var clock = app.Services.GetRequiredService<TimeProvider>();
        WriteReady(ready, PortOf(app), clock.GetUtcNow());
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Axle.Server")
            .LogInformation("Axle {Version} is ready at {Url}, data in {Folder}", Version, app.Services.GetRequiredService<PlatformOptions>().PublicUrl, options.DataFolder);
        try
        {
            await app.WaitForShutdownAsync();
            return 0;
        }
        finally
        {
            File.Delete(ready);
        }
    }

    /// <summary>What had started already is stopped in order before the store closes under it.</summary>
    private static async Task<int> GiveUpAsync(WebApplication app, Error error)
    {
        await app.StopAsync();
        return Refuse(error, CannotStart);
    }

    private static int ResetAdminToken(ServerOptions options)
    {
        if (!Directory.Exists(options.DataFolder))
        {
            return Refuse(new Error("server.data_folder", $"There is no data folder {options.DataFolder}.", "Name it with --data.", 404), WrongUsage);
        }

        Console.WriteLine($"The administrator's new token is in {OwnershipCapability.ResetAdminToken(options.ToPlatform())}");
        return 0;
    }

    private static Error PortTaken(ServerOptions options) => new(
        "server.port_taken",
        $"Port {options.Port} is taken by another program.",
        $"Choose another one: --port {options.Port + 1}, or \"port\" in {Path.Combine(options.DataFolder, "axle.json")}.",
        409);

    /// <summary>Written aside and renamed, so that nobody reads half of it.</summary>
    private static void WriteReady(string file, int port, DateTimeOffset now)
    {
        var fresh = $"{file}.{Environment.ProcessId}";
        File.WriteAllText(fresh, JsonSerializer.Serialize(new { pid = Environment.ProcessId, port, startedAt = now, version = Version }));
        File.Move(fresh, file, overwrite: true);
    }

    private static int Refuse(Error error, int code)
    {
        Console.Error.WriteLine($"axle-server: {error.Message}{(error.Next is null ? "" : $" Next: {error.Next}")}");
        return code;
    }

    private static Dictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
}
