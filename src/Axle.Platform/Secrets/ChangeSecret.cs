using System.Security.Cryptography;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets.Stores;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets;

/// <summary>What people do with a secret that is there: rotate, roll back, unset, restore, share.</summary>
internal sealed class ChangeSecret(SecretStore store, SecretEntities projection, IEntityStore entities)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int LengthDefault = 32;
    private const int LengthLeast = 16;
    private const int LengthMax = 1024;

    public static async Task<IResult> RotateEndpoint(string name, [AsParameters] SecretAddress address, SecretRotateRequest request, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.RotateAsync(name, address, request, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> RollbackEndpoint(string name, [AsParameters] SecretAddress address, SecretRollbackRequest request, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.RollBackAsync(name, address, request.To, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> UnsetEndpoint(string name, [AsParameters] SecretAddress address, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.UnsetAsync(name, address, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> RestoreEndpoint(string name, [AsParameters] SecretAddress address, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.RestoreAsync(name, address, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> ShareEndpoint(string name, [AsParameters] SecretAddress address, SecretShareRequest request, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.ShareAsync(name, address, request, share: true, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public static async Task<IResult> UnshareEndpoint(string name, [AsParameters] SecretAddress address, SecretShareRequest request, Caller caller, ChangeSecret self, SecretViews views, CancellationToken stop) =>
        (await self.ShareAsync(name, address, request, share: false, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public async Task<Result<StoredSecret>> RotateAsync(string name, SecretAddress address, SecretRotateRequest request, Caller caller, CancellationToken stop)
    {
        if (!Own(name, address, caller).TryGet(out var secret, out var error))
        {
            return error;
        }

        if (request.Length is < LengthLeast or > LengthMax)
        {
            return new LengthRefused(request.Length.Value, LengthLeast, LengthMax);
        }

        var value = request.Value ?? RandomNumberGenerator.GetString(Alphabet, request.Length ?? LengthDefault);
        return SecretNames.RefuseValue(name, value) is { } refusal
            ? refusal
            : await DoneAsync(store.Set(secret.Scope, name, new SecretValue(value), caller.Actor, "rotate"), caller, "rotated", stop);
    }

    public async Task<Result<StoredSecret>> RollBackAsync(string name, SecretAddress address, int? to, Caller caller, CancellationToken stop)
    {
        if (!Own(name, address, caller).TryGet(out var secret, out var error))
        {
            return error;
        }

        // The one before in number: rolling back twice goes two back, and never to and fro.
        var current = secret.Current?.Number ?? int.MaxValue;
        if ((to ?? secret.Versions.LastOrDefault(version => version.Number < current && version.State == SecretStates.Previous)?.Number) is not { } number)
        {
            return new NoPrevious(name, secret.Scope);
        }

        return store.Publish(secret.Scope, name, number, caller.Actor, "rollback").TryGet(out var after, out error)
            ? await DoneAsync(after, caller, $"back to version {number}", stop)
            : error;
    }

    public async Task<Result<StoredSecret>> UnsetAsync(string name, SecretAddress address, Caller caller, CancellationToken stop) =>
        Present(name, address, caller).TryGet(out var secret, out var error)
            ? await DoneAsync(store.Remove(secret.Scope, name, caller.Actor), caller, "unset", stop)
            : error;

    public async Task<Result<StoredSecret>> RestoreAsync(string name, SecretAddress address, Caller caller, CancellationToken stop)
    {
        if (!address.For(caller, Verb.WriteSecrets, entities).TryGet(out var scope, out var error))
        {
            return error;
        }

        return store.Find(scope, name) switch
        {
            null => new SecretUnknown(name, scope),
            { Removed: false } => new SecretNotRemoved(name, scope),
            _ => await DoneAsync(store.Restore(scope, name, caller.Actor), caller, "restored", stop),
        };
    }

    private async Task<Result<StoredSecret>> ShareAsync(string name, SecretAddress address, SecretShareRequest request, bool share, Caller caller, CancellationToken stop)
    {
        // Whoever owns the secret gives it away; whom to give it to is a matter of name only.
        if (!Present(name, address, caller).TryGet(out var secret, out var error)
            || !new SecretAddress(request.Component, null, request.Team, null, request.Namespace).Existing(entities).TryGet(out var target, out error))
        {
            return error;
        }

        if (secret.Scope == SecretScope.Organisation || secret.Scope == target)
        {
            return new ShareNeedless(name, secret.Scope, target);
        }

        if (!share)
        {
            return store.Unshare(secret.Scope, name, target, caller.Actor) is { } unshared
                ? await DoneAsync(unshared, caller, $"no longer shared with {target.Words}", stop)
                : new NotShared(name, secret.Scope, target);
        }

        return store.Share(secret.Scope, name, target, caller.Actor).TryGet(out var shared, out error)
            ? await DoneAsync(shared, caller, $"shared with {target.Words}", stop)
            : error;
    }

    /// <summary>A secret whose value is decided here.</summary>
    private Result<StoredSecret> Own(string name, SecretAddress address, Caller caller) =>
        !Present(name, address, caller).TryGet(out var secret, out var error) ? error
        : secret.From is { } from ? new SecretIsReference(name, from.ToString(), secret.Scope)
        : secret;

    private Result<StoredSecret> Present(string name, SecretAddress address, Caller caller) =>
        address.For(caller, Verb.WriteSecrets, entities).TryGet(out var scope, out var error) ? ReadSecret.Present(store, scope, name) : error;

    private async Task<StoredSecret> DoneAsync(StoredSecret secret, Caller caller, string message, CancellationToken stop)
    {
        await projection.WriteAsync(secret.Scope, secret.Name, caller.Actor, message, stop);
        return secret;
    }
}
