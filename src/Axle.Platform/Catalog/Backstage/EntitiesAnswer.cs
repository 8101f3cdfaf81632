using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Entities as a list, or as a page with its cursors. Written as it is read: a list of all is never in memory at once.</summary>
/// <param name="refs">Which; null, and what is gone meanwhile, is written as null where <see cref="KeepMissing"/> says so, else left out.</param>
internal sealed class EntitiesAnswer(IEntityStore store, IReadOnlyList<string?> refs, EntityFields? fields) : IResult
{
    // Enough for a page in one write.
    private const int FlushAt = 64 * 1024;

    public bool KeepMissing { get; init; }

    /// <summary>The answer is an object with <c>items</c>, rather than a list.</summary>
    public bool Wrapped { get; init; }

    /// <summary>What a page has beside its items.</summary>
    public PageInfo? Page { get; init; }

    /// <param name="Next">Leads on; null at the end.</param>
    /// <param name="Previous">Leads back; null at the beginning.</param>
    public sealed record PageInfo(int TotalItems, string? Next, string? Previous);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        var body = response.BodyWriter;
        body.Write(Wrapped || Page is not null ? "{\"items\":["u8 : "["u8);
        var (first, pending) = (true, 0L);
        foreach (var one in refs)
        {
            var entity = one is null ? null : store.Find(EntityRef.Parse(one));
            if (entity is null && !KeepMissing)
            {
                continue;
            }

            if (!first)
            {
                body.Write(","u8);
            }

            first = false;
            var document = entity is null ? "null"u8 : Document(entity);
            body.Write(document);
            pending += document.Length;
            if (pending > FlushAt)
            {
                pending = 0;
                await body.FlushAsync(httpContext.RequestAborted);
            }
        }

        body.Write("]"u8);
        if (Page is { } page)
        {
            body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"totalItems\":{page.TotalItems},\"pageInfo\":")));
            body.Write(JsonSerializer.SerializeToUtf8Bytes(Cursors(page)));
        }

        body.Write(Wrapped || Page is not null ? "}"u8 : ""u8);
        await body.FlushAsync(httpContext.RequestAborted);
    }

    private static Dictionary<string, string> Cursors(PageInfo page)
    {
        var cursors = new Dictionary<string, string>();
        if (page.Next is not null)
        {
            cursors["nextCursor"] = page.Next;
        }

        if (page.Previous is not null)
        {
            cursors["prevCursor"] = page.Previous;
        }

        return cursors;
    }

    private ReadOnlySpan<byte> Document(Entity entity) =>
        fields is null ? EntityDocument.Of(entity) : JsonSerializer.SerializeToUtf8Bytes(fields.Of(EntityDocument.Of(entity)));
}
