using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Copies a folder as it is.</summary>
internal sealed class FetchPlain(TemplateSources sources) : ITemplateAction
{
    public string Id => "fetch:plain";

    public string Description => "Fetches a folder and puts it, as it is, into the workspace or a folder of it.";

    public JsonObject InputSchema => Schema.Closed(["url"], FetchInputs.Url, FetchInputs.TargetFolder, FetchInputs.Token);

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Copies a folder of the template.", """
        steps:
          - action: fetch:plain
            id: fetch
            name: Fetch the files
            input:
              url: ./files
              targetPath: docs
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (!(await sources.FolderAsync(run, run.Input.Text("url")!, stop)).TryGet(out var tree, out var refused))
        {
            return refused;
        }

        using (tree)
        {
            return TreeCopying.Run(tree.Path, run.Input.Text("targetPath"), run, stop) is { } failed ? failed : ActionResult.Done;
        }
    }
}
