using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Amqp;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Nats;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Redis;
using Axle.Platform.Resources.Registering;
using Axle.Platform.Resources.Rotation;
using Axle.Platform.Resources.S3;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Resources.Volumes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Resources;

/// <summary>Resources: what workloads need beside themselves, made, wired, kept and removed.</summary>
public static class ResourcesCapability
{
    public static IServiceCollection AddResources(this IServiceCollection services)
    {
        services.AddEntityKind(ResourceKinds.Claim).AddEntityKind(ResourceKinds.Provisioner);
        services.AddSingleton<ClaimWriter>().AddSingleton<KnownProvisioners>().AddSingleton<ClaimOutputs>().AddSingleton<ClaimPlan>().AddSingleton<CatalogueEntry>();
        services.AddSingleton<Claims>().AddSingleton<IResources>(all => all.GetRequiredService<Claims>());
        services.AddSingleton<ClaimNames>().AddSingleton<LiveFacts>().AddSingleton<ResourceViews>().AddSingleton<ResourceVerbs>();
        services.AddSingleton<EnsuredClaims>().AddHostedService<ServerWatch>();
        services.AddSingleton<Rotating>().AddReconciler<ClaimReconciler>().AddReconciler<EnvironmentEnd>();

        // Provisioners that somebody registers, by the scheme of their uri.
        services.AddSingleton<RegisterProvisioners>().AddSingleton<ContractTest>().AddReconciler<ProvisionerReconciler>();
        services.TryAddSingleton<ProgramRunner>();
        services.AddSingleton<ScoreKeeper>().AddSingleton<IWorkloadServices, EnvironmentServices>();
        services.AddSingleton<IResourceDriver, TemplateDriver>();
        services.AddSingleton<IResourceDriver, CommandDriver>();
        services.AddSingleton<IResourceDriver, TerraformDriver>();
        services.AddSingleton<IResourceDriver, ExternalDriver>();

        // What is built in, one line per type.
        services.AddSingleton<ServerWorkloads>().AddSingleton<ServerClaims>().AddSingleton<ServerAdmin>().AddSingleton<ServerLogs>();
        services.AddSingleton<PostgresServers>().AddSingleton<PostgresPools>().AddSingleton<IResourceDriver, PgBouncerDriver>();
        services.AddSingleton<IResourceDriver, PostgresServerDriver>();
        services.AddSingleton<PostgresDriver>().AddSingleton<Databases>();
        services.AddSingleton<IResourceDesk, ResourceDesk>();
        services.AddSingleton<IResourceDriver>(all => all.GetRequiredService<PostgresDriver>());
        services.AddSingleton<IResourceDriver, PostgresInstanceDriver>();
        services.AddSingleton<IResourceDriver, RedisDriver>();
        services.AddSingleton<MariaServers>().AddSingleton<IResourceDriver, MariaServerDriver>();
        services.AddSingleton<IResourceDriver>(all => ActivatorUtilities.CreateInstance<MariaDriver>(all, "mariadb"));
        services.AddSingleton<IResourceDriver>(all => ActivatorUtilities.CreateInstance<MariaDriver>(all, "mysql"));
        services.AddSingleton<IResourceDriver, NatsDriver>();
        services.AddSingleton<IResourceDriver, VolumeDriver>();
        services.AddSingleton<RabbitServers>().AddSingleton<IResourceDriver, RabbitServerDriver>().AddSingleton<IResourceDriver, AmqpDriver>();
        services.AddSingleton<SwiftServers>().AddSingleton<IResourceDriver, SwiftServerDriver>().AddSingleton<IResourceDriver, S3Driver>();
        return services.AddBackups();
    }

    public static void MapResources(this IEndpointRouteBuilder routes)
    {
        ResourceEndpoints.Map(routes);
        BackupEndpoints.Map(routes);
    }
}
