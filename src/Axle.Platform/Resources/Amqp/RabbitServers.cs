using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axle.Platform.Resources.Amqp;

/// <summary>The administrator's way into each RabbitMQ that Axle runs, by its HTTP API, and everybody else's for a test, by AMQP.</summary>
internal sealed class RabbitServers(ServerAdmin admins) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { Timeout = s_patience };

    /// <summary>Answers are null where there is nothing.</summary>
    /// <exception cref="HttpRequestException">The broker does not answer, or refuses.</exception>
    public async Task<JsonElement?> AskAsync(EntityRef server, int port, HttpMethod method, string path, object? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, $"http://{ServerWorkloads.Host}:{port}/api/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ServerAdmin.User}:{admins.PasswordOf(server).Reveal()}")));
        request.Content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Default);
        try
        {
            using var answer = await _http.SendAsync(request, stop);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            answer.EnsureSuccessStatusCode();
            var bytes = await answer.Content.ReadAsByteArrayAsync(stop);
            return bytes.Length == 0 ? default(JsonElement) : JsonSerializer.Deserialize<JsonElement>(bytes);
        }
        catch (TaskCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException("The broker does not answer.", e);
        }
    }

    /// <summary>Logs in by AMQP and makes a queue of its own for a moment; null when that works, else the reason.</summary>
    public static async Task<string?> TryAsync(int port, string vhost, string username, SecretValue password, CancellationToken stop)
    {
        var factory = new ConnectionFactory
        {
            HostName = ServerWorkloads.Host,
            Port = port,
            VirtualHost = vhost,
            UserName = username,
            Password = password.Reveal(),
            ClientProvidedName = "axle",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = s_patience,
            HandshakeContinuationTimeout = s_patience,
            ContinuationTimeout = s_patience,
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(stop);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
            await channel.QueueDeclareAsync(cancellationToken: stop);
            await connection.CloseAsync(stop);
            return null;
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return (e.InnerException ?? e).Message;
        }
    }

    public void Dispose() => _http.Dispose();
}
