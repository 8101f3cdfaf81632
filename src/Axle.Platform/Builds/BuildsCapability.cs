using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Builds;

/// <summary>From a commit to an artifact: detection, the kind Build and its reconciler, the artifact store, logs.</summary>
public static class BuildsCapability
{
    public static IServiceCollection AddBuilds(this IServiceCollection services)
    {
        services.AddOptions<BuildsOptions>().BindConfiguration("Builds").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(s => s.GetRequiredService<IOptions<BuildsOptions>>().Value);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProgramRunner>();
        services.TryAddSingleton<MachineProbe>();
        services.AddEntityKind(BuildKind.Instance);
        services.AddReconciler<BuildReconciler>();
        services.AddHostedService<BuildWatch>().AddHostedService<ArtifactCollector>();
        return services
            .AddSingleton<BuildPaths>()
            .AddSingleton<BuildLogs>()
            .AddSingleton<BuildJobs>()
            .AddSingleton<BuildPlanner>()
            .AddSingleton<BuildRun>()
            .AddSingleton<ArtifactStore>()
            .AddSingleton<ArtifactIndex>()
            .AddSingleton<IBuilds, BuildsFace>();
    }

    public static void MapBuilds(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/builds/{name}/log", BuildEndpoints.Log).Requires(Verb.ReadLogs).WithTags("Builds");
        routes.MapPost("/api/components/{component}/build", BuildEndpoints.Request).Requires(Verb.Deploy).WithTags("Builds").Produces<Entity>(StatusCodes.Status202Accepted);
    }
}
