using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Redis;
using Axle.Platform.Resources.Rotation;
using Axle.Platform.Resources.Servers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Resources;

/// <summary>Resources: what workloads need beside themselves, made, wired, kept and removed.</summary>
public static class ResourcesCapability
{
    public static IServiceCollection AddResources(this IServiceCollection services)
    {
        services.AddEntityKind(ResourceKinds.Claim).AddEntityKind(ResourceKinds.Provisioner);
        services.AddSingleton<ClaimWriter>().AddSingleton<KnownProvisioners>().AddSingleton<ClaimOutputs>().AddSingleton<ClaimPlan>().AddSingleton<CatalogueEntry>();
        services.AddSingleton<Claims>().AddSingleton<IResources>(all => all.GetRequiredService<Claims>());
        services.AddSingleton<ClaimNames>().AddSingleton<ResourceViews>().AddSingleton<ResourceVerbs>();
        services.AddSingleton<EnsuredClaims>().AddHostedService<ServerWatch>();
        services.AddSingleton<Rotating>().AddReconciler<ClaimReconciler>();

        // What is built in, one line per type.
        services.AddSingleton<ServerWorkloads>().AddSingleton<PostgresServers>().AddSingleton<PostgresClaims>();
        services.AddSingleton<IResourceDriver, PostgresServerDriver>();
        services.AddSingleton<PostgresDriver>().AddSingleton<Databases>();
        services.AddSingleton<IResourceDesk, ResourceDesk>();
        services.AddSingleton<IResourceDriver>(all => all.GetRequiredService<PostgresDriver>());
        services.AddSingleton<IResourceDriver, PostgresInstanceDriver>();
        services.AddSingleton<IResourceDriver, RedisDriver>();
        return services;
    }

    public static void MapResources(this IEndpointRouteBuilder routes) => ResourceEndpoints.Map(routes);
}
