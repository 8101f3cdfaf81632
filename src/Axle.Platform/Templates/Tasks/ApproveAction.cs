using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Templates.Actions;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Lets a task wait until somebody who may has said yes or no; for days, and over restarts.</summary>
internal sealed class ApproveAction(IEntityStore entities) : ITemplateAction
{
    public const string ActionId = "axle:approve";

    /// <summary>The member of the step's state that says who is asked, and what.</summary>
    public const string Asked = "approval";

    // Somebody's word wakes the task at once; this is only for words that were lost.
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromHours(1);

    public string Id => ActionId;

    public string Description => "Waits until one of the approvers approves; a rejection ends the task.";

    public JsonObject InputSchema { get; } = (JsonObject)JsonNode.Parse("""
        {
          "type": "object",
          "required": ["approvers"],
          "additionalProperties": false,
          "properties": {
            "approvers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "title": "Approvers", "description": "Groups and users who may approve; a bare name is a group"},
            "message": {"type": "string", "title": "Message", "description": "What they are asked"},
            "selfApproval": {"type": "boolean", "title": "Self-approval", "description": "Whether whoever began the task may approve it; false when it is not said"}
          }
        }
        """)!;

    public JsonObject OutputSchema { get; } = (JsonObject)JsonNode.Parse("""
        {"type": "object", "properties": {"approvedBy": {"type": "string"}, "approvedAt": {"type": "string"}, "message": {"type": "string"}}}
        """)!;

    public IReadOnlyList<ActionExample> Examples { get; } =
    [
        new("Ask the platform team before anything is made", """
            steps:
              - id: approval
                name: Ask the platform team
                action: axle:approve
                input:
                  approvers: [group:default/platform]
                  message: A database of 500 GB for ${{ parameters.name }}
            """),
    ];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Who is asked? It is remembered, so that the verb knows whom to let.
        var approvers = new List<EntityRef>();
        foreach (var text in ((JsonArray)run.Input["approvers"]!).Select(one => one!.GetValue<string>()))
        {
            if (!EntityRef.TryParse(text, Kinds.Group, EntityRef.DefaultNamespace, out var approver) || approver.Kind is not ("group" or "user") || entities.Find(approver) is null)
            {
                return TemplateErrors.ApproverUnknown(text);
            }

            approvers.Add(approver);
        }

        var message = run.Input["message"]?.GetValue<string>();
        if (run.State[Asked] is null)
        {
            await run.RememberAsync(Asked, new JsonObject
            {
                ["approvers"] = new JsonArray([.. approvers.Select(approver => JsonValue.Create(approver.ToString()))]),
                ["message"] = message,
                ["selfApproval"] = run.Input["selfApproval"]?.GetValue<bool>() ?? false,
            });
        }

        // 2. Has somebody said something?
        var task = entities.Find(TaskKinds.Task, TaskKinds.Ref(run.TaskId));
        var index = task?.Status.Steps.ToList().FindIndex(step => step.Phase is TaskPhases.Processing or TaskPhases.Waiting) ?? -1;
        var decision = task?.Spec.Decisions.LastOrDefault(one => one.Step == index && one.Attempt == task.Spec.Attempt);
        if (decision is null)
        {
            var who = string.Join(" or ", approvers.Select(approver => approver.Short));
            return new ActionResult([], s_lookAgain, $"Waits for {who} to approve{(message is null ? "" : $": {message}")}. axle task approve {run.TaskId}");
        }

        if (!decision.Approved)
        {
            return TemplateErrors.Rejected(decision);
        }

        run.Log($"Approved by {decision.By.Short}{(decision.Message is null ? "" : $": {decision.Message}")}");
        return new ActionResult(new JsonObject { ["approvedBy"] = decision.By.ToString(), ["approvedAt"] = decision.At.ToString("O"), ["message"] = decision.Message });
    }
}
