using System.Text.Json;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>A request's body as JSON, or Backstage's refusal of it.</summary>
internal static class RequestBody
{
    /// <summary>A null where something belongs is a mistake in the request, and no crash later.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerOptions.Web) { RespectNullableAnnotations = true };

    public static async Task<Result<T>> ReadAsync<T>(HttpRequest request, CancellationToken stop)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return new CatalogInputInvalid("Malformed request body (did you remember to specify an application/json content type?)");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Options, stop) is { } body
                ? body
                : new CatalogInputInvalid("Expected body to be a JSON object");
        }
        catch (JsonException e)
        {
            return new CatalogInputInvalid($"Malformed request body: {e.Message}");
        }
    }
}
