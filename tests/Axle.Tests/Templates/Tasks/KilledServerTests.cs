using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Templates.Tasks;

/// <summary>A real server, killed in the middle of a task.</summary>
public sealed class KilledServerTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-killed-").FullName;
    private readonly int _port = FreePort();
    private Process? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Trait("Speed", "Slow")]
    public async Task A_task_goes_on_after_the_server_was_killed()
    {
        // 1. A task that is in its third step.
        using var first = await StartAsync();
        var template = TestServer.Json("Template", "slow", """
            {"type": "service", "secrets": {"schema": {"type": "object", "required": ["token"]}}, "steps": [
              {"id": "one", "action": "debug:log", "input": {"message": "first ${{ secrets.token }}"}},
              {"id": "make", "action": "fetch:plain:file", "if": false, "input": {"url": "./x", "targetPath": "x"}},
              {"id": "wait", "action": "debug:wait", "input": {"seconds": 4}},
              {"id": "last", "action": "debug:log", "input": {"message": "last ${{ secrets.token }}"}}],
             "output": {"done": "${{ context.task.id }}"}}
            """);
        (await first.PutEntityAsync(template)).EnsureSuccessStatusCode();
        var begun = await first.PostAsync("/api/tasks", new StringContent("""{"template": "slow", "secrets": {"token": "geheim-4711"}}""", Encoding.UTF8, "application/json"), Stop);
        var id = JsonSerializer.Deserialize(await begun.Content.ReadAsStringAsync(Stop), AxleJson.Default.TaskView)!.Id;
        await UntilAsync(first, id, task => task.Steps.Any(step => step is { Id: "wait", Phase: "waiting" or "processing" }));

        // 2. Killed, and started again.
        _server!.Kill();
        await _server.WaitForExitAsync(Stop);
        using var second = await StartAsync();
        var ended = await UntilAsync(second, id, task => task.Phase is "completed" or "failed");

        // 3. It is done, once.
        Assert.Equal("completed", ended.Phase);
        Assert.Equal(id, ended.Output!.Value.GetProperty("done").GetString());
        var log = (await second.GetFromJsonAsync($"/api/tasks/{id}/log", AxleJson.Default.ListTaskLine, Stop))!;
        Assert.Single(log, line => line.Message == "Beginning step debug:log" && line.Step == "one");
        Assert.Contains(log, line => line.Message.EndsWith("last ***", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Message.Contains("geheim", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync(CancellationToken.None);
        }

        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<HttpClient> StartAsync()
    {
        _server?.Dispose();
        _server = Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "axle-server.dll"),
            "--data", _folder,
            "--port", _port.ToString(CultureInfo.InvariantCulture),
            "--ingress-port", FreePort().ToString(CultureInfo.InvariantCulture),
            "--log-level", "warning",
        ]))!;
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(_folder, "admin.token"), enough.Token)).Trim());
                (await client.GetAsync("/api/me", enough.Token)).EnsureSuccessStatusCode();
                return client;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                await Task.Delay(100, enough.Token);
            }
        }
    }

    private static async Task<TaskView> UntilAsync(HttpClient client, string id, Func<TaskView, bool> wanted)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var task = (await client.GetFromJsonAsync($"/api/tasks/{id}", AxleJson.Default.TaskView, enough.Token))!;
            if (wanted(task))
            {
                return task;
            }

            await Task.Delay(50, enough.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
