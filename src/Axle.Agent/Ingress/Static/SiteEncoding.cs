using System.Collections.Concurrent;
using System.IO.Compression;
using Microsoft.Net.Http.Headers;

namespace Axle.Agent.Ingress.Static;

/// <summary>Which encoding a client gets, and the compressed forms of files that came without one.</summary>
internal sealed class SiteEncoding
{
    /// <summary>Below this, headers weigh more than what compression saves.</summary>
    private const int LengthMin = 1024;

    /// <summary>Above this, compressing while a user waits costs too much; such files should come compressed.</summary>
    private const int LengthMax = 4 * 1024 * 1024;

    /// <summary>Compressed bytes kept per site. A new release is a new site, so nothing needs to leave.</summary>
    private const long KeptMax = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<(string Path, long Version, string Encoding), byte[]> _kept = new();
    private long _keptBytes;

    /// <summary>What the client takes, best first: <c>br</c>, <c>gzip</c>.</summary>
    public static IEnumerable<string> Accepted(HttpRequest request)
    {
        if (request.Headers.AcceptEncoding.Count == 0)
        {
            yield break;
        }

        var accepted = request.GetTypedHeaders().AcceptEncoding;
        foreach (var encoding in (string[])["br", "gzip"])
        {
            var named = accepted.FirstOrDefault(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase));
            if ((named ?? accepted.FirstOrDefault(value => value.Value == "*")) is { } match && match.Quality is not 0)
            {
                yield return encoding;
            }
        }
    }

    public static string Extension(string encoding) => encoding == "br" ? ".br" : ".gz";

    public static bool IsWorthwhile(string contentType, long length) => length is >= LengthMin and <= LengthMax && IsText(contentType);

    public static bool IsText(string contentType)
    {
        var type = MediaTypeHeaderValue.Parse(contentType).MediaType.Value ?? "";
        return type.StartsWith("text/", StringComparison.Ordinal)
            || type.EndsWith("json", StringComparison.Ordinal)
            || type.EndsWith("+xml", StringComparison.Ordinal)
            || type is "application/javascript" or "application/xml" or "application/wasm" or "application/manifest+json" or "application/x-javascript";
    }

    public async Task<byte[]> CompressAsync(SiteFile file, string encoding, CancellationToken stop)
    {
        var key = (file.Path, file.Version, encoding);
        if (_kept.TryGetValue(key, out var kept))
        {
            return kept;
        }

        var plain = await file.ReadAllAsync(stop);
        using var target = new MemoryStream();
        // Quality 4 costs a few milliseconds per 100 KB; the default of 11 would be for build time.
        using (Stream compressor = encoding == "br"
            ? new BrotliStream(target, new BrotliCompressionOptions { Quality = 4 }, leaveOpen: true)
            : new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            await compressor.WriteAsync(plain, stop);
        }

        var compressed = target.ToArray();
        if (Interlocked.Add(ref _keptBytes, compressed.Length) <= KeptMax)
        {
            _kept.TryAdd(key, compressed);
        }
        else
        {
            Interlocked.Add(ref _keptBytes, -compressed.Length);
        }

        return compressed;
    }
}
