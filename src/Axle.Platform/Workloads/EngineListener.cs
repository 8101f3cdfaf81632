using Axle.Engines;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Workloads;

/// <summary>
/// Hears of every workload and job whose status changed, for as long as the platform runs: an engine that went away is listened to
/// again, and tells everything anew then. What to do about it is left to whoever derives from this.
/// </summary>
public abstract partial class EngineListener(IEngine engine, TimeProvider clock, ILogger log) : BackgroundService
{
    private static readonly TimeSpan s_reconnect = TimeSpan.FromMilliseconds(250);

    /// <param name="id">Of a workload, or <c>job:id</c>; most are somebody else's.</param>
    protected abstract void Hear(string id);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var id in engine.WatchAsync(stoppingToken))
                {
                    Hear(id);
                }
            }
            catch (EngineUnavailableException e)
            {
                LogAway(log, e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(s_reconnect, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The engine's watch ended: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);
}
