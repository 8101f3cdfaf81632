using System.Collections.Concurrent;
using System.Security.Cryptography;
using Axle.Contracts;
using Microsoft.Data.Sqlite;

namespace Axle.Platform.Ownership;

/// <summary>Personal tokens: made, listed, checked, revoked. What their user may do is decided at each use, not here.</summary>
internal sealed class Tokens(IdentityDatabase database, TimeProvider clock)
{
    public const int DaysMax = 365;
    public const int PerUserMax = 100;
    private const int NameMax = 100;

    // A write for each request would cost a disk flush for each request.
    private static readonly TimeSpan s_lastUsedPrecision = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastUsed = new();

    public Result<TokenCreated> Create(EntityRef user, string name, int days, IReadOnlyList<string> scopes)
    {
        if (Problems(name, days, scopes) is { Count: > 0 } problems)
        {
            return new TokenInvalid(problems);
        }

        var now = clock.GetUtcNow();
        if (List(user).Count >= PerUserMax)
        {
            return new TokensTooMany(user);
        }

        var (id, text) = AccessToken.New();
        var expires = now.AddDays(days);
        database.Run(
            "INSERT INTO tokens (id, hash, name, user, scopes, created_at, expires_at) VALUES ($id, $hash, $name, $user, $scopes, $now, $expires)",
            ("$id", id),
            ("$hash", AccessToken.Hash(text)),
            ("$name", name),
            ("$user", user.ToString()),
            ("$scopes", string.Join(' ', scopes)),
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$expires", expires.ToUnixTimeMilliseconds()));
        return new TokenCreated(id, text, expires);
    }

    /// <summary>Tokens that still work or have expired, newest first; of everybody when <paramref name="user"/> is null.</summary>
    public List<TokenView> List(EntityRef? user) => database.Read(
        "SELECT id, name, user, scopes, created_at, expires_at, last_used_at FROM tokens WHERE revoked_at IS NULL AND ($user IS NULL OR user = $user) ORDER BY created_at DESC, id",
        View,
        ("$user", user?.ToString()));

    public TokenView? Find(string id) => database.Read(
        "SELECT id, name, user, scopes, created_at, expires_at, last_used_at FROM tokens WHERE revoked_at IS NULL AND id = $id",
        View,
        ("$id", id)).FirstOrDefault();

    /// <summary>Ends a token, and every browser session that began with it, at once.</summary>
    public bool Revoke(string id)
    {
        var revoked = database.Run("UPDATE tokens SET revoked_at = $now WHERE id = $id AND revoked_at IS NULL", ("$id", id), ("$now", Now())) > 0;
        database.Run("DELETE FROM sessions WHERE token_id = $id", ("$id", id));
        database.Run("DELETE FROM login_links WHERE token_id = $id", ("$id", id));
        return revoked;
    }

    /// <summary>Whose token this is, or why it does not count.</summary>
    public Result<TokenView> Check(string text)
    {
        if (AccessToken.IdOf(text) is not { } id)
        {
            return new TokenMalformed();
        }

        var found = database.Read(
            "SELECT id, name, user, scopes, created_at, expires_at, last_used_at, hash FROM tokens WHERE id = $id AND revoked_at IS NULL",
            row => (View: View(row), Hash: (byte[])row["hash"]),
            ("$id", id));
        if (found.Count == 0 || !CryptographicOperations.FixedTimeEquals(found[0].Hash, AccessToken.Hash(text)))
        {
            return new TokenUnknown();
        }

        var token = found[0].View;
        var now = clock.GetUtcNow();
        if (token.ExpiresAt <= now)
        {
            return new TokenExpired(token.Name, token.ExpiresAt);
        }

        Touch(token, now);
        return token;
    }

    private void Touch(TokenView token, DateTimeOffset now)
    {
        if (_lastUsed.TryGetValue(token.Id, out var last) && now - last < s_lastUsedPrecision)
        {
            return;
        }

        _lastUsed[token.Id] = now;
        try
        {
            database.Run("UPDATE tokens SET last_used_at = $now WHERE id = $id", ("$id", token.Id), ("$now", now.ToUnixTimeMilliseconds()));
        }
        catch (SqliteException)
        {
            // A full disk must not lock people out of the platform that could tell them about it.
        }
    }

    private static List<Problem> Problems(string? name, int days, IReadOnlyList<string> scopes)
    {
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameMax || name.Any(char.IsControl))
        {
            problems.Add(new Problem($"needs 1 to {NameMax} characters, none of them a control character", Path: "name"));
        }

        if (days is < 1 or > DaysMax)
        {
            problems.Add(new Problem($"is {days}; a token lives 1 to {DaysMax} days", Path: "days"));
        }

        if (scopes.Count == 0)
        {
            problems.Add(new Problem("is empty; use * for everything that the user may do", Path: "scopes"));
        }

        problems.AddRange(scopes
            .Where(scope => scope != "*" && Verb.All.All(verb => verb.Name != scope))
            .Select(scope => new Problem($"'{scope}' is no verb; known are *, {string.Join(", ", Verb.All.Select(verb => verb.Name))}", Path: "scopes")));
        return problems;
    }

    private static TokenView View(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3).Split(' '),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
        row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)));

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
