using Axle.Agent.Ingress.Static;

namespace Axle.Agent.Ingress;

/// <summary>A workload's target as published: never changed, replaced as a whole.</summary>
internal sealed class Route(string workloadId, IReadOnlyList<string> hosts, Upstream[] upstreams, StaticSite? site, Unavailable? unavailable)
{
    // Where the next search begins, so that equally busy instances take turns.
    private uint _turn;

    public string WorkloadId => workloadId;

    public IReadOnlyList<string> Hosts => hosts;

    public Upstream[] Upstreams => upstreams;

    public StaticSite? Site => site;

    public Unavailable? Unavailable => unavailable;

    /// <summary>
    /// Takes the instance with the fewest requests under way, and leaves out those that lately refused a connection unless all did.
    /// Null when there is none, or when all of them are retired: the table then has a newer route.
    /// </summary>
    public Upstream? Claim(long refusedSinceMilliseconds)
    {
        if (upstreams.Length == 1)
        {
            return upstreams[0].TryClaim() ? upstreams[0] : null;
        }

        while (true)
        {
            var chosen = Choose(refusedSinceMilliseconds);
            if (chosen is null || chosen.TryClaim())
            {
                return chosen;
            }
        }
    }

    private Upstream? Choose(long refusedSinceMilliseconds)
    {
        if (upstreams.Length == 0)
        {
            return null;
        }

        var start = Interlocked.Increment(ref _turn);
        Upstream? best = null;
        var bestCost = long.MaxValue;
        for (var i = 0u; i < upstreams.Length; i++)
        {
            var upstream = upstreams[(start + i) % (uint)upstreams.Length];
            if (upstream.IsRetired)
            {
                continue;
            }

            var cost = upstream.InFlight + (upstream.RefusedSince(refusedSinceMilliseconds) ? int.MaxValue : 0L);
            if (cost < bestCost)
            {
                (best, bestCost) = (upstream, cost);
            }
        }

        return best;
    }
}
