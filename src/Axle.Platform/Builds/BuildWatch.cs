using Axle.Engines;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Builds;

/// <summary>Wakes a build when the engine says that its job changed, so that the next step need not wait for the timer.</summary>
internal sealed partial class BuildWatch(IEngine engine, BuildJobs jobs, IReconcileQueue queue, TimeProvider clock, ILogger<BuildWatch> log) : BackgroundService
{
    private const string Job = "job:";
    private static readonly TimeSpan s_reconnect = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var id in engine.WatchAsync(stoppingToken))
                {
                    if (id.StartsWith(Job, StringComparison.Ordinal) && jobs.BuildOf(id[Job.Length..]) is { } build)
                    {
                        queue.Wake(build);
                    }
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
