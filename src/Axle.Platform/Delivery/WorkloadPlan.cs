using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Platform.Workloads;

namespace Axle.Platform.Delivery;

/// <summary>
/// Works out what an engine is asked to run: a release's workload, resolved for one environment, in groups that are
/// scaled together, with the outputs of its resources and its secrets. Reads, changes nothing; the same release in the same environment gives the same revision.
/// </summary>
internal sealed class WorkloadPlan(PlatformOptions platform, IEntityStore entities, IResources resources, ISecrets secrets)
{
    private const int DigestLength = 10;

    /// <summary>What a web process listens on when its workload declares no port.</summary>
    private static readonly PortSpec s_defaultPort = new("web", 8080);

    /// <summary>Why no workload with secrets can be worked out now; null when all is well.</summary>
    public Error? Sealed => secrets.Sealed;

    /// <summary>The resources that the workload of a deployment finds; <see cref="Make"/> asks it.</summary>
    public ResourceSet Resources(Entity<DeploymentSpec, DeploymentStatus> deployment) => resources.Open(deployment.Spec.Component, deployment.Spec.Environment);

    /// <param name="found">From <see cref="Resources"/>; knows afterwards what was asked for, and what is still missing.</param>
    public Result<WorkloadSpec> Make(Entity<DeploymentSpec, DeploymentStatus> deployment, Entity<ReleaseSpec, ReleaseStatus> release, string artifactFolder, ResourceSet found)
    {
        var plan = release.Spec.Plan;
        if (!secrets.For(deployment.Spec.Component, deployment.Spec.Environment.Name).TryGet(out var values, out var closed))
        {
            return closed;
        }

        if (!Score.FromJson(plan.Workload).TryGet(out var score, out var error))
        {
            return error;
        }

        // 1. Which process the workload's own containers are, and what they are called outside.
        var primary = plan.Processes.FirstOrDefault(p => p.Kind is "web" or "static") ?? plan.Processes.FirstOrDefault(p => p.Kind == "worker");
        var component = deployment.Spec.Component.Name;
        var environment = deployment.Spec.Environment.Name;
        var host = PlatformOptions.ServiceHost(component, environment);

        // 2. Placeholders become values.
        var identity = new Dictionary<string, string> { ["AXLE_COMPONENT"] = component, ["AXLE_ENVIRONMENT"] = environment, ["AXLE_RELEASE"] = $"v{release.Spec.Number}" };
        var named = new SortedSet<string>(StringComparer.Ordinal);
        var context = new ScoreContext
        {
            Host = host,
            ServicePort = (workload, port) => Service(deployment, workload, port, named),
            Url = platform.ServiceUrl(component, environment),
            Variables = values.ToDictionary(secret => secret.Key, secret => secret.Value.Reveal()).Concat(identity).GroupBy(one => one.Key).ToDictionary(same => same.Key, same => same.Last().Value),
            Provisioners = [found],
            ReadFile = ArtifactFiles.In(artifactFolder),
            ImageCommand = (_, image) => image == "." ? primary?.Command ?? [] : [],
        };
        if (!ScoreResolver.Resolve(score, context).TryGet(out var resolved, out error))
        {
            return error;
        }

        // 3. Groups: the workload's own, then every other process of the Procfile with the main container's surroundings.
        var containers = resolved.Containers.Select(c => With(c, c.Command, primary?.Variables, identity) with { Files = [.. c.Files, .. Hosts(named)] }).ToList();
        var main = containers.FirstOrDefault(c => score.Containers[c.Name].Image == ".") ?? containers[0];
        var own = primary?.Kind == "static"
            ? new GroupSpec { Name = primary.Name, Kind = GroupKind.Static, StaticRoot = primary.Root ?? "" }
            : Own(primary, containers, resolved.Ports, deployment.Spec.Instances);
        var groups = plan.Processes.Where(p => p != primary)
            .Select(p => Further(p, main, identity, deployment.Spec.Instances))
            .Prepend(own)
            .ToList();

        var workload = new WorkloadSpec
        {
            Id = DeliveryKinds.EngineId(deployment.Ref),
            Revision = "",
            Release = $"v{release.Spec.Number}",
            ArtifactFolder = artifactFolder,
            Hosts = own.Kind is GroupKind.Web or GroupKind.Static ? [host] : [],
            Groups = groups,
            Stopped = deployment.Spec.Stopped,
            Redact = [.. found.Secrets.Concat(values.Values.Select(secret => secret.Reveal())).Distinct()],
        };
        return workload with { Revision = $"v{release.Spec.Number}-{Revision(workload, deployment.Spec.RestartedAt)}" };
    }

    /// <summary>Where a browser reaches the workload; null when it serves nothing.</summary>
    public string? Url(WorkloadSpec workload) => workload.Hosts.Count == 0 ? null : $"http://{workload.Hosts[0]}:{platform.IngressPort}";

