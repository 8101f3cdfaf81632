using Axle.Agent.Ingress;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>Where users of a workload are sent, from its record; pure.</summary>
internal static class Routes
{
    public static RouteTarget Of(WorkloadRecord record)
    {
        var hosts = (record.Serving ?? record.Wanted).Hosts;
        var name = record.Wanted.Id;
        if (record.Wanted.Stopped)
        {
            return Without(new Unavailable(503, "Stopped", $"{name} was stopped."));
        }

        if (record.Serving is not { } serving)
        {
            return Without(record.Rollout.Stage is Stage.Failed
                ? new Unavailable(503, "Not deployed", $"{name} has not been deployed successfully yet.")
                : new Unavailable(503, "Starting", $"{name} is being deployed for the first time. Try again in a moment."));
        }

        if (serving.Groups.FirstOrDefault(group => group.Kind == GroupKind.Static) is { } files && !serving.Groups.Any(group => group.Kind == GroupKind.Web))
        {
            return new RouteTarget(hosts, [], StaticFolder(serving, files), null);
        }

        var destinations = record.Instances
            .Where(instance => instance is { Kind: GroupKind.Web, State: InstanceState.Ready } && instance.Revision == serving.Revision && instance.Ports.Count > 0)
            .Select(instance => new Destination(instance.Id, PortOf(serving, instance)))
            .ToList();
        return destinations.Count > 0
            ? new RouteTarget(hosts, destinations, null, null)
            : Without(new Unavailable(503, "Not ready", $"No instance of {name} is ready at the moment. Try again soon."));

        RouteTarget Without(Unavailable why) => new(hosts, [], null, why);
    }

    public static int PortOf(WorkloadSpec spec, Instance instance) =>
        instance.Ports[ContainerRuns.PortsOf(spec.Groups.First(group => group.Name == instance.Group))[0].Name];

    public static string StaticFolder(WorkloadSpec spec, GroupSpec group) => Path.GetFullPath(Path.Combine(spec.ArtifactFolder, group.StaticRoot ?? ""));

    public static bool Same(RouteTarget? one, RouteTarget other) => one is not null
        && one.StaticRoot == other.StaticRoot && one.Unavailable == other.Unavailable
        && one.Hosts.SequenceEqual(other.Hosts) && one.Destinations.SequenceEqual(other.Destinations);
}
