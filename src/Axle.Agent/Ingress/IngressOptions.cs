namespace Axle.Agent.Ingress;

/// <summary>How the ingress listens and where its limits are; section <c>Ingress</c> of the configuration.</summary>
public sealed class IngressOptions
{
    /// <summary>The TCP port; 0 takes a free one, on the first address only.</summary>
    public int Port { get; set; } = 7480;

    /// <summary>The IP addresses to listen on, separated by commas. <c>::1</c> is left out where the machine has none.</summary>
    public string Addresses { get; set; } = "127.0.0.1,::1";

    /// <summary>A socket that already listens, instead of <see cref="Port"/>; by default the one that the environment names, if any.</summary>
    internal int? Descriptor { get; set; }

    /// <summary>The largest request body, in bytes.</summary>
    public long BodyBytesMax { get; set; } = 100 * 1024 * 1024;

    /// <summary>All headers of a request together, in bytes.</summary>
    public int HeaderBytesMax { get; set; } = 32 * 1024;

    /// <summary>Headers of one request.</summary>
    public int HeadersMax { get; set; } = 100;

    /// <summary>Client connections at once, of all workloads together; further ones are closed at once.</summary>
    public int ConnectionsMax { get; set; } = 10_000;

    /// <summary>How long a client may take to send its request's headers.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an idle client connection stays open for its next request.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(75);

    /// <summary>The slowest client that is put up with, in bytes per second, after <see cref="SlowGrace"/>.</summary>
    public int SlowestBytesPerSecond { get; set; } = 120;

    /// <summary>How long a client may be slower than <see cref="SlowestBytesPerSecond"/>.</summary>
    public TimeSpan SlowGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection to an instance may take.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may happen in a request before it is given up.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>The same for what is meant to be silent for long: WebSockets and server-sent events.</summary>
    public TimeSpan EndlessIdleTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long WebSockets and server-sent events may go on once their instance is drained; they would never end by themselves.</summary>
    public TimeSpan EndlessGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an instance that refused a connection is left out while others are there.</summary>
    public TimeSpan RefusedPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an idle connection to an instance is kept. Below the shortest keep-alive in common use (gunicorn: 2 s; Node and uvicorn:
    /// 5 s): otherwise a request may be sent just when the instance closes, and a body cannot be sent twice.
    /// </summary>
    public TimeSpan InstanceIdleTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long requests under way are waited for when the ingress itself stops.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Goes on with a request on the thread that read from its socket, which spares a thread switch. Off by default: measured beside
    /// other load it saved nothing, and one handler that blocks would hold up other requests.
    /// </summary>
    public bool InlineScheduling { get; set; }
}
