using Axle.Contracts;

namespace Axle.Agent.Workloads;

/// <summary>
/// The record of one workload, and the only hand that writes it. Durable when a change returns, so an act that comes after it can be
/// done again by a successor. Whoever changes it is inside the controller's turn; anybody may read.
/// </summary>
internal sealed class WorkloadLedger(WorkloadRecord record, WorkloadParts parts)
{
    public WorkloadRecord Record { get; private set; } = record;

    public string Id => Record.Wanted.Id;

    public DateTimeOffset Now => parts.Clock.GetUtcNow();

    public void Save(WorkloadRecord record)
    {
        parts.Records.Save(record.Wanted.Id, record);
        Record = record;
    }

    /// <summary>Changed for this process only; a successor begins with what is on disk.</summary>
    public void Assume(WorkloadRecord record) => Record = record;

    public void Change(string instance, Func<Instance, Instance> change) => Save(Record.With(instance, change));

    /// <summary>A word of the agent's own in the workload's log.</summary>
    public void Say(string source, string text) => parts.Logs.Of(Id).Append([new LogLine(Now, source, "axle", text)]);
}
