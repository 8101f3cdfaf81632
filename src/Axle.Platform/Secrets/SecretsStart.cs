using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Secrets;

/// <summary>Opens the secrets before anything asks for them, and writes again what a crash kept from the catalogue.</summary>
internal sealed class SecretsStart(SecretEntities projection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => projection.RepairAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
