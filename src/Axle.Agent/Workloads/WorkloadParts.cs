using Axle.Agent.Ingress;
using Axle.Agent.Logs;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Engines.Sealing;

namespace Axle.Agent.Workloads;

/// <summary>What every workload's controller works with.</summary>
internal sealed record WorkloadParts(
    Runner Runner,
    ContainerRuns ContainerRuns,
    Ports Ports,
    IIngress Ingress,
    LogBook Logs,
    ChangeHub Hub,
    TimeProvider Clock,
    ILoggerFactory Loggers,
    AgentFolders Folders,
    MasterKey Key)
{
    public RecordFolder<WorkloadRecord> Records { get; } = new(Folders.Workloads, Key, Loggers.CreateLogger("Axle.Agent.State"));
}
