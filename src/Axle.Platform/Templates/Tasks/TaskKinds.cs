using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Templates.Tasks;

/// <summary>The kind Task: one run of a template. What is asked stands in its spec, what became of it in its status.</summary>
internal static class TaskKinds
{
    public static readonly EntityKind<TaskSpec, TaskState> Task = new(Kinds.AxleApi, Kinds.Task)
    {
        Internal = true,
        Finalized = true,
    };

    public static EntityRef Ref(string id) => Task.Ref(id);
}

/// <summary>What is to be done. It holds what the template said when it was begun: a later version of the template changes no running task.</summary>
internal sealed record TaskSpec
{
    public required EntityRef Template { get; init; }

    /// <summary>The template's metadata then, for people and for Backstage's API.</summary>
    public required JsonObject TemplateMetadata { get; init; }

    /// <summary>As written, with ids and names filled in.</summary>
    public required JsonArray Steps { get; init; }

    public required JsonObject Output { get; init; }

    public required JsonObject Parameters { get; init; }

    public required EntityRef CreatedBy { get; init; }

    /// <summary>What the token it was begun with was limited to; the user's rights are asked anew for each step.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["*"];

    public string? Folder { get; init; }

    public Uri? Address { get; init; }

    public string? Version { get; init; }

    /// <summary>Names of the secrets; their values are sealed until it ends.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Null when the template says nothing of them.</summary>
    public JsonObject? SecretsSchema { get; init; }

    /// <summary>Counts from 1; each retry adds one.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Who wants it to end, and since when; null when nobody does.</summary>
    public Wish? Cancelled { get; init; }

    /// <summary>Who has given it up after it did not succeed: it is not retried any more, and what it left goes.</summary>
    public Wish? Discarded { get; init; }

    /// <summary>What people said to its approvals, oldest first.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];
}

internal sealed record Wish(EntityRef By, DateTimeOffset At);

/// <param name="Step">The index of the step that asked.</param>
/// <param name="Attempt">The attempt in which it asked: a retry asks again.</param>
internal sealed record Decision(int Step, int Attempt, EntityRef By, bool Approved, string? Message, DateTimeOffset At);

/// <summary>What became of it.</summary>
internal sealed record TaskState
{
    /// <summary>See <see cref="TaskPhases"/>.</summary>
    public string Phase { get; init; } = TaskPhases.Open;

    /// <summary>The attempt that this is about.</summary>
    public int Attempt { get; init; } = 1;

    public IReadOnlyList<StepStatus> Steps { get; init; } = [];

    /// <summary>The template's output, rendered; null until it is completed.</summary>
    public JsonObject? Output { get; init; }

    public TaskFailure? Failure { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Its files are gone: it cannot be retried any more.</summary>
    public bool Swept { get; init; }
}

/// <param name="Code">The refusal's code.</param>
internal sealed record TaskFailure(string Code, string Message, string? Next, string? Step)
{
    /// <summary>Each place that is wrong, where there are several.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>The refusal's HTTP status.</summary>
    public int Status { get; init; } = 422;

    /// <summary>The refusal that it was.</summary>
    public Error ToError() => new(Code, Message, Next, Status) { Problems = Problems };
}

internal sealed record StepStatus
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Action { get; init; }

    public string Phase { get; init; } = TaskPhases.Open;

    /// <summary>What <c>steps.ID.output</c> is; null until it is completed.</summary>
    public JsonObject? Output { get; init; }

    /// <summary>Once for each element of <c>each</c>, in order; a single one without a key otherwise.</summary>
    public IReadOnlyList<Iteration> Iterations { get; init; } = [];

    /// <summary>Why it waits, failed, or was left out.</summary>
    public string? Message { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Not 0: outputs or memory hold secrets. What stands here is a copy without them; the real ones are sealed under this version.</summary>
    public int Sealed { get; init; }
}

/// <param name="State">What the action remembers between runs.</param>
internal sealed record Iteration(string? Key, bool Done, JsonObject? Output, JsonObject? State);

/// <summary>Where a task, or a step, is.</summary>
internal static class TaskPhases
{
    public const string Open = "open";
    public const string Processing = "processing";

    /// <summary>A step has asked to be run again later: it waits for somebody, or for something.</summary>
    public const string Waiting = "waiting";

    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    /// <summary>Of steps only: its condition did not hold, or one before it failed.</summary>
    public const string Skipped = "skipped";

    public static bool IsEnd(string phase) => phase is Completed or Failed or Cancelled;
}
