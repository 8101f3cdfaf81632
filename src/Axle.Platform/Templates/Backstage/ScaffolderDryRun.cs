using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Axle.Platform.Templates.Backstage;

/// <summary>Runs a template that comes with the request, and its files beside it; nothing is kept.</summary>
internal static class ScaffolderDryRun
{
    /// <summary>As Backstage; more than the platform takes elsewhere, for a template brings its files.</summary>
    private const long BodyMax = 10 * 1024 * 1024;

    public static async Task<IResult> Post(HttpRequest request, Caller caller, ActionTable actions, DryRun dryRun, CancellationToken stop)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = BodyMax;
        }

        // 1. What is sent?
        if (!(await ScaffolderErrors.BodyAsync(request, stop)).TryGet(out var body, out var malformed))
        {
            return malformed.ToHttp();
        }

        if (body["values"] is not JsonObject values || body["directoryContents"] is not JsonArray contents || Files(contents) is not { } files)
        {
            return ScaffolderErrors.Input("Malformed request: values must be an object, and directoryContents a list of files with path and base64Content").ToHttp();
        }

        if (!ScaffolderErrors.Secrets(body).TryGet(out var secrets, out var wrong))
        {
            return wrong.ToHttp();
        }

        if (Template(body["template"]) is not { } entity)
        {
            return ScaffolderErrors.Input("Input template is not a template").ToHttp();
        }

        if (!DefinitionReader.Read(entity, actions.All).TryGet(out var definition, out var invalid))
        {
            return invalid.ToScaffolder();
        }

        // 2. What it does.
        var origin = new TemplateOrigin(EntityRef.Of(Kinds.Template, "dry-run"), null, null);
        var ran = await dryRun.RunAsync(definition, origin, (JsonObject)values.DeepClone(), secrets, files, caller, stop);
        if (!ran.TryGet(out var answer, out var refused))
        {
            return refused.ToScaffolder();
        }

        return answer.Status.Failure is { } failure ? failure.ToError().ToScaffolder() : TypedResults.Ok(new JsonObject
        {
            ["log"] = new JsonArray([.. answer.Log.Where(one => one.Type == TaskEventTypes.Log).Select(one => new JsonObject { ["body"] = one.Body.DeepClone() })]),
            ["directoryContents"] = new JsonArray([.. answer.Files.Select(file => new JsonObject { ["path"] = file.Path, ["executable"] = file.Executable, ["base64Content"] = file.Base64Content })]),
            ["output"] = answer.Status.Output?.DeepClone() ?? new JsonObject(),
            ["steps"] = new JsonArray([.. definition.Steps.Select(step => step.Written.DeepClone())]),
        });
    }

    private static Entity? Template(JsonNode? node)
    {
        try
        {
            return node is JsonObject ? node.Deserialize<Entity>(EntityJson.Options) is { Metadata: not null, Kind: Kinds.Template } entity ? entity : null : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<DryRunFile>? Files(JsonArray contents)
    {
        var files = new List<DryRunFile>();
        foreach (var file in contents)
        {
            if (file is not JsonObject one || one["path"] is not JsonValue path || !path.TryGetValue<string>(out var name) || one["base64Content"] is not JsonValue content || !content.TryGetValue<string>(out var text))
            {
                return null;
            }

            files.Add(new DryRunFile(name, one["executable"] is JsonValue flag && flag.TryGetValue<bool>(out var executable) && executable, text));
        }

        return files;
    }
}
