using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Registers what a descriptor file describes: one of this platform's own repositories by applying it, in the caller's
/// name, and again with each push; any other by its address, which the platform reads again from then on.
/// </summary>
internal sealed class CatalogRegister(IRepositoryDescriptors descriptors, ILocations locations, PlatformOptions platform) : ITemplateAction
{
    private const string DefaultPath = "/catalog-info.yaml";

    public string Id => "catalog:register";

    /// <summary>Backstage declares no outputs, and a dry run shows examples of what is declared, so they are said here.</summary>
    public string Description => "Registers the entities that a descriptor file describes in the catalogue. Outputs: entityRef (the component, or the first entity) and catalogInfoUrl.";

    public JsonObject InputSchema => Schema.Object(
        [],
        ("catalogInfoUrl", Schema.Text("Absolute address of the descriptor file.")),
        ("repoContentsUrl", Schema.Text("Absolute address of the repository's files, as publishing steps give it.")),
        ("repository", Schema.Text("The same, under its older name.")),
        ("catalogInfoPath", Schema.Text("Path of the descriptor file in the repository; /catalog-info.yaml when not given.")),
        ("optional", Schema.Flag("The file may be missing.")));

    public IReadOnlyList<ActionExample> Examples => [new("Registers what was published.", """
        steps:
          - action: catalog:register
            id: register
            name: Register it in the catalogue
            input:
              repoContentsUrl: ${{ steps.publish.output.repoContentsUrl }}
              catalogInfoPath: /catalog-info.yaml
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Which file?
        if (!FileOf(run.Input).TryGet(out var file, out var wrong))
        {
            return wrong;
        }

        // 2. Ours, or a location elsewhere.
        run.Log($"Registering {file} in the catalogue");
        var own = OwnRepository.Parse(file, platform.PublicUrl);
        var registered = own is not null
            ? await descriptors.RegisterAsync(own.Name, own.Revision, own.Path, run.Origin.Template, run.Caller, stop)
            : await LocationAsync(file.ToString(), run.Caller, stop);
        if (!registered.TryGet(out var entities, out var refused))
        {
            if (!run.Input.Flag("optional"))
            {
                return refused;
            }

            run.Log($"Nothing was registered: {refused.Message}");
            entities = [];
        }

        var output = new JsonObject { ["catalogInfoUrl"] = file.ToString() };
        if ((entities.FirstOrDefault(entity => entity.Kind == Kinds.Component) ?? entities.FirstOrDefault(entity => !entity.Metadata.Name.StartsWith("generated-", StringComparison.Ordinal)) ?? (entities is [var first, ..] ? first : null)) is { } main)
        {
            output["entityRef"] = main.Ref.ToString();
        }

        return new ActionResult(output);
    }

    private async Task<Result<IReadOnlyList<Entity>>> LocationAsync(string target, Caller caller, CancellationToken stop) =>
        await locations.RegisterAsync(target, caller, stop) is { } refused ? refused : await locations.LookAsync(target, caller, stop);

    private Result<Uri> FileOf(JsonObject input)
    {
        if (input.Text("catalogInfoUrl") is { } given)
        {
            return Uri.TryCreate(given, UriKind.Absolute, out var file) && file.Scheme is "http" or "https" ? file : ActionErrors.Source(given, "it is no http or https address");
        }

        if ((input.Text("repoContentsUrl") ?? input.Text("repository")) is not { } contents)
        {
            return ActionErrors.Input("The step says neither catalogInfoUrl nor repoContentsUrl.");
        }

        if (!Uri.TryCreate(contents, UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
        {
            return ActionErrors.Source(contents, "it is no http or https address");
        }

        var path = input.Text("catalogInfoPath") ?? DefaultPath;
        if (OwnRepository.Parse(root, platform.PublicUrl) is { } own)
        {
            // The address of a repository's files names a folder, also without a slash at its end.
            return RepositoryPath.Join(own.Path.Length == 0 ? "" : own.Path.TrimEnd('/') + "/", path) is { } inside
                ? new Uri(OwnRepository.FileUrl(platform.PublicUrl, own.Name, own.Revision ?? OwnRepository.DefaultRevision, inside))
                : ActionErrors.Source(path, "it leads outside of the repository");
        }

        return RemotePage.FileIn(root, path);
    }
}
