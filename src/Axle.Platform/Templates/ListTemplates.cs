using System.Text.Json;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates;

/// <summary>What can be created, with the questions of each.</summary>
internal static class ListTemplates
{
    public static IResult Endpoint(TemplateLibrary templates) => TypedResults.Ok(templates.Templates().Select(View).ToList());

    internal static TemplateView View(ShippedTemplate template) => new(
        template.Name,
        template.Entity.Metadata.Title ?? template.Name,
        template.Entity.Metadata.Description,
        template.Entity.Spec.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null,
        template.Parameters);
}
