using Axle.Contracts;
using Axle.Engines;
using Axle.Platform;
using Axle.Platform.Secrets;
using Axle.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Server.Requests;

/// <summary>What the platform is, where it answers, and how well its engine keeps applications apart.</summary>
internal sealed class PlatformEndpoint(PlatformOptions options, TimeProvider clock, IEnumerable<IEngine> engines, ISecrets secrets)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    public static async Task<Ok<PlatformView>> Endpoint(PlatformEndpoint self, CancellationToken stop) => TypedResults.Ok(await self.ViewAsync(stop));

    private async Task<PlatformView> ViewAsync(CancellationToken stop)
    {
        var engine = await InfoAsync(stop);
        return new PlatformView(
            Start.Version,
            options.PublicUrl,
            options.ServiceUrl("*", "*").Replace("*.*", "*", StringComparison.Ordinal),
            engine?.Isolation ?? "none",
            engine?.Missing ?? ["The agent does not answer: axle up"],
            engine is not null,
            _startedAt,
            options.DataFolder)
        {
            SecretsSealed = secrets.Sealed is { } why ? $"{why.Message} {why.Next}" : null,
        };
    }

    private async Task<EngineInfo?> InfoAsync(CancellationToken stop)
    {
        if (engines.FirstOrDefault() is not { } engine)
        {
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            return await engine.InfoAsync(patience.Token);
        }
        catch (Exception e) when (e is (EngineUnavailableException or OperationCanceledException) && !stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
