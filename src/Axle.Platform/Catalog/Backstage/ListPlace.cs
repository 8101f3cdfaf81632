using System.Text.Json;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Where a page of the plain list begins; as base64 JSON it is the parameter <c>after</c>.</summary>
internal sealed record ListPlace(int Limit, int Offset)
{
    private const string Parameter = "after";

    public static Result<ListPlace> Read(string after)
    {
        if (after.Length == 0)
        {
            return new CatalogInputInvalid("Invalid after, must not be empty");
        }

        try
        {
            return JsonSerializer.Deserialize<ListPlace>(Convert.FromBase64String(after), JsonSerializerOptions.Web) is { Limit: > 0, Offset: >= 0 } place
                ? place
                : new CatalogInputInvalid("Malformed after cursor, limit or offset is out of range");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return new CatalogInputInvalid("Malformed after cursor, could not be parsed");
        }
    }

    /// <summary>The address of this page: the request's, with another place.</summary>
    public string In(HttpRequest request)
    {
        var others = request.Query.Where(parameter => parameter.Key is not (Parameter or "offset"));
        var after = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));
        return QueryHelpers.AddQueryString(request.PathBase + request.Path, [.. others, new(Parameter, after)]);
    }
}