    /// <summary>The processes of a release that have a number of instances, and how many of each are wanted.</summary>
    public static IReadOnlyList<ProcessView> Scalable(RunPlan plan, IReadOnlyDictionary<string, int> instances)
    {
        var named = plan.Processes.Where(p => p.Kind is "web" or "worker").ToList();
        if (named.Count > 0 || plan.Processes.Any(p => p.Kind == "static"))
        {
            return [.. named.Select(p => new ProcessView(p.Name, Wanted(p.Name, p.Waits, instances)))];
        }

        var only = Score.FromJson(plan.Workload).TryGet(out var score, out _) && score.Ports.Count > 0 ? "web" : "worker";
        return [new ProcessView(only, Wanted(only, waits: false, instances))];
    }

    /// <summary>Everything that the engine is told, in short; equal digests need no second telling.</summary>
    public string Digest(WorkloadSpec workload) => Short(workload);

    private static int Wanted(string process, bool waits, IReadOnlyDictionary<string, int> instances) =>
        instances.TryGetValue(process, out var count) ? count : waits ? 0 : 1;

    private static GroupSpec Own(PlannedProcess? primary, IReadOnlyList<ContainerSpec> containers, IReadOnlyList<PortSpec> ports, IReadOnlyDictionary<string, int> instances)
    {
        var web = primary?.Kind == "web" || (primary is null && ports.Count > 0);
        var name = primary?.Name ?? (web ? "web" : "worker");
        return new GroupSpec
        {
            Name = name,
            Kind = web ? GroupKind.Web : GroupKind.Worker,
            Instances = Wanted(name, waits: false, instances),
            Ports = web && ports.Count == 0 ? [s_defaultPort] : ports,
            Containers = containers,
        };
    }

    private static GroupSpec Further(PlannedProcess process, ContainerSpec main, IReadOnlyDictionary<string, string> identity, IReadOnlyDictionary<string, int> instances) => new()
    {
        Name = process.Name,
        Kind = process.Kind switch
        {
            "release" => GroupKind.Release,
            "cron" => GroupKind.Cron,
            _ => GroupKind.Worker,
        },
        Schedule = process.Schedule,
        Instances = Wanted(process.Name, process.Waits, instances),

        // Probes and order are about the main process; the others only share its surroundings.
        Containers = [With(main, process.Command, process.Variables, identity) with { Name = process.Name, Readiness = null, Liveness = null, Before = new Dictionary<string, string>() }],
    };

    /// <summary>Another component of the environment answers at its host name, at the ingress, whichever of its instances serves.</summary>
    private ServiceAddress? Service(Entity<DeploymentSpec, DeploymentStatus> deployment, string workload, string port, SortedSet<string> named)
    {
        var other = DeliveryKinds.DeploymentRef(EntityRef.Of(Kinds.Component, workload, deployment.Spec.Component.Namespace), deployment.Spec.Environment);
        if (port.Length == 0 || entities.Find(DeliveryKinds.Deployment, other) is not { Status.Url: not null })
        {
            return null;
        }

        var host = PlatformOptions.ServiceHost(workload, deployment.Spec.Environment.Name);
        named.Add(host);
        return new ServiceAddress(host, platform.IngressPort);
    }

    /// <summary>Names below <c>localhost</c> are known to browsers, and to few programs.</summary>
    private static IEnumerable<FileSpec> Hosts(SortedSet<string> named) => named.Count == 0
        ? []
        : [new FileSpec("/etc/hosts", Convert.ToBase64String(Encoding.ASCII.GetBytes($"127.0.0.1 localhost {string.Join(' ', named)}\n::1 localhost\n")))];

    /// <summary>The runtime's variables, then the workload's own, which win; who it is comes last.</summary>
    private static ContainerSpec With(ContainerSpec container, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? runtime, IReadOnlyDictionary<string, string> identity)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in (runtime ?? new Dictionary<string, string>()).Concat(container.Variables).Concat(identity))
        {
            variables[key] = value;
        }

        return container with { Command = command, Variables = variables };
    }

    /// <summary>Changes exactly when running instances must be replaced: not by their number, not by stop and start.</summary>
    private string Revision(WorkloadSpec workload, DateTimeOffset? restartedAt) =>
        Short(new { Workload = workload with { Stopped = false, Redact = [], Groups = [.. workload.Groups.Select(g => g with { Instances = 0 })] }, restartedAt });

    /// <summary>Tells nothing of the secrets in it to whoever reads revisions.</summary>
    private string Short<T>(T value) => secrets.Fingerprint(JsonSerializer.SerializeToUtf8Bytes(value, EntityJson.Options))[..DigestLength];
}
