using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Platform.Secrets;

/// <summary>
/// Links that show a value once, to whoever opens them first. Only their hash is kept. Looking at one shows a button; the
/// value comes by pressing it, so that a chat's preview does not use it up.
/// </summary>
internal sealed class SecretLinks(SecretDatabase database, SecretStore store, IEntityStore entities, PlatformOptions options, TimeProvider clock)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 62^43 > 2^256.
    private const int TokenLength = 43;
    private const int MinutesMax = 7 * 24 * 60;
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(30);

    public static IResult MakeEndpoint(string name, [AsParameters] SecretAddress address, SecretLinkRequest request, Caller caller, SecretLinks self, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return self.Make(name, address, request, caller).ToHttp(TypedResults.Ok);
    }

    public static IResult LookEndpoint(string token, SecretLinks self, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return self.Refuse(self.Find(token)) is { } page ? page : SecretLinkPage.Ask();
    }

    public static IResult OpenEndpoint(string token, SecretLinks self, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return self.Open(token, context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address");
    }

    /// <summary>Forgets links that ended long ago.</summary>
    public void Tidy() => database.Write(writer => writer.Run("DELETE FROM links WHERE expires_at < $before", ("$before", (clock.GetUtcNow() - s_remembered).ToUnixTimeMilliseconds())));

    private Result<SecretLink> Make(string name, SecretAddress address, SecretLinkRequest request, Caller caller)
    {
        // Handing a value on is reading it.
        if (!address.For(caller, Verb.ReadSecrets, entities).TryGet(out var scope, out var error)
            || !ReadSecret.Present(store, scope, name).TryGet(out var secret, out error)
            || !ReadSecret.Open(secret, secret.Current, 0).TryGet(out _, out error))
        {
            return error;
        }

        if (request.Minutes is < 1 or > MinutesMax)
        {
            return new LinkTimeRefused(request.Minutes, MinutesMax);
        }

        var token = RandomNumberGenerator.GetString(Alphabet, TokenLength);
        var now = clock.GetUtcNow();
        var expires = now.AddMinutes(request.Minutes);
        database.Write(writer => writer.Run(
            "INSERT INTO links (hash, scope, name, version, created_at, created_by, expires_at) VALUES ($hash, $scope, $name, $version, $now, $actor, $expires)",
            ("$hash", Hash(token)), ("$scope", scope.Path), ("$name", name), ("$version", secret.Current!.Number), ("$now", now.ToUnixTimeMilliseconds()), ("$actor", caller.Actor), ("$expires", expires.ToUnixTimeMilliseconds())));
        store.Record(caller.Actor, "link", scope, name, secret.Current!.Number, $"valid until {expires:u}");
        return new SecretLink($"{options.PublicUrl}/secret-links/{token}", expires);
    }

    private ContentHttpResult Open(string token, string who)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (store.Sealed is { } why)
        {
            return SecretLinkPage.Gone(why.Message, 503);
        }

        // One statement decides between two that press at once.
        var won = database.Write(writer => writer.Run("UPDATE links SET used_at = $now WHERE hash = $hash AND used_at IS NULL AND expires_at > $now", ("$hash", Hash(token)), ("$now", now))) == 1;
        var link = Find(token);
        if (won && store.Find(link!.Scope, link.Name) is { Removed: false } secret && ReadSecret.Open(secret, secret.Version(link.Version), link.Version).TryGet(out var value, out _))
        {
            store.Record($"link of {link.By}", "open", link.Scope, link.Name, link.Version, $"from {who}");
            return SecretLinkPage.Show(link.Name, value);
        }

        if (link is not null)
        {
            store.Record($"link of {link.By}", "open", link.Scope, link.Name, link.Version, won ? $"from {who}: refused, the value is gone" : $"from {who}: refused, used or ended before");
        }

        return (won ? null : Refuse(link)) ?? SecretLinkPage.Gone("The secret behind this link is gone.", 410);
    }

    /// <summary>The page that says why there is nothing to see; null when there is.</summary>
    private ContentHttpResult? Refuse(Link? link) => link switch
    {
        null => SecretLinkPage.Gone("This link is not known here, or ended long ago.", 404),
        { UsedAt: { } used } => SecretLinkPage.Gone($"This link was used already, on {used:yyyy-MM-dd} at {used:HH:mm:ss} UTC. If that was not you, tell whoever sent it: the secret must be rotated.", 410),
        { ExpiresAt: var ends } when ends <= clock.GetUtcNow() => SecretLinkPage.Gone($"This link ended on {ends:yyyy-MM-dd} at {ends:HH:mm} UTC. Ask for a new one.", 410),
        _ => null,
    };

    private Link? Find(string token) => database.Read(
        "SELECT scope, name, version, created_by, expires_at, used_at FROM links WHERE hash = $hash",
        row => new Link(
            new SecretScope(row.GetString(0)),
            row.GetString(1),
            row.GetInt32(2),
            row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))),
        ("$hash", Hash(token))).FirstOrDefault();

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record Link(SecretScope Scope, string Name, int Version, string By, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);
}
