using System.Collections.Concurrent;
using Axle.Agent.Ingress;

namespace Axle.Agent.Workloads;

/// <summary>Sends users of one workload where its record says, and waits for the requests of instances that leave.</summary>
internal sealed class WorkloadTraffic(WorkloadLedger ledger, IIngress ingress, ILogger logger, Action wake, CancellationToken stop)
{
    private readonly ConcurrentDictionary<string, bool> _drains = new(StringComparer.Ordinal);
    private RouteTarget? _route;

    public void Apply()
    {
        var target = Routes.Of(ledger.Record);
        if (Routes.Same(_route, target))
        {
            return;
        }

        try
        {
            Switch(target);
        }
        catch (InvalidOperationException e)
        {
            logger.LogError("The traffic of {Workload} cannot be switched: {Reason}", ledger.Id, e.Message);
        }
    }

    /// <exception cref="InvalidOperationException">Another workload has one of the hosts.</exception>
    public void Switch(RouteTarget target)
    {
        ingress.Switch(ledger.Id, target);
        _route = target;
    }

    /// <summary>Waits for the requests under way at an instance; asked again, nothing happens.</summary>
    public void Drain(Instance instance)
    {
        if (_drains.TryAdd(instance.Id, false))
        {
            _ = DrainAsync();
        }

        async Task DrainAsync()
        {
            try
            {
                var timeout = TimeSpan.FromSeconds((ledger.Record.SpecOf(instance.Revision) ?? ledger.Record.Wanted).DrainTimeoutSeconds);
                if (!await ingress.DrainAsync(ledger.Id, [instance.Id], timeout, stop))
                {
                    ledger.Say(instance.Id, $"requests were still running {timeout.TotalSeconds:0.#} s after the switch and were cut");
                }

                _drains.TryUpdate(instance.Id, true, false);
                wake();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // The agent ends; its successor drains again.
            }
        }
    }

    public bool IsDrained(string instance) => _drains.GetValueOrDefault(instance);

    public void Forget(string instance) => _drains.TryRemove(instance, out _);

    /// <summary>The hosts are free for others.</summary>
    public void Remove() => ingress.Remove(ledger.Id);
}
