using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Asks data of the template with an expression of JSONata.</summary>
internal sealed class RoadieJsonata(Jsonata jsonata) : ITemplateAction
{
    public string Id => "roadiehq:utils:jsonata";

    public string Description => "Evaluates an expression of JSONata on data, into the step's output.";

    public JsonObject InputSchema => Schema.Closed(["expression"], ("data", Schema.Any("The data.")), JsonataInputs.Expression);

    public JsonObject OutputSchema => Schema.Object([], ("result", Schema.Any("What came of it; not there when the expression finds nothing.")));

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples =>
    [
        new("Take names out of a list", "steps:\n  - id: names\n    action: roadiehq:utils:jsonata\n    input:\n      data:\n        items:\n          - name: item1\n          - name: item2\n      expression: items.name\n"),
    ];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        var data = run.Input.TryGetPropertyValue("data", out var given) ? given?.ToJsonString() ?? "null" : null;
        return !(await jsonata.EvaluateAsync(run.Input.Text("expression")!, data, replacer: null, space: null, stop)).TryGet(out var result, out var wrong) ? wrong
            : result.Exists ? new ActionResult(new JsonObject { ["result"] = result.Value })
            : ActionResult.Done;
    }
}

/// <summary>Asks a JSON file of the workspace. The file stays as it is.</summary>
internal sealed class RoadieJsonataJson(Jsonata jsonata) : RoadieFile
{
    public override string Id => "roadiehq:utils:jsonata:json:transform";

    public override string Description => "Evaluates an expression of JSONata on a JSON file of the workspace, into the step's output.";

    public override JsonObject InputSchema => Schema.Closed(
        ["path", "expression"],
        ("path", Schema.Text("The file.")),
        JsonataInputs.Expression,
        ("replacer", Schema.Texts("Members to keep in the text.")),
        ("space", Schema.Text("What to indent the text with.")),
        JsonataInputs.As);

    public override JsonObject OutputSchema => JsonataInputs.Output;

    public override IReadOnlyList<ActionExample> Examples =>
    [
        new("Add to a list in a JSON file", "steps:\n  - id: more\n    action: roadiehq:utils:jsonata:json:transform\n    input:\n      path: input.json\n      expression: '$ ~> | $ | { \"items\": [items, \"item3\"] } |'\n"),
    ];

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        if (!(await ReadAsync(run, path, stop)).TryGet(out var text, out var unreadable))
        {
            return unreadable;
        }

        var read = JsonFormat.Read(text, run.Workspace.Relative(path));
        if (read.Error is { } wrong)
        {
            return wrong;
        }

        return (await jsonata.EvaluateAsync(run.Input.Text("expression")!, JsonataInputs.Json(read.Value), run.Input["replacer"]?.ToJsonString(), run.Input.Text("space"), stop)).TryGet(out var result, out var failed)
            ? JsonataInputs.Answer(run, result, _ => result.Text)
            : failed;
    }
}

/// <summary>Asks a YAML file of the workspace. The file stays as it is.</summary>
internal sealed class RoadieJsonataYaml(Jsonata jsonata) : RoadieFile
{
    public override string Id => "roadiehq:utils:jsonata:yaml:transform";

    public override string Description => "Evaluates an expression of JSONata on a YAML file of the workspace, into the step's output.";

    public override JsonObject InputSchema => Schema.Closed(
        ["path", "expression"],
        ("path", Schema.Text("The file.")),
        JsonataInputs.Expression,
        YamlStyle.Schema,
        ("loadAll", Schema.Flag("The file has several documents; the expression is asked of their list.")),
        JsonataInputs.As);

    public override JsonObject OutputSchema => JsonataInputs.Output;

    public override IReadOnlyList<ActionExample> Examples =>
    [
        new("Add to a list in a YAML file", "steps:\n  - id: more\n    action: roadiehq:utils:jsonata:yaml:transform\n    input:\n      path: input.yaml\n      expression: '$ ~> | $ | { \"items\": [items, \"item3\"] } |'\n"),
    ];

    protected override async Task<Result<ActionResult>> RunAsync(ActionRun run, string path, CancellationToken stop)
    {
        var name = run.Workspace.Relative(path);
        if (!(await ReadAsync(run, path, stop)).TryGet(out var text, out var unreadable))
        {
            return unreadable;
        }

        if (!YamlFormat.Read(text, name).TryGet(out var documents, out var broken))
        {
            return broken;
        }

        var all = run.Input.Flag("loadAll");
        if (documents.Count > 1 && !all)
        {
            return ActionErrors.Input($"{name} has several documents; say loadAll: true to ask for the list of them.");
        }

        var data = all ? new JsonArray([.. documents]) : documents.Count > 0 ? documents[0] : null;
        return (await jsonata.EvaluateAsync(run.Input.Text("expression")!, JsonataInputs.Json(data), replacer: null, space: null, stop)).TryGet(out var result, out var failed)
            ? JsonataInputs.Answer(run, result, value => YamlFormat.Write(value, YamlStyle.Of(run.Input)))
            : failed;
    }
}

/// <summary>What the actions have in common.</summary>
internal static class JsonataInputs
{
    public static (string, JsonObject) Expression => ("expression", Schema.Text("The expression of JSONata."));

    public static (string, JsonObject) As => ("as", Schema.Choice("A text (string, also when not given) or the data itself (object).", "string", "object"));

    public static JsonObject Output => Schema.Object([], ("result", Schema.Any("What came of it; not there when the expression finds nothing.")));

    public static string Json(JsonNode? data) => data?.ToJsonString() ?? "null";

    public static ActionResult Answer(ActionRun run, JsonataResult result, Func<JsonNode?, string?> write) =>
        !result.Exists ? ActionResult.Done
        : new ActionResult(new JsonObject { ["result"] = run.Input.Text("as") == "object" ? result.Value : write(result.Value) });
}
