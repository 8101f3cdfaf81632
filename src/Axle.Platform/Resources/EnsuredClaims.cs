using System.Collections.Concurrent;
using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>What was found right a moment ago is not asked again because of the claim's own writes.</summary>
internal sealed class EnsuredClaims(TimeProvider clock)
{
    private static readonly TimeSpan s_for = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<EntityRef, (long Generation, DateTimeOffset At)> _known = new();

    public bool Knows(EntityRef claim, long generation) => _known.TryGetValue(claim, out var known) && known.Generation == generation && clock.GetUtcNow() - known.At < s_for;

    public void Remember(EntityRef claim, long generation) => _known[claim] = (generation, clock.GetUtcNow());

    public void Forget(EntityRef claim) => _known.TryRemove(claim, out _);
}
