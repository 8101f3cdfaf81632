using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Templates.Schema;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>Refusals as Backstage's scaffolder words them.</summary>
internal static class ScaffolderErrors
{
    public static Error Input(string message) => new("templates.scaffolder_input", message, null, StatusCodes.Status400BadRequest);

    /// <summary>Answers that do not fit are a list of places there, and no error with a name.</summary>
    public static IResult ToScaffolder(this Error error) => error is AnswersRefused refused
        ? TypedResults.Json(new JsonObject { ["errors"] = new JsonArray([.. refused.Wrong.Select(Of)]) }, statusCode: StatusCodes.Status400BadRequest)
        : (error.Status == StatusCodes.Status422UnprocessableEntity ? error with { Status = StatusCodes.Status400BadRequest } : error).ToHttp();

    public static async Task<Result<JsonObject>> BodyAsync(HttpRequest request, CancellationToken stop)
    {
        if (!request.HasJsonContentType())
        {
            return Input("Malformed request: send application/json");
        }

        try
        {
            return JsonText.Of(await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, JsonSerializerOptions.Web, stop)) is JsonObject body ? body : Input("Malformed request: Expected an object");
        }
        catch (JsonException e)
        {
            return Input($"Malformed request: {e.Message}");
        }
    }

    /// <summary>The secrets of a body: texts by name.</summary>
    public static Result<JsonObject> Secrets(JsonObject body)
    {
        switch (body["secrets"])
        {
            case null:
                return new JsonObject();
            case JsonObject secrets when secrets.All(one => one.Value?.GetValueKind() == JsonValueKind.String):
                return (JsonObject)secrets.DeepClone();
            default:
                return Input("Malformed request: secrets must be an object of texts");
        }
    }

    private static JsonObject Of(SchemaProblem problem)
    {
        var property = string.Concat(problem.Path.Select(part => uint.TryParse(part, out _) ? $"[{part}]" : $".{part}"));
        var message = problem.Keyword == SchemaKeywords.Required && problem.Argument is not null ? $"requires property {problem.Argument.ToJsonString()}" : problem.Message;
        return new JsonObject
        {
            ["path"] = new JsonArray([.. problem.Path.Select(part => JsonValue.Create(part))]),
            ["property"] = problem.Path is ["secrets", ..] ? property[1..] : $"instance{property}",
            ["message"] = problem.Path is ["secrets", ..] && problem.Keyword == SchemaKeywords.Required ? $"secrets.{problem.Argument?.GetValue<string>()} is required" : message,
            ["name"] = problem.Keyword,
            ["argument"] = problem.Argument?.DeepClone(),
            ["stack"] = $"instance{property} {message}",
        };
    }
}
