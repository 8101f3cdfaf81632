using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Axle.Contracts;

[assembly: AssemblyFixture(typeof(Axle.EndToEndTests.House.Platform))]

namespace Axle.EndToEndTests.House;

/// <summary>
/// A real Axle, installed as the launcher installs it, in a data folder of its own; shared by all tests, which therefore
/// use component names of their own.
/// </summary>
public class Platform : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("axle-e2e-").FullName;

    /// <summary>Answers from services are read without redirects, so that every status counts.</summary>
    private readonly HttpClient _services = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, stop) =>
        {
            // Every name below .localhost is this machine, also where the resolver does not know that.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    public static string Repository { get; } = FindRepository();

    public static string Axle { get; } = Path.Combine(Repository, "artifacts", "axle", "axle");

    public string Data => Path.Combine(_home, "data");

    public int Port { get; } = FreePort();

    public int IngressPort { get; } = FreePort();

    public string Url => $"http://localhost:{Port}";

    public HttpClient Api { get; } = new();

    /// <summary>Git and the CLI see a home that is only theirs.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["HOME"] = _home,
        ["XDG_CONFIG_HOME"] = Path.Combine(_home, "config"),
        ["XDG_DATA_HOME"] = Path.Combine(_home, "share"),
        ["NO_COLOR"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_AUTHOR_NAME"] = "Jane",
        ["GIT_AUTHOR_EMAIL"] = "jane@example.com",
        ["GIT_COMMITTER_NAME"] = "Jane",
        ["GIT_COMMITTER_EMAIL"] = "jane@example.com",
    };

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Axle))
        {
            throw new InvalidOperationException($"{Axle} is missing: run ./axle version once, or use ./test.");
        }

        await AxleAsync("up", "--detach", "--data", Data, "--port", $"{Port}", "--ingress-port", $"{IngressPort}").OkAsync();
        Api.BaseAddress = new Uri(Url);
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Data, "admin.token"))).Trim());
        await ApplyAsync("""
            apiVersion: backstage.io/v1alpha1
            kind: Group
            metadata:
              name: team-shop
            spec:
              type: team
              children: []
            """);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await AxleAsync("down", "--purge", "--yes", "--data", Data);
        _services.Dispose();
        Api.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>Runs the CLI as a person would.</summary>
    internal Task<Shell.Ended> AxleAsync(params string[] arguments) => Shell.RunAsync(Axle, arguments, _home, Variables);

    internal Task<Shell.Ended> GitAsync(string folder, params string[] arguments) => Shell.RunAsync("git", arguments, folder, Variables);

    internal async Task ApplyAsync(string yaml) =>
        await Shell.RunAsync(Axle, ["apply", "-f", "-"], _home, Variables, yaml).OkAsync();

    /// <summary>A folder below the tests' home.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home, "work", name)).FullName;

    /// <summary>Clones a component's repository with the CLI's own credentials.</summary>
    public async Task<string> CloneAsync(string component)
    {
        var folder = Folder("clones");
        await Shell.RunAsync(Axle, ["clone", component], folder, Variables).OkAsync();
        return Path.Combine(folder, component);
    }

    /// <summary>Makes a component of files that the test gives, by the same way as a person: an empty repository and a push.</summary>
    internal async Task<Shell.Ended> ImportAsync(string component, params (string Path, string Content)[] files)
    {
        var folder = Folder($"src-{component}");
        await GitAsync(folder, "init", "-q", "-b", "main").OkAsync();
        await WriteAsync(folder, files);
        await CommitAsync(folder, "first");
        return await AxleAsync("import", folder, "--name", component, "--owner", "team-shop", "--accept");
    }

    public static async Task WriteAsync(string folder, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, content);
        }
    }

    public async Task CommitAsync(string folder, string message)
    {
        await GitAsync(folder, "add", "-A").OkAsync();
        await GitAsync(folder, "commit", "-qm", message).OkAsync();
    }

    /// <summary>One request to a service through the ingress.</summary>
    public Task<(HttpStatusCode Status, string Body)> GetAsync(string component, string environment, string path = "/") =>
        AskAsync(component, environment, path, TestContext.Current.CancellationToken);

    /// <summary>One request that the test itself may give up.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(string component, string environment, string path, CancellationToken stop)
    {
        using var answer = await _services.GetAsync(new Uri($"http://{component}.{environment}.localhost:{IngressPort}{path}"), stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(stop));
    }

    /// <summary>Waits until a component answers in an environment with something.</summary>
    public Task<string> UntilAnswersAsync(string component, string environment, string contains, string path = "/", TimeSpan? patience = null) =>
        UntilAsync(
            async () =>
            {
                try
                {
                    var (status, body) = await GetAsync(component, environment, path);
                    return status == HttpStatusCode.OK && body.Contains(contains, StringComparison.Ordinal) ? body : null;
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            },
            $"{component} in {environment} never answered with '{contains}'",
            patience);

    public async Task<ComponentView> ViewAsync(string component) =>
        JsonSerializer.Deserialize(await Api.GetStringAsync(new Uri($"/api/components/{component}", UriKind.Relative)), AxleJson.Default.ComponentView)!;

    /// <summary>Waits until a deployment has answered its newest wish, and says how.</summary>
    public Task<DeploymentView> UntilDoneAsync(string component, string environment, string? release = null, TimeSpan? patience = null) =>
        UntilAsync(
            async () =>
            {
                var view = await ViewAsync(component);
                return view.Deployments.FirstOrDefault(d => d.Environment == environment) is { } found
                    && found.Status.ObservedGeneration == found.Generation
                    && found.Status.Phase is not (DeploymentPhases.RollingOut or DeploymentPhases.Pending)
                    && (release is null || found.Release == release)
                    ? found
                    : null;
            },
            $"{component} in {environment} never came to an end with {release ?? "its release"}",
            patience);

    /// <summary>Looks until something is there.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> look, string otherwise, TimeSpan? patience = null)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < (patience ?? TimeSpan.FromSeconds(90)))
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException(otherwise);
    }

    /// <summary>The process id that a part of the platform wrote when it was ready: <c>server</c> or <c>agent</c>.</summary>
    public int ProcessId(string part)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "run", $"{part}.json")));
        return json.RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>kill -9, without a chance to clean up.</summary>
    public void Kill(string part)
    {
        using var process = Process.GetProcessById(ProcessId(part));
        process.Kill();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Axle.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}

/// <summary>A platform of its own, for tests that kill parts of it.</summary>
public sealed class DoomedPlatform : Platform;

internal static class EndedExtensions
{
    /// <summary>Insists that a program succeeded.</summary>
    public static async Task<Shell.Ended> OkAsync(this Task<Shell.Ended> running)
    {
        var ended = await running;
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return ended;
    }
}
