using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Secrets;

/// <summary>Destroys what was unset longer ago than the time of grace, and forgets old links.</summary>
internal sealed class SecretSweep(SecretStore store, SecretLinks links, SecretEntities projection, TimeProvider clock, ILogger<SecretSweep> log) : BackgroundService
{
    /// <summary>How long an unset secret can be restored.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    public async Task SweepAsync(CancellationToken stop)
    {
        if (store.Sealed is not null)
        {
            return;
        }

        foreach (var secret in store.All.Where(secret => secret.RemovedAt + Grace <= clock.GetUtcNow()).ToList())
        {
            store.Purge(secret.Scope, secret.Name, SecretEntities.System);
            await projection.WriteAsync(secret.Scope, secret.Name, SecretEntities.System, null, stop);
            log.LogInformation("The secret {Name} of {Scope}, unset {Days} days ago, is destroyed", secret.Name, secret.Scope.Words, Grace.TotalDays);
        }

        links.Tidy();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, clock);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Unset secrets cannot be destroyed now; it is tried again in {Hours} h", s_every.TotalHours);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
