using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources.Drivers;

/// <summary>The workloads of an environment, read off their deployments: each answers at its host name, at the ingress.</summary>
internal sealed class EnvironmentServices(IEntityStore entities, PlatformOptions platform) : IWorkloadServices
{
    public Task<IReadOnlyDictionary<string, WorkloadService>> InAsync(EntityRef environment, CancellationToken stop) =>
        Task.FromResult<IReadOnlyDictionary<string, WorkloadService>>(entities
            .Query(new EntityQuery { Kinds = [Kinds.Deployment], Related = [new Relation("runsIn", environment)], All = true }).Items
            .Where(deployment => deployment.Status.ValueKind == JsonValueKind.Object && deployment.Status.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String)
            .Select(deployment => deployment.Relations.First(relation => relation.Type == "partOf").TargetRef.Name)
            .Distinct()
            .ToDictionary(
                component => component,
                component => new WorkloadService(PlatformOptions.ServiceHost(component, environment.Name), new Dictionary<string, WorkloadPort> { ["web"] = new(platform.IngressPort, platform.IngressPort) })));
}
