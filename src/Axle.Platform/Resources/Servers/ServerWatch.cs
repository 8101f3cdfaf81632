using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Resources.Servers;

/// <summary>Wakes the claim of a server when the engine saw something of it: it became ready, or it crashed.</summary>
internal sealed partial class ServerWatch(IEngine engine, IEntityStore entities, EnsuredClaims ensured, IReconcileQueue queue, TimeProvider clock, ILogger<ServerWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_reconnect = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var id in engine.WatchAsync(stoppingToken))
                {
                    if (id.StartsWith(ServerWorkloads.Prefix, StringComparison.Ordinal) && ClaimOf(id) is { } claim)
                    {
                        ensured.Forget(claim);
                        queue.Wake(claim);
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

    private EntityRef? ClaimOf(string id) => entities.All(ResourceKinds.Claim).Where(claim => ServerWorkloads.Id(claim.Ref) == id).Select(claim => (EntityRef?)claim.Ref).FirstOrDefault();

    [LoggerMessage(Level = LogLevel.Debug, Message = "The engine's watch ended: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);
}
