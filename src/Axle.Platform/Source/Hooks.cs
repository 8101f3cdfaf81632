using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Source;

/// <summary>
/// Webhooks of repositories elsewhere: GitHub, GitLab, Gitea and Forgejo. A call proves itself by the repository's
/// secret; what it says is not read at all, since upstream itself is asked what is new. So nothing is parsed, nothing is
/// kept in memory, and a call that is repeated or invented costs at most one fetch.
/// </summary>
internal sealed class Hooks(Repositories repositories, SourceComponents components, MirrorFetcher fetcher, PlatformOptions platform)
{
    private const long BodyBytesMax = 25L * 1024 * 1024;
    private const int DeliveriesMax = 4096;

    private readonly ConcurrentQueue<string> _order = new();
    private readonly ConcurrentDictionary<string, byte> _seen = new();

    public static Task<IResult> Endpoint(string repository, HttpContext context, Hooks self, CancellationToken stop) => self.TakeAsync(repository, context, stop);

    public static IResult ShowEndpoint(string name, Caller caller, Hooks self) => self.Show(name, caller, rotate: false).ToHttp(view => TypedResults.Json(view, EntityJson.Options));

    public static IResult RotateEndpoint(string name, Caller caller, Hooks self) => self.Show(name, caller, rotate: true).ToHttp(view => TypedResults.Json(view, EntityJson.Options));

    private async Task<IResult> TakeAsync(string repository, HttpContext context, CancellationToken stop)
    {
        // 1. Is there such a mirror? An unknown one looks like a wrong signature, so that nobody can ask for names.
        if (repositories.Folder(repository) is not { Upstream: not null } folder || folder.Read(Remembered.HookSecret) is not { } secret)
        {
            return Errors.HookRefused().ToHttp();
        }

        if (context.Request.ContentLength > BodyBytesMax)
        {
            return Errors.HookTooLarge().ToHttp();
        }

        // 2. Does the caller know the secret?
        if (!await ProvedAsync(context.Request, secret, stop))
        {
            return Errors.HookRefused().ToHttp();
        }

        // 3. Each delivery once.
        if (Delivery(context.Request) is { } delivery && !IsNew($"{repository} {delivery}"))
        {
            return TypedResults.Text("This delivery was taken before.\n", statusCode: 200);
        }

        fetcher.Want(folder);
        return TypedResults.Text($"{repository} is fetched from upstream.\n", statusCode: 202);
    }

    /// <summary>The address and, once, the secret.</summary>
    private Result<HookView> Show(string name, Caller caller, bool rotate)
    {
        if (repositories.Folder(name) is not { } folder)
        {
            return Errors.Unknown(name);
        }

        if (caller.Refuse(Verb.Push, components.OwnerOf(name)) is { } refused)
        {
            return refused;
        }

        if (components.OwnerOf(name) is null && caller.Role != Role.Admin)
        {
            return Errors.NoComponent(caller.User.Short, name);
        }

        if (folder.Upstream is not { } upstream)
        {
            return Errors.NotMirrored(name);
        }

        var url = $"{platform.PublicUrl}/api/hooks/{name}";
        if (!rotate && folder.Read(Remembered.HookSecret) is not null)
        {
            return new HookView(url, upstream, null, "The secret was shown when it was made. A new one: POST to this address.");
        }

        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        folder.Write(Remembered.HookSecret, secret);
        return new HookView(url, upstream, secret, "Enter both at the repository's webhook settings, for push events; the secret is not shown again.");
    }

    private static async Task<bool> ProvedAsync(HttpRequest request, string secret, CancellationToken stop)
    {
        var headers = request.Headers;
        if (headers["X-Gitlab-Token"].ToString() is { Length: > 0 } token)
        {
            return Same(token, secret);
        }

        var claimed = headers["X-Hub-Signature-256"].ToString() is { Length: > 0 } github
            ? github.StartsWith("sha256=", StringComparison.Ordinal) ? github["sha256=".Length..] : ""
            : headers["X-Gitea-Signature"].ToString();
        return claimed.Length == 64 && await HashAsync(request.Body, secret, stop) is { } hash && Same(claimed.ToLowerInvariant(), hash);
    }

    /// <summary>The body's HMAC, without keeping the body; null when it is too large.</summary>
    private static async Task<string?> HashAsync(Stream body, string secret, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            long taken = 0;
            int read;
            while ((read = await body.ReadAsync(buffer, stop)) > 0)
            {
                if ((taken += read) > BodyBytesMax)
                {
                    return null;
                }

                hash.AppendData(buffer, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes as long for a near miss as for a far one.</summary>
    private static bool Same(string claimed, string real) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(claimed), Encoding.UTF8.GetBytes(real));

    private static string? Delivery(HttpRequest request)
    {
        foreach (var header in (ReadOnlySpan<string>)["X-GitHub-Delivery", "X-Gitea-Delivery", "X-Gitlab-Event-UUID"])
        {
            if (request.Headers[header].ToString() is { Length: > 0 and <= 200 } id)
            {
                return id;
            }
        }

        return null;
    }

    private bool IsNew(string delivery)
    {
        if (!_seen.TryAdd(delivery, 0))
        {
            return false;
        }

        _order.Enqueue(delivery);
        while (_order.Count > DeliveriesMax && _order.TryDequeue(out var oldest))
        {
            _seen.TryRemove(oldest, out _);
        }

        return true;
    }
}

/// <summary>What a person enters at GitHub, GitLab or Gitea.</summary>
/// <param name="Secret">Shown once, when it is made.</param>
/// <param name="Note">What to do with it.</param>
public sealed record HookView(string Url, string Upstream, string? Secret, string Note);
