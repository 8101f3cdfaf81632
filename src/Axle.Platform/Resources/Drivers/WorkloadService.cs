using Axle.Contracts;
using Axle.Platform.Resources.GoTemplates;

namespace Axle.Platform.Resources.Drivers;

/// <summary>How a workload of an environment is reached by others.</summary>
/// <param name="Name">Its host name.</param>
/// <param name="Ports">By name.</param>
internal sealed record WorkloadService(string Name, IReadOnlyDictionary<string, WorkloadPort> Ports);

/// <param name="TargetPort">Where the workload itself listens.</param>
internal sealed record WorkloadPort(int Port, int TargetPort, string Protocol = "TCP");

/// <summary>Who knows the workloads of an environment.</summary>
internal interface IWorkloadServices
{
    /// <summary>Every workload of an environment, by name.</summary>
    Task<IReadOnlyDictionary<string, WorkloadService>> InAsync(EntityRef environment, CancellationToken stop);
}

/// <summary>Workloads as Score's provisioners see them.</summary>
internal static class WorkloadServiceValues
{
    /// <summary>For templates: Go structs, where one that is missing has empty fields.</summary>
    public static GoMap ForTemplates(IReadOnlyDictionary<string, WorkloadService> services)
    {
        var map = new GoMap { Zero = Service("", [], missing: true) };
        foreach (var (name, service) in services)
        {
            map[name] = Service(service.Name, service.Ports);
        }

        return map;
    }

    /// <summary>For commands: the names that Score's JSON has, of which <c>ServiceName</c> is one.</summary>
    public static IReadOnlyDictionary<string, object> ForCommands(IReadOnlyDictionary<string, WorkloadService> services) =>
        services.ToDictionary(s => s.Key, s => (object)new
        {
            ServiceName = s.Value.Name,
            service_name = s.Value.Name,
            ports = Ports(s.Value.Ports).ToDictionary(p => p.Key, p => new { name = p.Name, port = p.Port.Port, target_port = p.Port.TargetPort, protocol = p.Port.Protocol }),
        });

    private static GoStruct Service(string name, IEnumerable<KeyValuePair<string, WorkloadPort>> ports, bool missing = false)
    {
        var map = new GoMap { Zero = Port("", new WorkloadPort(0, 0, ""), missing: true) };
        foreach (var (key, portName, port) in Ports(ports))
        {
            map[key] = Port(portName, port);
        }

        return new GoStruct("provisioners.NetworkService", new Dictionary<string, object?> { ["ServiceName"] = name, ["Ports"] = map }) { Missing = missing };
    }

    private static GoStruct Port(string name, WorkloadPort port, bool missing = false) => new("provisioners.ServicePort", new Dictionary<string, object?>
    {
        ["Name"] = name,
        ["Port"] = (long)port.Port,
        ["TargetPort"] = (long)port.TargetPort,
        ["Protocol"] = port.Protocol,
    })
    {
        Missing = missing,
    };

    // A port is found by its number as well, where no port has that name.
    private static IEnumerable<(string Key, string Name, WorkloadPort Port)> Ports(IEnumerable<KeyValuePair<string, WorkloadPort>> ports)
    {
        var named = ports.ToList();
        var byNumber = named.Select(p => (Key: p.Value.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), Name: p.Key, Port: p.Value))
            .Where(p => named.All(other => other.Key != p.Key))
            .DistinctBy(p => p.Key);
        return named.Select(p => (p.Key, Name: p.Key, Port: p.Value)).Concat(byNumber);
    }
}
