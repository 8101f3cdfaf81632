using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Writes a descriptor file into the workspace.</summary>
internal sealed class CatalogWrite : ITemplateAction
{
    private const string DefaultPath = "catalog-info.yaml";

    public string Id => "catalog:write";

    public string Description => "Writes a catalog-info.yaml into the workspace.";

    public JsonObject InputSchema => Schema.Closed(["entity"], ("filePath", Schema.Text("The file; catalog-info.yaml when not given.")), ("entity", Schema.Map("What it says.")));

    public bool SupportsDryRun => true;

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (!run.Workspace.Resolve(run.Input.Text("filePath") ?? DefaultPath).TryGet(out var path, out var outside))
        {
            return outside;
        }

        var entity = (JsonObject)run.Input["entity"]!.DeepClone();
        var metadata = entity["metadata"] as JsonObject ?? [];
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations[Annotations.SourceTemplate] = run.Origin.Template.ToString();
        metadata["annotations"] = annotations.Parent is null ? annotations : annotations.DeepClone();
        entity["metadata"] = metadata.Parent is null ? metadata : metadata.DeepClone();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(YamlFormat.Write(entity)), stop);
        run.Log($"Wrote {run.Workspace.Relative(path)}");
        return ActionResult.Done;
    }
}
