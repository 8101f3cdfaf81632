using System.Text.Json;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Builds;

/// <summary>Removes artifacts that no release refers to, now and then.</summary>
internal sealed partial class ArtifactCollector(IEntityStore entities, ArtifactStore artifacts, BuildsOptions options, TimeProvider clock, ILogger<ArtifactCollector> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.ArtifactGrace, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                var gone = artifacts.Collect(Referenced());
                if (gone > 0)
                {
                    LogGone(log, gone);
                }
            }
            catch (IOException e)
            {
                // Disk space is not worth the process; the next round tries again.
                LogFailed(log, e);
            }
        }
    }

    /// <summary>Digests that any release names.</summary>
    internal IReadOnlySet<string> Referenced() =>
        entities.Query(new EntityQuery { Kinds = [Contracts.Kinds.Release], All = true }).Items
            .Select(r => r.Spec.ValueKind == JsonValueKind.Object && r.Spec.TryGetProperty("artifact", out var digest) ? digest.GetString() : null)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} artifacts that no release refers to")]
    private static partial void LogGone(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Removing artifacts failed")]
    private static partial void LogFailed(ILogger logger, Exception reason);
}
