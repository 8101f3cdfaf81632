using Axle.Agent.Logs;
using Axle.Contracts;

namespace Axle.Agent.Workloads;

/// <summary>
/// The record of one workload, and the only hand that writes it. Durable when a change returns, so an act that comes after it can be
/// done again by a successor. Whoever changes it is inside the controller's turn; anybody may read.
/// </summary>
internal sealed class WorkloadLedger
{
    private readonly WorkloadParts _parts;
    private IReadOnlyList<string> _redacted = [];

    public WorkloadLedger(WorkloadRecord record, WorkloadParts parts)
    {
        (_parts, Record) = (parts, record);
        Hide(record);
    }

    public WorkloadRecord Record { get; private set; }

    /// <summary>What nobody is shown, in logs or answers.</summary>
    public Redaction Hidden { get; private set; } = Redaction.None;

    public string Id => Record.Wanted.Id;

    public DateTimeOffset Now => _parts.Clock.GetUtcNow();

    public void Save(WorkloadRecord record)
    {
        var whole = record.After(Record);
        Hide(whole);
        _parts.Records.Save(whole.Wanted.Id, whole);
        Record = whole;
    }

    /// <summary>Changed for this process only; a successor begins with what is on disk.</summary>
    public void Assume(WorkloadRecord record) => Record = record;

    public void Change(string instance, Func<Instance, Instance> change) => Save(Record.With(instance, change));

    /// <summary>A word of the agent's own in the workload's log.</summary>
    public void Say(string source, string text) => _parts.Logs.Of(Id).Append([new LogLine(Now, source, "axle", text)]);

    private void Hide(WorkloadRecord record)
    {
        var redacted = record.Redacted.ToList();
        if (!redacted.SequenceEqual(_redacted))
        {
            _redacted = redacted;
            _parts.Logs.Of(record.Wanted.Id).Hidden = Hidden = Redaction.Of(redacted);
        }
    }
}
