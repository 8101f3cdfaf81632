using System.Globalization;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Axle.Agent.Ingress.Static;

/// <summary>
/// Serves a folder: index.html, clean addresses, 404.html, validators, ranges, compression. One per release, so that what it keeps
/// in memory ends with the release.
/// </summary>
internal sealed class StaticSite(string root)
{
    private const int BufferBytes = 64 * 1024;

    private static readonly FileExtensionContentTypeProvider s_types = new(new Dictionary<string, string>(new FileExtensionContentTypeProvider().Mappings, StringComparer.OrdinalIgnoreCase)
    {
        [".avif"] = "image/avif",
        [".js"] = "text/javascript",
        [".mjs"] = "text/javascript",
        [".map"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
        [".md"] = "text/markdown",
        [".yaml"] = "text/yaml",
        [".yml"] = "text/yaml",
    });

    private readonly string? _root = SiteFile.RealFolder(root);
    private readonly SiteEncoding _encoding = new();

    public async Task RunAsync(HttpContext context)
    {
        // Files are read on a thread that may block: the sockets' threads must not.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            await Answer.OnlyReading.WriteAsync(context);
            return;
        }

        if (_root is null)
        {
            await Answer.NoFiles.WriteAsync(context);
            return;
        }

        var relative = SitePath.Relative(request.Path.Value);
        using var file = relative is null ? null : Find(relative, request.Path.Value!.EndsWith('/'));
        if (file is not null)
        {
            await SendAsync(context, file, StatusCodes.Status200OK);
            return;
        }

        if (relative is { Length: > 0 } && !request.Path.Value!.EndsWith('/') && HasIndex(relative))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = new PathString($"/{relative}/").ToUriComponent() + request.QueryString.ToUriComponent();
            context.Response.Headers.CacheControl = "no-cache";
            return;
        }

        using var custom = SiteFile.Open(_root, $"{_root}/404.html");
        await (custom is null ? Answer.NotFound.WriteAsync(context) : SendAsync(context, custom, StatusCodes.Status404NotFound));
    }

    private SiteFile? Find(string relative, bool isFolder) => isFolder
        ? SiteFile.Open(_root!, relative.Length == 0 ? $"{_root}/index.html" : $"{_root}/{relative}/index.html")
        : SiteFile.Open(_root!, $"{_root}/{relative}") ?? (HasIndex(relative) ? null : SiteFile.Open(_root!, $"{_root}/{relative}.html"));

    private bool HasIndex(string relative)
    {
        using var index = SiteFile.Open(_root!, $"{_root}/{relative}/index.html");
        return index is not null;
    }

    private async Task SendAsync(HttpContext context, SiteFile file, int status)
    {
        var (request, response) = (context.Request, context.Response);
        var contentType = TypeOf(file.Path);
        var range = status == StatusCodes.Status200OK ? request.Headers.Range : StringValues.Empty;

        // 1. The form to send: as asked for by a range, ready made, compressed now, or as it is.
        SiteFile? ready = null;
        string? encoding = null;
        if (range.Count == 0)
        {
            foreach (var accepted in SiteEncoding.Accepted(request))
            {
                ready = SiteFile.Open(_root!, file.Path + SiteEncoding.Extension(accepted));
                if (ready is not null || SiteEncoding.IsWorthwhile(contentType, file.Length))
                {
                    encoding = accepted;
                    break;
                }
            }
        }

        using var _ = ready;
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{file.Version:x}-{file.Length:x}{(encoding is null ? "" : "-" + encoding)}\"");

        // 2. What every form says.
        response.StatusCode = status;
        var headers = response.Headers;
        headers.ContentType = contentType;
        headers.ETag = tag;
        headers.LastModified = HeaderUtilities.FormatDate(file.LastModified);
        headers.CacheControl = status != StatusCodes.Status200OK || !SitePath.IsFingerprinted(file.Path) ? "no-cache" : "public, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = "Accept-Encoding";
        if (encoding is null)
        {
            headers.AcceptRanges = "bytes";
        }

        // 3. The client may have it already.
        if (status == StatusCodes.Status200OK && IsKnown(request, tag, file.LastModified))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            headers.Remove(HeaderNames.ContentType);
            return;
        }

        headers.ContentEncoding = encoding;
        if (encoding is not null && ready is null)
        {
            await WriteAsync(context, await _encoding.CompressAsync(file, encoding, context.RequestAborted));
            return;
        }

        var (from, length) = (0L, (ready ?? file).Length);
        if (range.Count > 0 && RangeOf(request, file, tag) is { } asked)
        {
            if (asked.Length == 0)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                headers.ContentRange = $"bytes */{file.Length}";
                headers.Remove(HeaderNames.ContentType);
                return;
            }

            (from, length) = asked;
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = $"bytes {from}-{from + length - 1}/{file.Length}";
        }

        await CopyAsync(context, ready ?? file, from, length);
    }

    private static async Task WriteAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static async Task CopyAsync(HttpContext context, SiteFile file, long from, long length)
    {
        context.Response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var writer = context.Response.BodyWriter;
        for (var left = length; left > 0;)
        {
            var want = (int)Math.Min(left, BufferBytes);
            var read = await file.ReadAsync(writer.GetMemory(want)[..want], from + length - left, context.RequestAborted);
            if (read == 0)
            {
                // Shorter than it was: the promised length cannot be kept, and half a file must not look whole.
                context.Abort();
                return;
            }

            writer.Advance(read);
            left -= read;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return;
            }
        }
    }

    private static bool IsKnown(HttpRequest request, string tag, DateTimeOffset lastModified)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            var wanted = EntityTagHeaderValue.Parse(tag);
            return request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(wanted, useStrongComparison: false));
        }

        return request.Headers.IfModifiedSince.Count > 0 && request.GetTypedHeaders().IfModifiedSince >= lastModified;
    }

    /// <summary>The one range asked for; a length of 0 when it lies outside; null when the whole file is the right answer.</summary>
    private static (long From, long Length)? RangeOf(HttpRequest request, SiteFile file, string tag)
    {
        var typed = request.GetTypedHeaders();
        var changed = typed.IfRange is { } condition
            && !(condition.EntityTag?.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: true) ?? condition.LastModified == file.LastModified);
        if (changed || typed.Range is not { } header || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return null;
        }

        var range = header.Ranges.First();
        var from = range.From ?? Math.Max(0, file.Length - range.To!.Value);
        var to = range.From is null ? file.Length - 1 : Math.Min(range.To ?? long.MaxValue, file.Length - 1);
        return from > to ? (0, 0) : (from, to - from + 1);
    }

    private static string TypeOf(string path)
    {
        var type = s_types.TryGetContentType(path, out var known) ? known : "application/octet-stream";
        return type.StartsWith("text/", StringComparison.Ordinal) || type is "application/javascript" or "application/json" ? $"{type}; charset=utf-8" : type;
    }
}
