using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Environments;

namespace Axle.Platform.Templates.Actions;

/// <summary>Makes an environment, as <c>axle env create</c> does. One that is there already is refused, unless this step made it.</summary>
internal sealed class EnvironmentCreate(ICatalog catalog, Func<IEnvironments> environments) : ITemplateAction
{
    private const string Making = "making";

    public string Id => "axle:environment:create";

    public string Description => "Makes an environment on this platform.";

    public JsonObject InputSchema => Schema.Object(
        ["name"],
        ("name", Schema.Text("Its name.")),
        ("order", Schema.Number("Place in the promotion order, from 1; 1 when not given.")),
        ("autoDeploy", Schema.Flag("Each new release of a component goes there by itself.")),
        ("production", Schema.Flag("Stricter rights, and actions ask first.")),
        ("engine", Schema.Choice("What runs the workloads; process when not given.", "process", "kubernetes")),
        ("description", Schema.Text("What it is for.")));

    public JsonObject OutputSchema => Schema.Object(
        [],
        ("name", Schema.Text("Its name.")),
        ("entityRef", Schema.Text("Its ref.")));

    public IReadOnlyList<ActionExample> Examples => [new("Makes an environment for previews.", """
        steps:
          - action: axle:environment:create
            id: environment
            name: Make the environment
            input:
              name: ${{ parameters.name }}
              order: 2
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Nobody else's is changed.
        var name = run.Input.Text("name")!;
        if (run.State.Text(Making) != name)
        {
            if (environments().InOrder().Any(there => there.Metadata.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                return TemplateErrors.EnvironmentExists(name);
            }

            await run.RememberAsync(Making, name);
        }

        // 2. In the caller's name; the catalogue knows who may.
        var spec = new JsonObject { ["order"] = run.Input["order"]?.DeepClone() ?? 1, ["autoDeploy"] = run.Input.Flag("autoDeploy"), ["production"] = run.Input.Flag("production"), ["engine"] = run.Input.Text("engine") ?? "process" };
        var metadata = new JsonObject { ["name"] = name, ["description"] = run.Input.Text("description") ?? "" };
        var entity = new JsonObject { ["apiVersion"] = Kinds.AxleApi, ["kind"] = Kinds.Environment, ["metadata"] = metadata, ["spec"] = spec };
        if (!Descriptors.Read(entity.ToJsonString(), "environment.yaml").TryGet(out var described, out var wrong)
            || !(await catalog.ApplyAsync(described, run.Caller, message: $"Created from the template {run.Origin.Template.Name}", stop: stop)).TryGet(out _, out wrong))
        {
            await run.RememberAsync(Making, null);
            return wrong;
        }

        run.Log($"The environment {name} is there");
        return new ActionResult(new JsonObject { ["name"] = name, ["entityRef"] = EntityRef.Of(Kinds.Environment, name).ToString() });
    }
}
