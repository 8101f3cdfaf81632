using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Secrets.Stores;

/// <summary>Fetches all values from other stores at start and every minute.</summary>
internal sealed class RemoteRefresh(SecretStore secrets, RemoteSecrets remote, TimeProvider clock, ILogger<RemoteRefresh> log) : BackgroundService
{
    /// <summary>How old a value may be that another store has changed.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_keepAlive = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (secrets.Sealed is not null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, clock);
        var alive = DateTimeOffset.MinValue;
        do
        {
            try
            {
                if (clock.GetUtcNow() - alive >= s_keepAlive)
                {
                    await remote.KeepAliveAsync(stoppingToken);
                    alive = clock.GetUtcNow();
                }

                await remote.RefreshAllAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Secrets of other stores cannot be fetched now; it is tried again in {Seconds} s", Every.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
