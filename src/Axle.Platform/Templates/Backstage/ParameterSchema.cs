using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>A template's form, as Backstage's frontend asks for it.</summary>
internal static class ParameterSchema
{
    private const string UntitledPage = "Please enter the following information";

    public static IResult Get(string @namespace, string kind, string name, TemplateShelf shelf)
    {
        if (!kind.Equals(Kinds.Template, StringComparison.OrdinalIgnoreCase))
        {
            return ScaffolderErrors.Input("Invalid kind, only 'Template' kind is supported").ToHttp();
        }

        return shelf.Find(EntityRef.Of(kind, name, @namespace)).ToHttp(found => TypedResults.Ok(Of(found)));
    }

    private static JsonObject Of(ReadyTemplate template)
    {
        var definition = template.Definition;
        var answer = new JsonObject { ["title"] = definition.Title };
        Add(answer, "presentation", definition.Presentation);
        Add(answer, "description", definition.Entity.Metadata.Description is { } text ? JsonValue.Create(text) : null);
        answer["steps"] = new JsonArray([.. definition.Pages.Select(Page)]);
        Add(answer, "formDecorators", definition.FormDecorators);
        return answer;
    }

    private static JsonObject Page(JsonObject schema)
    {
        var page = new JsonObject { ["title"] = schema["title"]?.DeepClone() ?? UntitledPage };
        Add(page, "description", schema["description"]);
        page["schema"] = schema.DeepClone();
        return page;
    }

    private static void Add(JsonObject to, string name, JsonNode? value)
    {
        if (value is not null)
        {
            to[name] = value.DeepClone();
        }
    }
}
