using System.Text.Json;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Places in a list as clients carry them: base64 of JSON.</summary>
internal static class CursorText
{
    public static string Write<T>(T place) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(place, JsonSerializerOptions.Web));

    /// <summary>Null for what is no such text.</summary>
    public static T? Read<T>(string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Convert.FromBase64String(text), RequestBody.Options);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
