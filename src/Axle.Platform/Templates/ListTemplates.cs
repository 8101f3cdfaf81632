using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates;

/// <summary>What can be run, and what a template says.</summary>
internal static class ListTemplates
{
    private const string Shipped = "shipped";

    public static IResult Endpoint(TemplateShelf shelf) => TypedResults.Ok(shelf.All().Select(View).ToList());

    public static IResult One(string name, string? @namespace, TemplateShelf shelf) =>
        shelf.Find(EntityRef.Of(Kinds.Template, name, @namespace)).ToHttp(found => TypedResults.Ok(Detail(found)));

    public static IResult Actions(ActionTable actions) =>
        TypedResults.Ok(actions.All.Values.OrderBy(action => action.Id, StringComparer.Ordinal)
            .Select(action => new TemplateActionView(action.Id, action.Description, action.SupportsDryRun, Element(action.InputSchema), Element(action.OutputSchema)))
            .ToList());

    /// <summary>Checks a template that is nowhere yet.</summary>
    public static async Task<IResult> Check(HttpRequest request, string? file, ActionTable actions, CancellationToken stop)
    {
        using var reader = new StreamReader(request.Body);
        var read = TemplateText.Read(await reader.ReadToEndAsync(stop), file, actions.All);
        return read.TryGet(out var definition, out var error)
            ? TypedResults.Ok(new TemplateCheck(definition.Entity.Metadata.Name, definition.Steps.Count, []))
            : error.Problems.Count > 0 ? TypedResults.Ok(new TemplateCheck(file ?? "", 0, error.Problems)) : error.ToHttp();
    }

    /// <summary>For lists: a name with its namespace where it has one.</summary>
    internal static TemplateView View(ReadyTemplate template) => new(
        template.Definition.Ref.Short["template:".Length..],
        template.Definition.Title,
        template.Definition.Entity.Metadata.Description,
        template.Definition.Type,
        template.Definition.Entity.Spec.TryGetProperty("parameters", out var parameters) ? parameters : JsonElement.Parse("{}"));

    private static TemplateDetail Detail(ReadyTemplate template)
    {
        var definition = template.Definition;
        return new TemplateDetail(
            definition.Entity.Metadata.Name,
            definition.Entity.Metadata.Namespace,
            definition.Title,
            definition.Entity.Metadata.Description,
            definition.Type,
            definition.Entity.Spec.TryGetProperty("owner", out var owner) ? owner.GetString() : null,
            template.Origin.Folder is not null ? Shipped : template.Origin.Address?.ToString(),
            JsonSerializer.SerializeToElement(definition.Pages),
            [.. definition.Steps.Select(step => Element(step.Written))],
            Element(definition.Output),
            definition.SecretsSchema is null ? null : Element(definition.SecretsSchema));
    }

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);
}
