using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Where a page of locations begins; as base64 JSON it is the cursor.</summary>
internal sealed record LocationPlace(int Limit, string? AfterId, JsonElement? Query)
{
    public static Result<LocationPlace> Read(string cursor) =>
        CursorText.Read<LocationPlace>(cursor) is { Limit: > 0 } place ? place : new CatalogInputInvalid("Malformed cursor; begin without one");

    public override string ToString() => CursorText.Write(this);
}
