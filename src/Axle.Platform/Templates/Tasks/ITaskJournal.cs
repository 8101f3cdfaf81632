using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Where a run writes down how far it is, and what it says. One keeps it for good, the other one for the answer of a dry run.</summary>
internal interface ITaskJournal
{
    /// <summary>How far it is: what an earlier run wrote, secrets included.</summary>
    TaskState Status { get; }

    /// <summary>Durable when it returns.</summary>
    Task SaveAsync(TaskState status);

    /// <summary>A line of the log, redacted on the way.</summary>
    void Write(string type, JsonObject body);
}

/// <summary>The state is too large to be written down, or too deep; what was written before stays.</summary>
internal sealed class TaskStateRefusedException(Contracts.Error error) : Exception(error.Message)
{
    public Contracts.Error Error { get; } = error;
}
