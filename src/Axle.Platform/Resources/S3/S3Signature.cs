using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.S3;

/// <summary>Signs a request without a body as AWS' Signature Version 4 says; for a check of a login, so without what only other requests need.</summary>
internal static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The digest of nothing.</summary>
    private static readonly string s_noBody = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <param name="request">To a path without characters that must be escaped, and without a query.</param>
    public static void Sign(HttpRequestMessage request, string region, Login key, DateTimeOffset now)
    {
        var moment = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("x-amz-date", moment);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", s_noBody);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(request.Method.Method, request.RequestUri!.Authority, request.RequestUri.AbsolutePath, "", region, key, moment));
    }

    /// <summary>The header's value. Pure.</summary>
    /// <param name="query">Sorted, and with <c>=</c> behind each name.</param>
    /// <param name="moment">As in <c>20130524T000000Z</c>.</param>
    internal static string Authorization(string method, string host, string path, string query, string region, Login key, string moment)
    {
        const string Signed = "host;x-amz-content-sha256;x-amz-date";
        var asked = $"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{s_noBody}\nx-amz-date:{moment}\n\n{Signed}\n{s_noBody}";
        var day = moment[..8];
        var scope = $"{day}/{region}/s3/aws4_request";
        var text = $"{Algorithm}\n{moment}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked)))}";
        var signing = new[] { day, region, "s3", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes($"AWS4{key.Password.Reveal()}"), (made, next) => HMACSHA256.HashData(made, Encoding.UTF8.GetBytes(next)));
        return $"{Algorithm} Credential={key.Username}/{scope},SignedHeaders={Signed},Signature={Convert.ToHexStringLower(HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(text)))}";
    }
}
