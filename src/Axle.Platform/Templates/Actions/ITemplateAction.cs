using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// One thing that a step of a template can do, by the id that templates call it by, for instance <c>fetch:template</c>. A run may
/// be ended at any point and begun again with the same input: an action finds what it did before and goes on from there.
/// </summary>
internal interface ITemplateAction
{
    string Id { get; }

    /// <summary>One sentence for the list of actions.</summary>
    string Description { get; }

    /// <summary>JSON Schema draft-07 of the input, an object.</summary>
    JsonObject InputSchema { get; }

    /// <summary>JSON Schema draft-07 of the output, an object.</summary>
    JsonObject OutputSchema => new() { ["type"] = "object" };

    /// <summary>Changes nothing outside of the workspace when <see cref="ActionRun.IsDryRun"/>; others are left out of a dry run, with a line that says so.</summary>
    bool SupportsDryRun => false;

    IReadOnlyList<ActionExample> Examples => [];

    /// <summary>Why a step with this input cannot succeed here, so that it is said before anything runs; null when it may.</summary>
    /// <param name="input">Rendered as far as the answers tell; what depends on other steps is as the template has it. Secrets are marks.</param>
    Error? Refuse(JsonObject input) => null;

    /// <summary>Does it. A refusal ends the task; its sentence is what the person reads.</summary>
    Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop);
}

/// <param name="Example">YAML of <c>steps</c>, as Backstage lists it.</param>
internal sealed record ActionExample(string Description, string Example);

/// <summary>What came of a run: outputs, or the wish to be asked again later.</summary>
/// <param name="LookAgain">Not done: run again after this time, or earlier when somebody wakes the task; null when done.</param>
/// <param name="Waiting">Why it waits, in a sentence.</param>
internal sealed record ActionResult(JsonObject Output, TimeSpan? LookAgain = null, string? Waiting = null)
{
    public static ActionResult Done { get; } = new(new JsonObject());
}
