using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Templates.Actions;

/// <summary>One run of an action: what it is given, and where it may write.</summary>
internal sealed record ActionRun
{
    public required string TaskId { get; init; }

    public required string StepId { get; init; }

    /// <summary>Rendered, and checked against the action's schema.</summary>
    public required JsonObject Input { get; init; }

    /// <summary>The task's own files; nothing else of the machine can be reached by a path.</summary>
    public required Workspace Workspace { get; init; }

    /// <summary>Lines for the task's log. Secrets of the task are replaced before they are written.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>For whom it runs: with their rights, never with more.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The template, and what relative addresses in it are relative to.</summary>
    public required TemplateOrigin Origin { get; init; }

    /// <summary>The answers as the task was given them; for what a component remembers of its template.</summary>
    public required JsonObject Parameters { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>What an earlier run of this step remembered; empty at first.</summary>
    public required JsonObject State { get; init; }

    /// <summary>Keeps <see cref="State"/> with this member for the next run of this step; durable when it returns. Call it before an effect that must not happen twice.</summary>
    public required Func<string, JsonNode?, Task> RememberAsync { get; init; }
}

/// <summary>Where a template comes from.</summary>
/// <param name="Template">Its ref.</param>
/// <param name="Folder">The folder of a template that ships with the platform; null for others.</param>
/// <param name="Address">The address of the file that describes it; null for those with a folder, or applied by hand.</param>
/// <param name="Version">What stands for its content: a commit where it is known, else a digest. Null when nothing is known.</param>
internal sealed record TemplateOrigin(EntityRef Template, string? Folder, Uri? Address, string? Version = null);
