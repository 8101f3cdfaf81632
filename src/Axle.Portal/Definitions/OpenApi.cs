using System.Text.Json;

namespace Axle.Portal.Definitions;

/// <summary>Reads OpenAPI 2 (Swagger) and 3.x.</summary>
internal static class OpenApi
{
    private const int OperationsMax = 300;
    private const int ParametersMax = 100;
    private const int ResponsesMax = 40;
    private const int BodiesMax = 8;
    private const int SchemasMax = 300;
    private const int ServersMax = 10;
    private const string Untagged = "Operations";

    private static readonly string[] s_verbs = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    public static bool Is(JsonElement document) => document.TextAt("openapi") is not null || document.TextAt("swagger") is not null;

    public static ApiDocument Read(JsonElement document)
    {
        var schemas = new SchemaReader(document);
        var info = document.At("info") ?? default;
        var (groups, order, count) = (new Dictionary<string, List<ApiOperation>>(StringComparer.Ordinal), new List<string>(), 0);
        var about = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var tag in document.ListAt("tags"))
        {
            if (tag.TextAt("name") is { } name && about.TryAdd(name, SchemaReader.About(tag)))
            {
                order.Add(name);
            }
        }

        foreach (var path in document.MapAt("paths"))
        {
            var item = schemas.Follow(path.Value);
            foreach (var verb in s_verbs)
            {
                if (item.At(verb) is not { ValueKind: JsonValueKind.Object } operation || ++count > OperationsMax)
                {
                    continue;
                }

                var tag = operation.ListAt("tags").Select(Json.Text).OfType<string>().FirstOrDefault() ?? Untagged;
                if (!groups.TryGetValue(tag, out var group))
                {
                    groups[tag] = group = [];
                    if (!order.Contains(tag))
                    {
                        order.Add(tag);
                    }
                }

                group.Add(Operation(verb, path.Name, item, operation, document, schemas));
            }
        }

        return new ApiDocument(
            $"OpenAPI {document.TextAt("openapi") ?? document.TextAt("swagger")}",
            info.TextAt("title"),
            info.TextAt("version"),
            SchemaReader.About(info),
            [.. Servers(document)],
            [.. order.Where(groups.ContainsKey).Select(tag => new ApiGroup(tag, about.GetValueOrDefault(tag), groups[tag]))],
            [.. Schemas(document).Take(SchemasMax).Select(one => (one.Name, schemas.Read(one.Value)))],
            Math.Max(0, count - OperationsMax))
        {
            Unresolved = schemas.Unresolved,
        };
    }

    private static ApiOperation Operation(string verb, string path, JsonElement item, JsonElement operation, JsonElement document, SchemaReader schemas)
    {
        // A parameter of the operation takes the place of the path's of the same name.
        var all = item.ListAt("parameters").Concat(operation.ListAt("parameters")).Take(ParametersMax).Select(schemas.Follow)
            .Where(one => one.ValueKind == JsonValueKind.Object)
            .GroupBy(one => (one.TextAt("in"), one.TextAt("name")))
            .Select(group => group.Last())
            .ToList();
        var bodies = new List<ApiBody>();
        if (operation.At("requestBody") is { } request && schemas.Follow(request) is var body)
        {
            bodies.AddRange(Bodies(body, schemas));
        }

        // In OpenAPI 2 the body is one of the parameters.
        bodies.AddRange(all.Where(one => one.TextAt("in") == "body").Select(one => new ApiBody(Consumes(operation, document), SchemaReader.About(one), schemas.Read(one.At("schema")))));
        return new ApiOperation(
            verb.ToUpperInvariant(),
            path,
            operation.TextAt("summary"),
            SchemaReader.About(operation),
            operation.IsTrueAt("deprecated"),
            [.. all.Where(one => one.TextAt("in") != "body").Select(one => new ApiParameter(one.TextAt("name") ?? "", one.TextAt("in") ?? "", one.IsTrueAt("required"), SchemaReader.About(one), schemas.Read(one.At("schema") ?? one)))],
            bodies,
            [.. operation.MapAt("responses").Take(ResponsesMax).Select(one => Response(one.Name, schemas.Follow(one.Value), operation, document, schemas))]);
    }

    private static ApiResponse Response(string code, JsonElement response, JsonElement operation, JsonElement document, SchemaReader schemas) => new(
        code,
        SchemaReader.About(response),
        response.At("schema") is { } schema ? [new ApiBody(Produces(operation, document), null, schemas.Read(schema))] : [.. Bodies(response, schemas)]);

    private static IEnumerable<ApiBody> Bodies(JsonElement holder, SchemaReader schemas) =>
        holder.MapAt("content").Take(BodiesMax).Select(one => new ApiBody(one.Name, SchemaReader.About(holder), schemas.Read(one.Value.At("schema"))));

    private static string Consumes(JsonElement operation, JsonElement document) => First(operation, document, "consumes");

    private static string Produces(JsonElement operation, JsonElement document) => First(operation, document, "produces");

    private static string First(JsonElement operation, JsonElement document, string name) =>
        operation.ListAt(name).Concat(document.ListAt(name)).Select(Json.Text).OfType<string>().FirstOrDefault() ?? "application/json";

    private static IEnumerable<JsonProperty> Schemas(JsonElement document) =>
        document.At("components") is { } components ? components.MapAt("schemas") : document.MapAt("definitions");

    private static IEnumerable<string> Servers(JsonElement document)
    {
        foreach (var server in document.ListAt("servers").Take(ServersMax))
        {
            if (server.TextAt("url") is { } url)
            {
                yield return url;
            }
        }

        if (document.TextAt("host") is { } host)
        {
            var scheme = document.ListAt("schemes").Select(Json.Text).OfType<string>().FirstOrDefault() ?? "https";
            yield return $"{scheme}://{host}{document.TextAt("basePath")}";
        }
    }
}
