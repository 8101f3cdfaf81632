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

        return CursorText.Read<ListPlace>(after) is { Limit: > 0, Offset: >= 0 } place ? place : new CatalogInputInvalid("Malformed after cursor");
    }

    /// <summary>The address of this page: the request's, with another place.</summary>
    public string In(HttpRequest request)
    {
        var others = request.Query.Where(parameter => parameter.Key is not (Parameter or "offset"));
        return QueryHelpers.AddQueryString(request.PathBase + request.Path, [.. others, new(Parameter, CursorText.Write(this))]);
    }
}
