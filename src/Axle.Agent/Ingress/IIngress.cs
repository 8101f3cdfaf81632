namespace Axle.Agent.Ingress;

/// <summary>
/// The door through which users reach the workloads of this machine. It finds a workload by the request's host and forwards to one of
/// its instances, or serves its files. Who runs the instances, and when they are healthy, is left to the caller.
/// </summary>
public interface IIngress
{
    /// <summary>The TCP port it listens on. With port 0 asked for, known only once it listens.</summary>
    int Port { get; }

    /// <summary>
    /// Replaces the whole target of a workload, atomically. Once it has returned, no new request reaches a destination that the new
    /// target does not name; requests under way go on until <see cref="DrainAsync"/> or their own end. A destination with the same id and
    /// port in both targets keeps its requests. May be called before the ingress listens.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another workload has one of the hosts; nothing was changed.</exception>
    void Switch(string workloadId, RouteTarget target);

    /// <summary>
    /// Waits until destinations that <see cref="Switch"/> or <see cref="Remove"/> took away have no request left, then they may be
    /// stopped. Connections that never end by themselves (WebSocket, server-sent events) are closed after
    /// <see cref="IngressOptions.EndlessGrace"/>, at the latest with the timeout. A destination still in the workload's target is not
    /// waited for, and neither is an unknown one.
    /// </summary>
    /// <returns>False when ordinary requests were still running at the timeout and had to be cut.</returns>
    Task<bool> DrainAsync(string workloadId, IReadOnlyList<string> destinationIds, TimeSpan timeout, CancellationToken stop);

    /// <summary>Forgets a workload; its hosts are unknown from now on. Drain its destinations before stopping them.</summary>
    void Remove(string workloadId);
}

/// <summary>
/// Where the requests of a workload go. Looked at in this order: <paramref name="StaticRoot"/>, <paramref name="Destinations"/>,
/// <paramref name="Unavailable"/>.
/// </summary>
/// <param name="Hosts">Host names without port, in any case.</param>
/// <param name="Destinations">The ready instances; the one with the fewest requests under way gets the next.</param>
/// <param name="StaticRoot">The folder to serve files from, instead of forwarding.</param>
/// <param name="Unavailable">What to say while there is nothing to forward to; null for a general sentence.</param>
public sealed record RouteTarget(IReadOnlyList<string> Hosts, IReadOnlyList<Destination> Destinations, string? StaticRoot, Unavailable? Unavailable);

/// <summary>One instance of a workload, at <c>http://127.0.0.1:Port</c>.</summary>
/// <param name="Id">Unique among the workload's instances, the former ones too.</param>
/// <param name="Port">The TCP port it listens on.</param>
public sealed record Destination(string Id, int Port);

/// <summary>What users read while a workload cannot answer. Shown to anybody: no internals.</summary>
/// <param name="Status">The HTTP status, usually 503.</param>
/// <param name="Title">A few words.</param>
/// <param name="Detail">One sentence.</param>
public sealed record Unavailable(int Status, string Title, string Detail);
