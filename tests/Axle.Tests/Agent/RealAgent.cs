using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Engines;
using Axle.Engines.Process;
using Axle.Engines.Sealing;

namespace Axle.Tests.Agent;

/// <summary>The agent's real program as a process of its own, with a data folder that is removed at the end.</summary>
public sealed class RealAgent : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private Process? _process;

    public string Data { get; } = Directory.CreateTempSubdirectory("axle-agent-").FullName;

    public ProcessEngine Engine { get; private set; } = null!;

    public int ProcessId => _process!.Id;

    public string StandardError { get; private set; } = "";

    /// <summary>A program and its first arguments that become the agent; empty starts it directly.</summary>
    public IReadOnlyList<string> Through { get; set; } = [];

    /// <summary>Set for the agent itself.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string Mark => $"axle-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Data)))[..10]}";

    /// <summary>Where runs keep what must not lie on a disk.</summary>
    public string Memory => Directory.EnumerateDirectories("/dev/shm", $"{Mark}-*").SingleOrDefault() ?? "";

    /// <summary>Where the agent keeps the control groups of its runs: one folder per controller.</summary>
    public IEnumerable<string> CgroupFolders => Directory.EnumerateDirectories(
        "/sys/fs/cgroup",
        Mark,
        new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 });

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, $"It took too long: {what}");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The agent is for Linux.");
        Engine = new ProcessEngine(Data);
        await StartAsync();
    }

    public async Task StartAsync()
    {
        string[] command = [.. Through, "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "axle-agent.dll"), "--data", Data, "--ingress-port", "0"];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        // A test host must not hand its own settings on.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => StandardError += line.Data + "\n";
        _process.OutputDataReceived += (_, line) => StandardError += line.Data + "\n";
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await UntilAsync(
            () =>
            {
                Assert.False(_process.HasExited, $"The agent ended: {StandardError}");
                return Task.FromResult(File.Exists(Path.Combine(Data, "run", "agent.json"))
                    && JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "run", "agent.json"))).RootElement.GetProperty("pid").GetInt32() == _process.Id);
            },
            "the agent's start");
    }

    /// <summary>As a crash: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>As a service is stopped; the applications go on.</summary>
    public async Task EndAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{ProcessId}"]);
        await _process!.WaitForExitAsync();
    }

    /// <summary>As a crash and a new start, with something done in between.</summary>
    public async Task RestartAsync(Action? between = null)
    {
        await KillAsync();
        between?.Invoke();
        await StartAsync();
    }

    /// <summary>The record of a workload, as an agent before wrote it: in clear.</summary>
    public JsonNode OpenRecord(string id)
    {
        var path = Path.Combine(Data, "agent", "workloads", $"{id}.sealed");
        Assert.True(MasterKey.Open(Data, Variables.GetValueOrDefault(MasterKey.Variable)).TryGet(out var key, out var error), error?.Message);
        return JsonNode.Parse(key.Unseal(File.ReadAllBytes(path), $"agent|workloads|{id}"))!;
    }

    /// <summary>Puts a record in clear in the place of the closed one.</summary>
    public void PlaceRecord(string id, JsonNode record)
    {
        File.Delete(Path.Combine(Data, "agent", "workloads", $"{id}.sealed"));
        File.WriteAllText(Path.Combine(Data, "agent", "workloads", $"{id}.json"), record.ToJsonString());
    }

    /// <summary>A folder with these files, as a build would leave it.</summary>
    public string Artifact(params (string Name, string Content)[] files)
    {
        var folder = Path.Combine(Data, "artifacts", Guid.NewGuid().ToString("N"));
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
        }

        return folder;
    }

    public async Task<WorkloadStatus> UntilPhaseAsync(string id, string revision, params string[] phases)
    {
        WorkloadStatus? seen = null;
        await UntilAsync(
            async () => (seen = await Engine.ObserveAsync(id, TestContext.Current.CancellationToken)) is { } status
                && status.WantedRevision == revision && phases.Contains(status.Phase),
            $"{id} {revision} to be {string.Join(" or ", phases)}; it is {seen?.Phase}");
        return seen!;
    }

    public async Task<List<LogLine>> LogAsync(string id)
    {
        var lines = new List<LogLine>();
        await foreach (var line in Engine.LogsAsync(new LogQuery(id), TestContext.Current.CancellationToken))
        {
            lines.Add(line);
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(Data))
        {
            return;
        }

        if (_process is { HasExited: false })
        {
            using var http = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, stop) =>
                {
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                    await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(AgentPaths.Socket(Data)), stop);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            });
            using var answer = await http.PostAsync("http://agent/shutdown?stopApps=true", null);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Engine.Dispose();
        Directory.Delete(Data, recursive: true);
    }
}
