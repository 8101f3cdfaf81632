using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Renders a folder of the workspace into another one.</summary>
internal sealed class WorkspaceTemplate(TreeRendering rendering) : ITemplateAction
{
    public string Id => "workspace:template";

    public string Description => "Puts values into the names and contents of the files in a folder of the workspace, and places the result in another folder of it.";

    public JsonObject InputSchema => Schema.Closed(["sourcePath", "targetPath"], [("sourcePath", Schema.Text("Folder among the task's files to render.")), FetchInputs.TargetFolder, .. FetchInputs.TreeRendering]);

    public bool SupportsDryRun => true;

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        var path = run.Input.Text("sourcePath")!;
        if (!RenderWish.Of(run.Input, run.Log).TryGet(out var wish, out var wrong) || !run.Workspace.Resolve(path).TryGet(out var source, out wrong))
        {
            return wrong;
        }

        return !Directory.Exists(source) ? ActionErrors.Missing(path)
            : await rendering.RunAsync(source, run.Input.Text("targetPath"), wish, run, stop) is { } failed ? failed
            : ActionResult.Done;
    }
}
