using Axle.Contracts;

namespace Axle.Platform.Ownership;

/// <summary>For work of the platform that has to ask the platform's own API in somebody's name.</summary>
public interface ILentTokens
{
    /// <summary>A token with the caller's rights and scopes, to be given back at once; it ends by itself after a day.</summary>
    /// <param name="purpose">Its name in the list of the user's tokens.</param>
    Result<LentToken> Lend(Caller caller, string purpose);

    void TakeBack(LentToken token);
}

/// <param name="Text">The secret itself.</param>
public sealed record LentToken(string Id, string Text)
{
    public override string ToString() => Id;
}

internal sealed class LentTokens(Tokens tokens) : ILentTokens
{
    public Result<LentToken> Lend(Caller caller, string purpose) =>
        tokens.Create(caller.User, purpose, days: 1, caller.Scopes).TryGet(out var made, out var refused) ? new LentToken(made.Id, made.Token) : refused;

    public void TakeBack(LentToken token) => tokens.Revoke(token.Id);
}
