using Axle.Contracts;

namespace Axle.Platform.Ownership;

internal sealed record NotSignedIn() : Error("ownership.not_signed_in", "This needs you to be signed in.", "axle login --url URL --token-stdin < token.txt", 401);

internal sealed record TokenMalformed() : Error("ownership.token_malformed", "The token is not one of Axle's: it is cut off, mistyped or of another system.", "axle login --url URL --token-stdin < token.txt", 401);

internal sealed record TokenUnknown() : Error("ownership.token_unknown", "The token is unknown here: it was revoked, or belongs to another platform.", "axle login --url URL --token-stdin < token.txt", 401);

internal sealed record TokenExpired(string Name, DateTimeOffset At) : Error("ownership.token_expired", $"The token '{Name}' expired on {At:yyyy-MM-dd HH:mm} UTC.", "axle login --url URL --token-stdin < token.txt", 401);

internal sealed record SessionEnded() : Error("ownership.session_ended", "Your session has ended.", "axle open", 401);

internal sealed record UserGone(EntityRef User) : Error("ownership.user_gone", $"{User.Short} is no longer in the catalogue.", "Ask an administrator of this platform.", 401);

internal sealed record TooManyFailures() : Error("ownership.too_many_failures", "Too many failed sign-ins from this address.", "Wait a minute, then use a token that works: axle login --url URL --token-stdin < token.txt", 429);

internal sealed record CrossSite() : Error("ownership.cross_site", "A browser sent this from another site, so it was not done.", "Open the portal and do it there, or use a token.", 403);

internal sealed record NoVerb(string Endpoint) : Error("ownership.no_verb", $"{Endpoint} declares no verb, so nobody may use it.", "Report this as a bug.", 403);

internal sealed record TokenInvalid : Error
{
    public TokenInvalid(IReadOnlyList<Problem> problems)
        : base("ownership.token_invalid", $"The token cannot be made: {problems[0]}.", "axle token create --help", 422) => Problems = problems;
}

internal sealed record TokensTooMany(EntityRef User) : Error("ownership.tokens_too_many", $"{User.Short} has {Tokens.PerUserMax} tokens, the most there can be.", "axle token list", 409);

internal sealed record TokenMissing(string Id) : Error("ownership.token_missing", $"There is no token {Id} of yours.", "axle token list", 404);

internal sealed record UserUnknown(string User) : Error("ownership.user_unknown", $"There is no user {User}.", "axle get users", 404);

internal sealed record ScopesTooWide(IReadOnlyList<string> Allowed) : Error("ownership.scopes_too_wide", $"A token cannot make one that may do more than itself: its scopes are {string.Join(", ", Allowed)}.", "axle login with a token that may do it", 403);
