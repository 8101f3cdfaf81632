using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Delivery;

/// <summary>Which deployment an engine's id belongs to; learnt as deployments are looked at.</summary>
internal sealed class EngineIds
{
    private readonly ConcurrentDictionary<string, EntityRef> _deployments = new(StringComparer.Ordinal);

    public void Learn(EntityRef deployment) => _deployments[DeliveryKinds.EngineId(deployment)] = deployment;

    public void Forget(EntityRef deployment) => _deployments.TryRemove(DeliveryKinds.EngineId(deployment), out _);

    public EntityRef? Find(string id) => _deployments.TryGetValue(id, out var found) ? found : null;
}

/// <summary>Wakes the deployment's reconciler when the engine saw something.</summary>
internal sealed partial class EngineWatch(IEngine engine, EngineIds ids, IReconcileQueue queue, TimeProvider clock, ILogger<EngineWatch> log) : BackgroundService
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
                    if (ids.Find(id) is { } deployment)
                    {
                        queue.Wake(deployment);
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
