using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Renders one file of the workspace into another one.</summary>
internal sealed class WorkspaceTemplateFile(TreeRendering rendering) : ITemplateAction
{
    public string Id => "workspace:template:file";

    public string Description => "Puts values into a file of the workspace, and places the result elsewhere in it.";

    public JsonObject InputSchema => Schema.Closed(["sourcePath", "targetPath"], [("sourcePath", Schema.Text("File among the task's files to render.")), FetchInputs.TargetFile, .. FetchInputs.Rendering]);

    public bool SupportsDryRun => true;

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        var (path, target) = (run.Input.Text("sourcePath")!, run.Input.Text("targetPath")!);
        if (!RenderWish.Of(run.Input, run.Log).TryGet(out var wish, out var wrong)
            || !TreeRendering.Stays(target, run).TryGet(out var stays, out wrong)
            || !run.Workspace.Resolve(path).TryGet(out var source, out wrong))
        {
            return wrong;
        }

        return stays ? ActionResult.Done
            : !File.Exists(source) ? ActionErrors.Missing(path)
            : await rendering.FileAsync(source, path, target, wish, run, stop) is { } failed ? failed
            : ActionResult.Done;
    }
}
