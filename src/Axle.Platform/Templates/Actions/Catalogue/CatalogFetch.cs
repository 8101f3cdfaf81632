using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Templates.Actions;

/// <summary>Gives entities of the catalogue to later steps.</summary>
internal sealed class CatalogFetch(IEntityStore entities) : ITemplateAction
{
    public string Id => "catalog:fetch";

    public string Description => "Reads one or several entities from the catalogue.";

    public JsonObject InputSchema => Schema.Closed(
        [],
        ("entityRef", Schema.Text("The entity.")),
        ("entityRefs", Schema.Texts("Several.")),
        ("optional", Schema.Flag("They may be missing.")),
        ("defaultKind", Schema.Text("The kind of refs that have none.")),
        ("defaultNamespace", Schema.Text("The namespace of refs that have none.")));

    public JsonObject OutputSchema => Schema.Object([], ("entity", Schema.Any("The entity, or null.")), ("entities", Schema.List("The entities, in the order of the refs.", [])));

    public bool SupportsDryRun => true;

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) => Task.FromResult(Run(run));

    private Result<ActionResult> Run(ActionRun run)
    {
        if (run.Caller.Refuse(Verb.Read) is { } mayNot)
        {
            return mayNot;
        }

        var output = new JsonObject();
        if (run.Input.Text("entityRef") is { Length: > 0 } one)
        {
            if (!Find(one, run.Input).TryGet(out var found, out var missing) && missing is not null)
            {
                return missing;
            }

            output["entity"] = found;
        }

        if (run.Input.Texts("entityRefs") is { } several)
        {
            var list = new JsonArray();
            foreach (var text in several)
            {
                if (!Find(text, run.Input).TryGet(out var found, out var missing) && missing is not null)
                {
                    return missing;
                }

                list.Add(found);
            }

            output["entities"] = list;
        }

        return output.Count > 0 || run.Input.Flag("optional") ? new ActionResult(output) : ActionErrors.Input("The step says neither entityRef nor entityRefs.");
    }

    private Result<JsonNode?> Find(string text, JsonObject input)
    {
        var kind = input.Text("defaultKind");
        if (!EntityRef.TryParse(text, kind, input.Text("defaultNamespace") ?? EntityRef.DefaultNamespace, out var which))
        {
            return ActionErrors.Input($"'{text}' is no entity reference of the form [kind:][namespace/]name.");
        }

        return entities.Find(which) is { } entity ? Result<JsonNode?>.Of(JsonSerializer.SerializeToNode(entity, EntityJson.Options))
            : input.Flag("optional") ? Result<JsonNode?>.Of(null)
            : new Error("templates.entity_unknown", $"There is no {which.Short} in the catalogue.", "Correct the reference, or say optional: true in the step.", 422);
    }
}
