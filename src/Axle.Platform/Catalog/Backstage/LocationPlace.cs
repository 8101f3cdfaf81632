using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Where a page of locations begins; as base64 JSON it is the cursor.</summary>
internal sealed record LocationPlace(int Limit, string? AfterId, JsonElement? Query)
{
    public static Result<LocationPlace> Read(string cursor)
    {
        try
        {
            return JsonSerializer.Deserialize<LocationPlace>(Convert.FromBase64String(cursor), JsonSerializerOptions.Web) is { Limit: > 0 } place
                ? place
                : new CatalogInputInvalid("Malformed cursor");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return new CatalogInputInvalid("Malformed cursor, unknown encoding");
        }
    }

    public override string ToString() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));
}
