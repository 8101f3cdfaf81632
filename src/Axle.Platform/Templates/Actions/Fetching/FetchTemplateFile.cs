using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Renders one file into the workspace.</summary>
internal sealed class FetchTemplateFile(TemplateSources sources, TreeRendering rendering) : ITemplateAction
{
    public string Id => "fetch:template:file";

    public string Description => "Fetches one file, puts values into it, and places it in the workspace.";

    public JsonObject InputSchema => Schema.Closed(["url", "targetPath"], [FetchInputs.Url, FetchInputs.TargetFile, FetchInputs.Token, .. FetchInputs.Rendering]);

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Renders one file of the template.", """
        steps:
          - action: fetch:template:file
            id: fetch
            name: Write the description
            input:
              url: ./catalog-info.yaml
              targetPath: catalog-info.yaml
              values:
                name: ${{ parameters.name }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        var (url, target) = (run.Input.Text("url")!, run.Input.Text("targetPath")!);
        if (!RenderWish.Of(run.Input, run.Log).TryGet(out var wish, out var wrong) || !TreeRendering.Stays(target, run).TryGet(out var stays, out wrong))
        {
            return wrong;
        }

        if (stays)
        {
            return ActionResult.Done;
        }

        if (!(await sources.FileAsync(run, url, stop)).TryGet(out var file, out var refused))
        {
            return refused;
        }

        using (file)
        {
            return await rendering.FileAsync(file.Path, url, target, wish, run, stop) is { } failed ? failed : ActionResult.Done;
        }
    }
}
