using System.Net;
using System.Text;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>A file as it was read, in UTF-8.</summary>
/// <param name="Tag">The host's entity tag for it (RFC 9110, 8.8.3); null when it gave none.</param>
internal sealed record TargetText(Uri Target, ReadOnlyMemory<byte> Utf8, string? Tag = null)
{
    public string Text => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>The host says that it is as it was with the tag that it was asked with; then there is no text.</summary>
    public bool IsUnchanged { get; private init; }

    /// <summary>What a host answered.</summary>
    public static async Task<Result<TargetText>> OfAsync(Uri target, HttpResponseMessage answer, CancellationToken stop)
    {
        var tag = answer.Headers.ETag?.ToString();
        if (answer.StatusCode == HttpStatusCode.NotModified)
        {
            return new TargetText(target, default, tag) { IsUnchanged = true };
        }

        var bytes = await answer.Content.ReadAsByteArrayAsync(stop);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? new TargetText(target, bytes, tag) : new TargetUnreadable(target, "it is not UTF-8");
    }

    /// <summary>Asks for the file only when it is another one than with this tag.</summary>
    public static void AskUnless(string? tag, HttpRequestMessage request)
    {
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }
    }
}
