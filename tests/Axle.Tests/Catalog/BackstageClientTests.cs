using System.Diagnostics;
using Axle.Tests.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Catalog;

/// <summary>
/// Backstage's own client, unmodified from npm, against a catalogue of 10,000 entities. The checks are in
/// tests/peers/catalog-client/suite.mjs; a real Backstage of release 1.55 passes each of them as well (without tokens, which that one
/// about them needs).
/// </summary>
[Trait("Speed", "Slow")]
public sealed class BackstageClientTests : IAsyncLifetime
{
    private const int Entities = 10_000;

    private readonly TestServer _server = new();
    private readonly string _files = Directory.CreateTempSubdirectory("axle-catalog-").FullName;
    private WebApplication? _host;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(async context =>
        {
            var file = Path.Combine(_files, Path.GetFileName(context.Request.Path.Value ?? ""));
            if (File.Exists(file))
            {
                await context.Response.WriteAsync(await File.ReadAllTextAsync(file));
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
        await _host.StartAsync(Stop);
        await File.WriteAllTextAsync(Path.Combine(_server.Folder, "axle.json"), """{"Catalog": {"ReadingAllow": ["127.0.0.1"]}}""", Stop);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host!.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    [Fact]
    public async Task Backstages_own_client_sees_no_difference()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "npm"))),
            "npm is not installed: apt-get install npm");
        var suite = Path.Combine(Repository(), "tests", "peers", "catalog-client");
        var ended = await RunAsync("node", [Path.Combine(suite, "suite.mjs")], suite, new()
        {
            ["AXLE_CLIENT"] = await ClientAsync(suite),
            ["BASE"] = $"{_server.Address}api/catalog",
            ["TOKEN"] = _server.AdminToken,
            ["FILES"] = $"{_host!.Urls.Single()}/",
            ["FOLDER"] = _files,
            ["COUNT"] = $"{Entities}",
        });
        Assert.True(ended.Code == 0, ended.Said);
        Assert.Contains($"entities={Entities}", ended.Said, StringComparison.Ordinal);
    }

    /// <summary>The client as npm delivers it, in exactly the versions of the lock file; kept for the next run.</summary>
    private static async Task<string> ClientAsync(string suite)
    {
        var folder = Path.Combine(Repository(), "artifacts", "npm", "catalog-client-1.16.2");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            Directory.CreateDirectory(folder);
            File.Copy(Path.Combine(suite, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
            File.Copy(Path.Combine(suite, "package-lock.json"), Path.Combine(folder, "package-lock.json"), overwrite: true);
            var ended = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder, []);
            Assert.True(ended.Code == 0, ended.Said);
        }

        return folder;
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, string[] arguments, string folder, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output + await errors);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Axle.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
