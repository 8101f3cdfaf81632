using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Resources;

/// <summary>
/// How big resources are and how many are connected, as their servers say when somebody looks. In memory only: a status is
/// written when it changed much, since the log keeps each one for ever.
/// </summary>
internal sealed partial class LiveFacts(IEntityStore entities, KnownProvisioners provisioners, TimeProvider clock, ILogger<LiveFacts> log) : IDisposable
{
    /// <summary>Servers that are asked side by side.</summary>
    private const int AskedMax = 8;

    /// <summary>Younger answers are shown again.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(5);

    /// <summary>Whoever looks waits no longer; what comes later is shown the next time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_askMax = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turns = new(AskedMax);
    private readonly ConcurrentDictionary<EntityRef, (ResourceFacts? Facts, DateTimeOffset At)> _seen = new();
    private readonly ConcurrentDictionary<EntityRef, Lazy<Task>> _asking = new();

    /// <summary>What was seen last.</summary>
    public ResourceFacts? Of(Entity<ResourceClaimSpec, ResourceClaimStatus> claim) =>
        claim.Status is { Phase: ResourcePhases.Ready, Facts: var written } && _seen.TryGetValue(claim.Ref, out var seen) && seen.Facts is { } live && (written?.SeenAt is not { } at || at <= live.SeenAt)
            ? live
            : claim.Status.Facts;

    /// <summary>Asks the servers of these resources, unless they said so a moment ago.</summary>
    public async Task LookAsync(IEnumerable<Entity<ResourceClaimSpec, ResourceClaimStatus>> claims, CancellationToken stop)
    {
        foreach (var gone in _seen.Keys.Where(which => entities.Find(which) is null).ToList())
        {
            _seen.TryRemove(gone, out _);
        }

        var now = clock.GetUtcNow();
        var asking = claims
            .Where(claim => claim.Status.Phase == ResourcePhases.Ready && !(_seen.TryGetValue(claim.Ref, out var seen) && now - seen.At < s_age))
            .Select(claim => _asking.GetOrAdd(claim.Ref, _ => new Lazy<Task>(() => Task.Run(() => AskAsync(claim)))).Value)
            .ToList();
        if (asking.Count > 0)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(Task.WhenAll(asking), Task.Delay(s_patience, clock, enough.Token));
            await enough.CancelAsync();
            stop.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task AskAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim)
    {
        await _turns.WaitAsync();
        try
        {
            using var limit = new CancellationTokenSource(s_askMax, clock);
            var known = claim.Status.Provisioner is { } name ? provisioners.Find(name) : null;
            var seen = known is not null && provisioners.DriverOf(known) is { } driver ? await driver.ObserveAsync(new Claim(claim, known), limit.Token) : null;
            var now = clock.GetUtcNow();
            _seen[claim.Ref] = (seen is null ? null : seen with { SeenAt = now }, now);
        }
        catch (Exception e)
        {
            // Whoever looks sees what was written down last, and its condition says what is wrong with it.
            _seen[claim.Ref] = (null, clock.GetUtcNow());
            LogSilent(log, e, claim.Ref);
        }
        finally
        {
            _asking.TryRemove(claim.Ref, out _);
            _turns.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Claim} does not say how it is")]
    private static partial void LogSilent(ILogger logger, Exception e, EntityRef claim);
}
