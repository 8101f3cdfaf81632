using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Axle.Contracts;

namespace Axle.Engines.Process;

/// <summary>
/// Asks the agent of this machine, over its unix socket. Holds no state: after a restart of either side the next call works again.
/// </summary>
public sealed partial class ProcessEngine : IEngine, IVolumes, IDisposable
{
    private readonly string _socket;
    private readonly HttpClient _http;

    /// <summary>For the agent that keeps this data folder; it need not run yet.</summary>
    public ProcessEngine(string dataFolder)
    {
        _socket = AgentPaths.Socket(dataFolder);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseProxy = false,
            AllowAutoRedirect = false,
        })
        {
            BaseAddress = new Uri("http://agent/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Name => "process";

    public Task ApplyAsync(WorkloadSpec workload, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return DoAsync(HttpMethod.Put, $"workloads/{Escape(workload.Id)}", JsonContent.Create(workload, AgentJson.Default.WorkloadSpec), stop);
    }

    public Task<WorkloadStatus?> ObserveAsync(string id, CancellationToken stop) =>
        GetAsync($"workloads/{Escape(id)}", AgentJson.Default.WorkloadStatus, stop);

    public async Task<IReadOnlyList<WorkloadStatus>> ObserveAllAsync(CancellationToken stop) =>
        await GetAsync("workloads", AgentJson.Default.ListWorkloadStatus, stop) ?? [];

    public Task CancelRolloutAsync(string id, CancellationToken stop) => DoAsync(HttpMethod.Post, $"workloads/{Escape(id)}/cancel", null, stop);

    public Task RemoveAsync(string id, CancellationToken stop) => DoAsync(HttpMethod.Delete, $"workloads/{Escape(id)}", null, stop);

    public Task StartJobAsync(JobSpec job, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(job);
        return DoAsync(HttpMethod.Put, $"jobs/{Escape(job.Id)}", JsonContent.Create(job, AgentJson.Default.JobSpec), stop);
    }

    public Task<JobStatus?> ObserveJobAsync(string id, CancellationToken stop) => GetAsync($"jobs/{Escape(id)}", AgentJson.Default.JobStatus, stop);

    public Task CancelJobAsync(string id, CancellationToken stop) => DoAsync(HttpMethod.Post, $"jobs/{Escape(id)}/cancel", null, stop);

    public Task RemoveJobAsync(string id, CancellationToken stop) => DoAsync(HttpMethod.Delete, $"jobs/{Escape(id)}", null, stop);

    public IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(query);
        var address = new StringBuilder("logs?id=").Append(Escape(query.Id));
        Append(address, "instance", query.Instance);
        Append(address, "group", query.Group);
        Append(address, "tail", query.Tail?.ToString(CultureInfo.InvariantCulture));
        Append(address, "since", query.Since?.ToString("O", CultureInfo.InvariantCulture));
        Append(address, "follow", query.Follow ? "true" : null);
        return StreamAsync(address.ToString(), AgentJson.Default.LogLine, stop);
    }

    public IAsyncEnumerable<string> WatchAsync(CancellationToken stop) => StreamAsync("watch", AgentJson.Default.String, stop);

    public async Task<EngineInfo> InfoAsync(CancellationToken stop) =>
        await GetAsync("info", AgentJson.Default.EngineInfo, stop) ?? throw new EngineUnavailableException("The agent does not tell about itself: it is of another version.");

    public async IAsyncEnumerable<ExecOutput> ExecAsync(ExecSpec exec, Stream? input, [EnumeratorCancellation] CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(exec);

        // Input and output flow at the same time, which plain HTTP/1.1 cannot do: the connection is upgraded to lines both ways.
        using var request = new HttpRequestMessage(HttpMethod.Get, "exec");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("axle-exec"));
        using var response = await SendAsync(request, stop);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            await ThrowIfRefusedAsync(response, stop);
            throw new EngineUnavailableException("The agent cannot run commands inside instances: it is of another version.");
        }

        var both = await response.Content.ReadAsStreamAsync(stop);
        await using (both)
        {
            await WriteLineAsync(both, exec, AgentJson.Default.ExecSpec, stop);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var feeding = FeedAsync(both, input, ended.Token);
            try
            {
                using var reader = new StreamReader(both, Encoding.UTF8, leaveOpen: true);
                while (await ReadLineAsync(reader, stop) is { } line)
                {
                    if (line.StartsWith("{\"message\":", StringComparison.Ordinal))
                    {
                        throw new EngineRefusedException(JsonSerializer.Deserialize(line, AgentJson.Default.AgentRefusal)!.Message);
                    }

                    yield return JsonSerializer.Deserialize(line, AgentJson.Default.ExecOutput)!;
                }
            }
            finally
            {
                await ended.CancelAsync();
                await feeding;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task FeedAsync(Stream to, Stream? input, CancellationToken stop)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            while (input is not null && await input.ReadAsync(buffer, stop) is var read and > 0)
            {
                await WriteLineAsync(to, new ExecInput(Convert.ToBase64String(buffer, 0, read)), AgentJson.Default.ExecInput, stop);
            }

            await WriteLineAsync(to, new ExecInput(null), AgentJson.Default.ExecInput, stop);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The command ended before it had read everything; its exit code tells the rest.
        }
    }

    private static async Task WriteLineAsync<T>(Stream to, T value, JsonTypeInfo<T> type, CancellationToken stop)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        Array.Resize(ref json, json.Length + 1);
        json[^1] = (byte)'\n';
        await to.WriteAsync(json, stop);
        await to.FlushAsync(stop);
    }

    private static void Append(StringBuilder address, string name, string? value)
    {
        if (value is not null)
        {
            address.Append('&').Append(name).Append('=').Append(Escape(value));
        }
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken stop)
    {
        try
        {
            return await reader.ReadLineAsync(stop);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !stop.IsCancellationRequested)
        {
            throw new EngineUnavailableException("The connection to the agent was lost.", e);
        }
    }

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(stop);
        if ((int)response.StatusCode is >= 400 and < 500)
        {
            throw new EngineRefusedException(MessageOf(text) ?? $"The agent refused with status {(int)response.StatusCode}.");
        }

        throw new EngineUnavailableException($"The agent failed with status {(int)response.StatusCode}: {MessageOf(text) ?? text}");
    }

    private static string? MessageOf(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AgentJson.Default.AgentRefusal)?.Message;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task DoAsync(HttpMethod method, string address, HttpContent? content, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        using var response = await SendAsync(request, stop);
        await ThrowIfRefusedAsync(response, stop);
    }

    private async Task<T?> GetAsync<T>(string address, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await SendAsync(request, stop);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await ThrowIfRefusedAsync(response, stop);
        return await response.Content.ReadFromJsonAsync(type, stop);
    }

    private async IAsyncEnumerable<T> StreamAsync<T>(string address, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await SendAsync(request, stop);
        await ThrowIfRefusedAsync(response, stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop), Encoding.UTF8);
        while (await ReadLineAsync(reader, stop) is { } line)
        {
            // An empty line is only a sign of life.
            if (line.Length > 0)
            {
                yield return JsonSerializer.Deserialize(line, type)!;
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            throw new EngineUnavailableException($"The agent does not answer at {_socket}. Is it running? Next: axle up", e);
        }
    }
}
