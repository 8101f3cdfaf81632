using Axle.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Secrets;

/// <summary>Secrets: kept closed on disk, given to workloads by scope, read by people through a verb of its own.</summary>
public static class SecretsCapability
{
    public static IServiceCollection AddSecrets(this IServiceCollection services) => services
        .AddEntityKind(SecretKind.Instance)
        .AddRelationType(SecretKind.Of)
        .AddRelationType(SecretKind.SharedWith)
        .AddSingleton<SecretDatabase>()
        .AddSingleton<SecretKey>()
        .AddSingleton<SecretStore>()
        .AddSingleton<SecretEntities>()
        .AddSingleton<Redactor>()
        .AddSingleton<ISecrets, SecretsFace>()
        .AddHostedService<SecretsStart>()
        .AddReconciler<SecretReconciler>();
}
