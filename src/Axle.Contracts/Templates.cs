using System.Text.Json;

namespace Axle.Contracts;

/// <summary>A template with all that it says.</summary>
/// <param name="Steps">As written, with ids and names filled in.</param>
/// <param name="Origin">Where it comes from: <c>shipped</c>, an address, or null for one that was applied by hand.</param>
public sealed record TemplateDetail(
    string Name,
    string Namespace,
    string Title,
    string? Description,
    string Type,
    string? Owner,
    string? Origin,
    JsonElement Parameters,
    IReadOnlyList<JsonElement> Steps,
    JsonElement Output,
    JsonElement? Secrets);

/// <summary>What a check of a template's file found; nothing when it can be used.</summary>
public sealed record TemplateCheck(string Template, int Steps, IReadOnlyList<Problem> Problems);

/// <summary>Something that a step can do.</summary>
/// <param name="Input">JSON Schema.</param>
/// <param name="Output">JSON Schema.</param>
public sealed record TemplateActionView(string Id, string Description, bool DryRun, JsonElement Input, JsonElement Output);

/// <summary>Asks to run a template.</summary>
/// <param name="Template">A name, or a ref.</param>
/// <param name="Values">Answers, typed.</param>
/// <param name="Texts">Answers as text; they become what the template's questions ask for.</param>
/// <param name="Secrets">Sealed until the task ends; in no log.</param>
public sealed record TemplateRequest(string Template, JsonElement? Values = null, IReadOnlyDictionary<string, string>? Texts = null, IReadOnlyDictionary<string, string>? Secrets = null);

/// <summary>A run of a template.</summary>
/// <param name="Phase"><c>open</c>, <c>processing</c>, <c>waiting</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Message">Why it waits or failed, in a sentence.</param>
public sealed record TaskView(
    string Id,
    EntityRef Template,
    string Title,
    string Phase,
    EntityRef CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? Message,
    string? Next,
    IReadOnlyList<TaskStepView> Steps,
    JsonElement Parameters,
    JsonElement? Output)
{
    /// <summary>It failed or was cancelled, and its files are still there.</summary>
    public bool CanRetry { get; init; }

    /// <summary>Somebody is asked; see <see cref="ApprovalView"/>.</summary>
    public ApprovalView? Approval { get; init; }

    /// <summary>It did not succeed, and something that it made is there.</summary>
    public LeftView? Left { get; init; }
}

/// <summary>What a task left that did not succeed.</summary>
/// <param name="Repositories">Of this platform; those that somebody uses are not among them.</param>
/// <param name="Until">When they go, unless somebody pushes to them or goes on with the task.</param>
public sealed record LeftView(IReadOnlyList<string> Repositories, DateTimeOffset Until);

public sealed record TaskStepView(string Id, string Name, string Action, string Phase, string? Message, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, JsonElement? Output);

/// <summary>What a task waits for.</summary>
public sealed record ApprovalView(string Step, IReadOnlyList<EntityRef> Approvers, string? Message);

public sealed record TaskPage(IReadOnlyList<TaskView> Items, int Total);

/// <summary>One line of a task's log.</summary>
/// <param name="Type"><c>log</c>, <c>completion</c>, <c>cancelled</c> or <c>recovered</c>.</param>
/// <param name="Status">What became of the step, where the line says so.</param>
public sealed record TaskLine(long Id, DateTimeOffset At, string Type, string? Step, string? Status, string Message);

/// <summary>Asks to go on with a task; secrets have to be given again.</summary>
public sealed record RetryTaskRequest(IReadOnlyDictionary<string, string>? Secrets = null);

public sealed record DecisionRequest(string? Message = null);

/// <summary>What a run would have done.</summary>
/// <param name="Failure">Why it would fail; null when it would not.</param>
public sealed record DryRunAnswer(IReadOnlyList<TaskLine> Log, IReadOnlyList<DryRunFile> Files, JsonElement? Output, string? Failure, string? Next);

/// <param name="Base64Content">Of the file.</param>
public sealed record DryRunFile(string Path, bool Executable, string Base64Content);
