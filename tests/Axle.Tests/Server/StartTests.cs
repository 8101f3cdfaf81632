using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Axle.Tests.Server;

/// <summary>The program itself, as a process: what only shows there.</summary>
[Trait("Speed", "Slow")]
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_taken_port_is_named_with_the_way_to_choose_another()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var server = Run("--port", $"{port}");
        var said = await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, server.ExitCode);
        Assert.Equal($"axle-server: Port {port} is taken by another program. Next: Choose another one: --port {port + 1}, or \"port\" in {Path.Combine(_folder, "axle.json")}.", said.Trim());
    }

    [Fact]
    public async Task A_server_says_when_it_is_ready_and_leaves_tidily()
    {
        var stop = TestContext.Current.CancellationToken;
        using var server = Run("--port", "0");
        var file = Path.Combine(_folder, "run", "server.json");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!File.Exists(file))
        {
            Assert.False(server.HasExited);
            await Task.Delay(20, deadline.Token);
        }

        using var ready = JsonDocument.Parse(await File.ReadAllTextAsync(file, stop));
        Assert.Equal(server.Id, ready.RootElement.GetProperty("pid").GetInt32());
        using var client = new HttpClient();
        Assert.Equal("ok", await client.GetStringAsync($"http://127.0.0.1:{ready.RootElement.GetProperty("port").GetInt32()}/healthz", stop));

        using var second = Run("--port", "0");
        Assert.Contains($"process {server.Id}", await second.StandardError.ReadToEndAsync(stop), StringComparison.Ordinal);
        await second.WaitForExitAsync(stop);
        Assert.Equal(3, second.ExitCode);

        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]))
        {
            await kill.WaitForExitAsync(stop);
        }

        await server.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, server.ExitCode);
        Assert.False(File.Exists(file));
    }

    private Process Run(params string[] args)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardError = true, UseShellExecute = false };
        info.ArgumentList.Add(typeof(Axle.Server.AxleServer).Assembly.Location);
        foreach (var arg in args.Prepend(_folder).Prepend("--data"))
        {
            info.ArgumentList.Add(arg);
        }

        info.Environment["AXLE_LOG_LEVEL"] = "error";
        return Process.Start(info)!;
    }
}
