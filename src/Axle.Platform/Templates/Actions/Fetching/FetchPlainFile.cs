using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Copies a file as it is.</summary>
internal sealed class FetchPlainFile(TemplateSources sources) : ITemplateAction
{
    public string Id => "fetch:plain:file";

    public string Description => "Fetches one file and puts it, as it is, into the workspace.";

    public JsonObject InputSchema => Schema.Closed(["url", "targetPath"], FetchInputs.Url, FetchInputs.TargetFile, FetchInputs.Token);

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Copies one file of the template.", """
        steps:
          - action: fetch:plain:file
            id: fetch
            name: Fetch the licence
            input:
              url: ./LICENSE
              targetPath: LICENSE
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (!run.Workspace.Resolve(run.Input.Text("targetPath")).TryGet(out var target, out var outside))
        {
            return outside;
        }

        if (!(await sources.FileAsync(run, run.Input.Text("url")!, stop)).TryGet(out var file, out var refused))
        {
            return refused;
        }

        using (file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file.Path, target, overwrite: true);
            return ActionResult.Done;
        }
    }
}
