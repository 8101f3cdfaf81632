using Axle.Entities.Reconcile;
using Axle.Entities.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Entities;

/// <summary>Puts the kernel into a host.</summary>
public static class EntitiesServices
{
    /// <summary>
    /// The store on one SQLite file, and the reconcile loop. The file is opened and read when <see cref="IEntityStore"/> is
    /// first asked for, before any hosted service starts; a file that cannot be used stops the start with a sentence.
    /// </summary>
    public static IServiceCollection AddEntities(this IServiceCollection services, string databaseFile, EntityStoreOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EntityKinds>();
        services.AddSingleton<RelationTypes>();
        services.AddSingleton(provider => SqliteEntityStore.Open(
            databaseFile,
            provider.GetRequiredService<EntityKinds>(),
            provider.GetRequiredService<RelationTypes>(),
            provider.GetRequiredService<TimeProvider>(),
            options ?? new EntityStoreOptions(),
            provider.GetRequiredService<ILogger<SqliteEntityStore>>()));
        services.AddSingleton<IEntityStore>(provider => provider.GetRequiredService<SqliteEntityStore>());
        services.AddSingleton<ILogAudit>(provider => provider.GetRequiredService<SqliteEntityStore>());
        services.AddSingleton<ReconcileQueue>();
        services.AddSingleton<IReconcileQueue>(provider => provider.GetRequiredService<ReconcileQueue>());
        services.AddHostedService<StoreOpening>();
        services.AddHostedService<ReconcileLoop>();
        return services;
    }

    /// <summary>Makes a kind known.</summary>
    public static IServiceCollection AddEntityKind(this IServiceCollection services, EntityKind kind) => services.AddSingleton(kind);

    /// <summary>Makes a pair of relations known.</summary>
    public static IServiceCollection AddRelationType(this IServiceCollection services, RelationType type) => services.AddSingleton(type);

    /// <summary>Runs a reconciler, one instance; it can also be injected by its own type.</summary>
    public static IServiceCollection AddReconciler<T>(this IServiceCollection services)
        where T : class, IReconciler
    {
        services.TryAddSingleton<T>();
        return services.AddSingleton<IReconciler>(provider => provider.GetRequiredService<T>());
    }

    /// <summary>Opens the store before any other hosted service starts: those may rely on it, and so may the first request.</summary>
    private sealed class StoreOpening(IEntityStore store, ILogger<StoreOpening> log) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken)
        {
            log.LogDebug("The store is at revision {Revision}", store.Revision);
            return Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
