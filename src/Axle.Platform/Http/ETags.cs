using System.Globalization;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Http;

/// <summary>An entity's revision as an ETag, and the conditions that clients put on it.</summary>
public static class ETags
{
    public static string Of(Entity entity) => $"\"{entity.Metadata.Revision.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The client has this revision already.</summary>
    public static bool IsKnown(this HttpRequest request, Entity entity) =>
        request.Headers.IfNoneMatch.SelectMany(value => (value ?? "").Split(','))
            .Any(tag => tag.Trim() is var text && (text == "*" || Weakless(text) == Of(entity)));

    /// <summary>The revision that the client wants to replace: 0 for <c>If-None-Match: *</c>, null for no condition.</summary>
    public static Result<long?> Expected(this HttpRequest request)
    {
        if (request.Headers.IfNoneMatch.ToString().Trim() == "*")
        {
            return (long?)0;
        }

        var text = request.Headers.IfMatch.ToString().Trim();
        if (text.Length == 0 || text == "*")
        {
            return (long?)null;
        }

        return long.TryParse(Weakless(text).Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? (long?)revision
            : new Error("http.if_match", $"If-Match has {text}, which is no ETag of an entity; it is its revision in quotes, as in \"42\".", "Read the entity again and send its ETag.", 400);
    }

    private static string Weakless(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
}
