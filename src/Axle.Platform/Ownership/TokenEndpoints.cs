using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Platform.Ownership;

/// <summary>The API of personal tokens. One's own are everybody's to manage; other people's are an administrator's.</summary>
internal static class TokenEndpoints
{
    public static Ok<Me> Me(Caller caller) => TypedResults.Ok(new Me(
        caller.User.ToString(),
        caller.DisplayName,
        [.. caller.Groups.Select(group => group.ToString())],
        caller.Role.ToString().ToLowerInvariant(),
        caller.Scopes));

    public static Ok<List<TokenView>> List(Caller caller, Tokens tokens, bool all = false) =>
        TypedResults.Ok(tokens.List(all && caller.Has(Verb.Administer) ? null : caller.User));

    public static IResult Create(TokenRequest request, Caller caller, Tokens tokens, IEntityStore entities, HttpContext context)
    {
        // 1. For whom?
        var user = caller.User;
        if (!string.IsNullOrEmpty(request.User))
        {
            if (!EntityRef.TryParse(request.User, Kinds.User, EntityRef.DefaultNamespace, out user) || entities.Find(user) is null)
            {
                return new UserUnknown(request.User).ToHttp();
            }

            if (user != caller.User && caller.Refuse(Verb.Administer) is { } refusal)
            {
                return refusal.ToHttp();
            }
        }

        // 2. Nobody gets more out of a token than it has.
        var scopes = request.Scopes ?? caller.Scopes;
        if (!caller.Scopes.Contains("*") && scopes.Except(caller.Scopes).Any())
        {
            return new ScopesTooWide(caller.Scopes).ToHttp();
        }

        return tokens.Create(user, request.Name, request.Days, [.. scopes.Distinct()]).ToHttp(created =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Created($"/api/tokens/{created.Id}", created);
        });
    }

    public static IResult Revoke(string id, Caller caller, Tokens tokens) =>
        tokens.Find(id) is { } token && (token.User == caller.User.ToString() || caller.Has(Verb.Administer)) && tokens.Revoke(id)
            ? TypedResults.NoContent()
            : new TokenMissing(id).ToHttp();
}
