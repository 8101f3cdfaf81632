using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Servers;

/// <summary>
/// Runs the programs behind resources (PostgreSQL, Redis, …) as workloads of the engine: supervised, limited and apart from
/// each other like everything else that it runs, but never two of them on the same data.
/// </summary>
internal sealed class ServerWorkloads(IEngine engine, IEntityStore entities, PlatformOptions platform, TimeProvider clock)
{
    public const string Prefix = "resource--";

    /// <summary>Where servers listen, and nowhere else.</summary>
    public const string Host = "127.0.0.1";

    /// <summary>Below the ports that the agent gives to applications.</summary>
    private const int FirstPort = 17_000;

    private const int Ports = 2_000;
    private const int RevisionLength = 12;
    private const string ScriptsFolder = "Axle.Platform.Resources.Servers.Scripts.";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly HashSet<int> _given = [];

    /// <summary>What the engine calls the server of a claim. No deployment has two dashes in a row in its name.</summary>
    public static string Id(EntityRef claim) => $"{Prefix}{claim.Name}{(claim.Namespace == EntityRef.DefaultNamespace ? "" : $".{claim.Namespace}")}";

    /// <summary>A free port that no other claim has.</summary>
    /// <param name="known">The one that the claim has already, which stays.</param>
    public int Port(int? known)
    {
        lock (_lock)
        {
            if (known is { } same)
            {
                _given.Add(same);
                return same;
            }

            var taken = entities.All(ResourceKinds.Claim).SelectMany(claim => ServerState.PortsOf(claim.Status)).Concat(_given).ToHashSet();
            var start = Random.Shared.Next(Ports);
            for (var tried = 0; tried < Ports; tried++)
            {
                var port = FirstPort + ((start + tried) % Ports);
                if (!taken.Contains(port) && IsFree(port))
                {
                    _given.Add(port);
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No port between {FirstPort} and {FirstPort + Ports - 1} is free on this machine.");
    }

    /// <summary>Tells the engine what should run. Of a worker with a volume it ends the old revision before it begins the new one. Empty when it runs and is ready, else what it waits for.</summary>
    public async Task<Result<string>> EnsureAsync(EntityRef claim, ServerProgram program, CancellationToken stop)
    {
        var wish = program.Workload(Id(claim), Scripts(program.Script));
        var workload = wish with { Revision = BoundedName.Digest(JsonSerializer.Serialize(wish, EntityJson.Options), RevisionLength) };
        var seen = await engine.ObserveAsync(workload.Id, stop);
        if (seen is null || seen.WantedRevision != workload.Revision || seen.Phase is "Stopped")
        {
            await engine.ApplyAsync(workload, stop);
            seen = await engine.ObserveAsync(workload.Id, stop);
        }

        if (seen?.Phase == "Failed")
        {
            // Stopped now, it is tried again by the next look.
            await engine.ApplyAsync(workload with { Stopped = true }, stop);
            var why = seen.Failure?.LogTail is { Count: > 0 } tail ? tail[^1] : seen.Failure?.Message ?? "no reason was given";
            return new ServerFailed(claim, why.TrimEnd('.'));
        }

        return seen is { Phase: "Healthy" } && seen.Instances.Any(instance => instance.State == "Ready") ? "" : "the server is starting";
    }

    /// <summary>A check for servers that bring no program of their own for it: something listens there.</summary>
    public static IReadOnlyList<string> Listens(int port) => ["/bin/bash", "-c", $": <\"/dev/tcp/{Host}/$1\"", "listens", port.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Stops the process and keeps its data. When it returns, nobody is served any more.</summary>
    public async Task StopAsync(EntityRef claim, CancellationToken stop)
    {
        if (await engine.ObserveAsync(Id(claim), stop) is { } seen)
        {
            await engine.ApplyAsync(Nothing(Id(claim), seen.WantedRevision) with { Stopped = true }, stop);
            await UntilAsync(claim, now => now is null or { Phase: "Stopped" }, stop);
        }
    }

    /// <summary>Stops the process and destroys its data.</summary>
    public async Task RemoveAsync(EntityRef claim, CancellationToken stop)
    {
        await engine.RemoveAsync(Id(claim), stop);
        await UntilAsync(claim, now => now is null, stop);
    }

    /// <summary>Runs a command beside a server, with its rights and folders; gives what it printed.</summary>
    /// <param name="input">What it reads; unlike its arguments nobody else sees it.</param>
    /// <exception cref="EngineUnavailableException">Nothing runs there now, or the command failed.</exception>
    public async Task<string> RunInsideAsync(EntityRef claim, IReadOnlyList<string> command, string input, CancellationToken stop)
    {
        var (printed, complained) = (new StringBuilder(), new StringBuilder());
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(input));
        try
        {
            await foreach (var item in engine.ExecAsync(new ExecSpec(Id(claim), null, null, command), bytes, stop))
            {
                if (item.Data is { } data)
                {
                    (item.Stream == "err" ? complained : printed).Append(Encoding.UTF8.GetString(Convert.FromBase64String(data)));
                }
                else if (item.ExitCode != 0)
                {
                    throw new EngineUnavailableException($"{command[0]} failed beside the server of {claim.Name}: {complained.ToString().Trim()}");
                }
            }
        }
        catch (EngineRefusedException e)
        {
            throw new EngineUnavailableException($"The server of {claim.Name} does not run: {e.Message}", e);
        }

        return printed.ToString();
    }

    /// <summary>The folder that holds a script and what belongs to it: <c>name.sh</c> comes with each <c>name_*</c>. Read-only, and named by its content.</summary>
    public string Scripts(string name)
    {
        var files = All().Where(file => file == name || file.StartsWith($"{Path.GetFileNameWithoutExtension(name)}_", StringComparison.Ordinal)).ToDictionary(file => file, Read, StringComparer.Ordinal);
        if (!files.ContainsKey(name))
        {
            throw new InvalidOperationException($"The script {name} is not part of this build.");
        }

        var folder = platform.Folder("servers", BoundedName.Digest(string.Concat(files.Values), RevisionLength));
        foreach (var (file, text) in files)
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path) || new FileInfo(path).Length != Encoding.UTF8.GetByteCount(text))
            {
                var fresh = $"{path}.{Environment.CurrentManagedThreadId}.new";
                File.WriteAllText(fresh, text);
                File.Move(fresh, path, overwrite: true);
            }
        }

        return folder;
    }

    private static IEnumerable<string> All() => Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(resource => resource.StartsWith(ScriptsFolder, StringComparison.Ordinal))
        .Select(resource => resource[ScriptsFolder.Length..])
        .Order(StringComparer.Ordinal);

    private static string Read(string script)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ScriptsFolder + script)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Of a server that takes its time; the next look goes on waiting.</summary>
    private async Task UntilAsync(EntityRef claim, Func<WorkloadStatus?, bool> condition, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; !condition(await engine.ObserveAsync(Id(claim), stop)); waited += s_look)
        {
            if (waited > s_patience)
            {
                throw new EngineUnavailableException($"The server of {claim.Name} does not end.");
            }

            await Task.Delay(s_look, clock, stop);
        }
    }

    private static WorkloadSpec Nothing(string id, string revision) => new() { Id = id, Revision = revision, Release = "v1", ArtifactFolder = "/", Groups = [] };

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
