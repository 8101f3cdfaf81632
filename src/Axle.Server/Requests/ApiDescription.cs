using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Server.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Axle.Server.Requests;

/// <summary>OpenAPI 3.1 of everything below <c>/api</c>, made from the endpoints themselves.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(Document);
        options.AddOperationTransformer(Operation);
        options.AddSchemaTransformer(Schema);
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi.json").Requires(Verb.Anonymous);

    private static Task Document(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Axle",
            Version = Start.Version,
            Description = "Refusals are application/problem+json. Writes accept an Idempotency-Key. Every operation names the verb it needs (x-axle-verb).",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A personal token: axle token create." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }

    private static Task Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken stop)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Verb>().LastOrDefault() is { } verb)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-axle-verb"] = new JsonNodeExtension(verb.Name);
        }

        return Task.CompletedTask;
    }

    /// <summary>Types that write themselves as text look like objects to a generator.</summary>
    private static Task Schema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken stop)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(EntityRef))
        {
            schema.Type = JsonSchemaType.String;
            schema.Description = "kind:namespace/name";
        }
        else if (type == typeof(JsonElement))
        {
            schema.Type = null;
        }

        return Task.CompletedTask;
    }
}
