using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Writes data as JSON into an output.</summary>
internal sealed class RoadieSerializeJson(JsonFormat json) : ITemplateAction
{
    public string Id => "roadiehq:utils:serialize:json";

    public string Description => "Writes data as JSON into the step's output.";

    public JsonObject InputSchema => Schema.Closed(["data"], ("data", Schema.Map("The data.")), ("replacer", Schema.Texts("Members to keep.")), ("space", Schema.Text("What to indent with.")));

    public JsonObject OutputSchema => Schema.Object([], ("serialized", Schema.Text("The text.")));

    public bool SupportsDryRun => true;

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        var data = run.Input.Texts("replacer") is { Count: > 0 } keep ? Kept(run.Input["data"], keep) : run.Input["data"];
        return Task.FromResult<Result<ActionResult>>(json.Write(data, run.Input["space"], stop).TryGet(out var text, out var tooLarge) ? new ActionResult(new JsonObject { ["serialized"] = text }) : tooLarge);
    }

    private static JsonNode? Kept(JsonNode? node, IReadOnlyList<string> keep) => node switch
    {
        JsonObject map => new JsonObject(keep.Where(map.ContainsKey).Select(name => KeyValuePair.Create(name, Kept(map[name], keep)))),
        JsonArray list => new JsonArray([.. list.Select(item => Kept(item, keep))]),
        _ => node?.DeepClone(),
    };
}

/// <summary>Writes data as YAML into an output.</summary>
internal sealed class RoadieSerializeYaml : ITemplateAction
{
    public string Id => "roadiehq:utils:serialize:yaml";

    public string Description => "Writes data as YAML into the step's output.";

    public JsonObject InputSchema => Schema.Closed(["data"], ("data", Schema.Map("The data.")), ("replacer", Schema.Texts("Means nothing, as in RoadieHQ's own.")), YamlStyle.Schema);

    public JsonObject OutputSchema => Schema.Object([], ("serialized", Schema.Text("The text.")));

    public bool SupportsDryRun => true;

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) =>
        Task.FromResult<Result<ActionResult>>(new ActionResult(new JsonObject { ["serialized"] = YamlFormat.Write(run.Input["data"], YamlStyle.Of(run.Input)) }));
}

/// <summary>Waits, as <see cref="DebugWait"/> does.</summary>
internal sealed class RoadieSleep(TimeProvider clock) : ITemplateAction
{
    public string Id => "roadiehq:utils:sleep";

    public string Description => "Waits for some seconds.";

    public JsonObject InputSchema => Schema.Closed(["amount"], ("amount", Schema.Number("Seconds to wait.")));

    public bool SupportsDryRun => true;

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) => DebugWait.UntilAsync(run, run.Input.Number("amount") ?? 0, clock);
}
