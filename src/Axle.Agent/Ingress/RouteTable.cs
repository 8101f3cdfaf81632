using Axle.Agent.Ingress.Static;

namespace Axle.Agent.Ingress;

/// <summary>
/// Which host leads where. Readers take the published dictionary without a lock; writers make a new one under a lock, publish it, and
/// only then retire what the new one lacks. A reader that still holds the old one fails to claim and looks again, and finds the new one
/// because it was published before.
/// </summary>
internal sealed class RouteTable(IngressOptions options, TimeProvider clock)
{
    /// <summary>How long the end of connections that were closed is waited for.</summary>
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(0.5);

    private readonly Lock _changes = new();
    private readonly Dictionary<string, Route> _routes = [];
    private readonly Dictionary<string, List<Upstream>> _leaving = [];
    private volatile Dictionary<string, Route> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public Route? Find(string host) => _hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(NameOf(host), out var route) ? route : null;

    public void Switch(string workloadId, RouteTarget target)
    {
        ArgumentException.ThrowIfNullOrEmpty(workloadId);
        string[] hosts = [.. target.Hosts.Select(host => NameOf(host).ToString().ToLowerInvariant()).Distinct()];
        lock (_changes)
        {
            foreach (var host in hosts)
            {
                if (_hosts.TryGetValue(host, out var owner) && owner.WorkloadId != workloadId)
                {
                    throw new InvalidOperationException($"Host {host} cannot lead to workload {workloadId}: it leads to {owner.WorkloadId}.");
                }
            }

            var old = _routes.GetValueOrDefault(workloadId);
            Upstream[] upstreams = [.. target.Destinations.Distinct().Select(wanted => old?.Upstreams.FirstOrDefault(had => had.Destination == wanted) ?? new(wanted))];
            _routes[workloadId] = new(workloadId, hosts, upstreams, target.StaticRoot is null ? null : new StaticSite(target.StaticRoot), target.Unavailable);
            Publish();
            Retire(workloadId, old?.Upstreams.Except(upstreams) ?? []);
        }
    }

    public void Remove(string workloadId)
    {
        lock (_changes)
        {
            if (_routes.Remove(workloadId, out var old))
            {
                Publish();
                Retire(workloadId, old.Upstreams);
            }
        }
    }

    public async Task<bool> DrainAsync(string workloadId, IReadOnlyList<string> destinationIds, TimeSpan timeout, CancellationToken stop)
    {
        Upstream[] leaving;
        lock (_changes)
        {
            leaving = [.. _leaving.GetValueOrDefault(workloadId, []).Where(upstream => destinationIds.Contains(upstream.Destination.Id))];
        }

        var empty = Task.WhenAll(leaving.Select(upstream => upstream.Empty));
        var grace = options.EndlessGrace < timeout ? options.EndlessGrace : timeout;
        var clean = await EndsAsync(empty, grace, stop);
        if (!clean)
        {
            // 1. What never ends by itself has had its grace. Losing it is no failure: its clients connect again.
            await Task.WhenAll(leaving.Select(upstream => upstream.CloseEndlessAsync()));

            // 2. Ordinary requests have the rest of the time. Even with none left, the connections just closed need a moment.
            var rest = timeout - grace;
            clean = await EndsAsync(empty, rest > s_closing ? rest : s_closing, stop);
        }

        if (!clean)
        {
            await Task.WhenAll(leaving.Select(upstream => upstream.CutAsync()));
            await EndsAsync(empty, s_closing, stop);
        }

        lock (_changes)
        {
            ForgetEmpty(workloadId);
        }

        return clean;
    }

    /// <summary>The name in a Host header: without port and without the root's dot.</summary>
    internal static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> host)
    {
        if (host.StartsWith('['))
        {
            return host.IndexOf(']') is > 0 and var end ? host[..(end + 1)] : host;
        }

        if (host.IndexOf(':') is >= 0 and var colon)
        {
            host = host[..colon];
        }

        return host.EndsWith('.') ? host[..^1] : host;
    }

    private async Task<bool> EndsAsync(Task task, TimeSpan timeout, CancellationToken stop)
    {
        try
        {
            await task.WaitAsync(timeout, clock, stop);
            return true;
        }
        catch (TimeoutException)
        {
            return task.IsCompleted;
        }
    }

    private void Publish()
    {
        var hosts = new Dictionary<string, Route>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in _routes.Values)
        {
            foreach (var host in route.Hosts)
            {
                hosts[host] = route;
            }
        }

        _hosts = hosts;
    }

    private void Retire(string workloadId, IEnumerable<Upstream> upstreams)
    {
        ForgetEmpty(workloadId);
        foreach (var upstream in upstreams)
        {
            upstream.Retire();
            if (!upstream.Empty.IsCompleted)
            {
                if (!_leaving.TryGetValue(workloadId, out var leaving))
                {
                    _leaving[workloadId] = leaving = [];
                }

                leaving.Add(upstream);
            }
        }
    }

    private void ForgetEmpty(string workloadId)
    {
        if (_leaving.TryGetValue(workloadId, out var leaving) && leaving.RemoveAll(upstream => upstream.Empty.IsCompleted) > 0 && leaving.Count == 0)
        {
            _leaving.Remove(workloadId);
        }
    }
}
