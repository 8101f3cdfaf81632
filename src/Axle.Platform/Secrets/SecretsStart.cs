using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Secrets;

/// <summary>Opens the secrets before anything asks for them, and writes again what a crash kept from the catalogue.</summary>
internal sealed class SecretsStart(SecretKey key, RotateKey rotate, SecretEntities projection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A rotation of the master key that was cut off, or that whoever sets the variable began.
        if (key.Sealed is null)
        {
            rotate.Finish();
        }

        return projection.RepairAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
