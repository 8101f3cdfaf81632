using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Renders a folder into the workspace.</summary>
internal sealed class FetchTemplate(TemplateSources sources, TreeRendering rendering) : ITemplateAction
{
    public string Id => "fetch:template";

    public string Description => "Fetches a skeleton, puts values into the names and contents of its files, and places the result in the workspace or a folder of it.";

    public JsonObject InputSchema => Schema.Closed(["url"], [FetchInputs.Url, FetchInputs.TargetFolder, FetchInputs.Token, .. FetchInputs.TreeRendering]);

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Renders the skeleton of the template.", """
        steps:
          - action: fetch:template
            id: fetch
            name: Write the files
            input:
              url: ./skeleton
              values:
                name: ${{ parameters.name }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (!RenderWish.Of(run.Input, run.Log).TryGet(out var wish, out var wrong))
        {
            return wrong;
        }

        if (!(await sources.FolderAsync(run, run.Input.Text("url")!, stop)).TryGet(out var tree, out var refused))
        {
            return refused;
        }

        using (tree)
        {
            return await rendering.RunAsync(tree.Path, run.Input.Text("targetPath"), wish, run, stop) is { } failed ? failed : ActionResult.Done;
        }
    }
}
