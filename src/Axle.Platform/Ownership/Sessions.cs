using Axle.Contracts;
using Microsoft.Data.Sqlite;

namespace Axle.Platform.Ownership;

/// <summary>
/// Browser sessions and the one-time links that begin them. A session lives on the server and ends with the token it
/// came from, so that revoking a token leaves no way in.
/// </summary>
internal sealed class Sessions(IdentityDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_slideEvery = TimeSpan.FromMinutes(5);

    /// <summary>A code that begins one session, within ten minutes.</summary>
    public (string Code, DateTimeOffset ExpiresAt) NewLink(Credential from)
    {
        var code = AccessToken.NewSecret();
        var now = clock.GetUtcNow();
        database.Run("DELETE FROM login_links WHERE expires_at <= $now", ("$now", now.ToUnixTimeMilliseconds()));
        database.Run(
            "INSERT INTO login_links (hash, token_id, user, scopes, expires_at) VALUES ($hash, $token, $user, $scopes, $expires)",
            ("$hash", AccessToken.Hash(code)),
            ("$token", from.TokenId),
            ("$user", from.User.ToString()),
            ("$scopes", string.Join(' ', from.Scopes)),
            ("$expires", (now + LinkLifetime).ToUnixTimeMilliseconds()));
        return (code, now + LinkLifetime);
    }

    /// <summary>Takes a code out of the world and begins its session; null when it is unknown, used or too old.</summary>
    public string? BeginWithLink(string code)
    {
        // One statement, so that of two requests with the same code only one gets the row.
        var found = database.Read(
            "DELETE FROM login_links WHERE hash = $hash RETURNING token_id, user, scopes, expires_at",
            row => (Credential: Read(row), ExpiresAt: row.GetInt64(3)),
            ("$hash", AccessToken.Hash(code)));
        return found.Count == 1 && found[0].ExpiresAt > Now() ? Begin(found[0].Credential) : null;
    }

    /// <returns>The cookie's value.</returns>
    public string Begin(Credential from)
    {
        var secret = AccessToken.NewSecret();
        var now = clock.GetUtcNow();
        database.Run("DELETE FROM sessions WHERE expires_at <= $now", ("$now", now.ToUnixTimeMilliseconds()));
        database.Run(
            "INSERT INTO sessions (hash, token_id, user, scopes, created_at, seen_at, expires_at) VALUES ($hash, $token, $user, $scopes, $now, $now, $expires)",
            ("$hash", AccessToken.Hash(secret)),
            ("$token", from.TokenId),
            ("$user", from.User.ToString()),
            ("$scopes", string.Join(' ', from.Scopes)),
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$expires", (now + Idle).ToUnixTimeMilliseconds()));
        return secret;
    }

    /// <summary>Whose session this is; null when there is none. Using it keeps it alive.</summary>
    public Credential? Check(string secret)
    {
        var now = clock.GetUtcNow();
        var found = database.Read(
            "SELECT token_id, user, scopes, created_at, seen_at, expires_at FROM sessions WHERE hash = $hash",
            row => (Credential: Read(row), Created: At(row, 3), Seen: At(row, 4), Expires: At(row, 5)),
            ("$hash", AccessToken.Hash(secret)));
        if (found.Count == 0 || found[0].Expires <= now)
        {
            return null;
        }

        var session = found[0];
        if (now - session.Seen > s_slideEvery)
        {
            var expires = Earlier(now + Idle, session.Created + Longest);
            database.Run(
                "UPDATE sessions SET seen_at = $now, expires_at = $expires WHERE hash = $hash",
                ("$hash", AccessToken.Hash(secret)),
                ("$now", now.ToUnixTimeMilliseconds()),
                ("$expires", expires.ToUnixTimeMilliseconds()));
        }

        return session.Credential;
    }

    public void End(string secret) => database.Run("DELETE FROM sessions WHERE hash = $hash", ("$hash", AccessToken.Hash(secret)));

    private static Credential Read(SqliteDataReader row) =>
        new(row.GetString(0), EntityRef.Parse(row.GetString(1)), row.GetString(2).Split(' '));

    private static DateTimeOffset At(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>What a request proved: whose token it came from, directly or through a session.</summary>
internal sealed record Credential(string TokenId, EntityRef User, IReadOnlyList<string> Scopes);
