using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets;

/// <summary>Gives a person a value. Who, when and which version is on the disk before the value leaves.</summary>
internal sealed class ReadSecret(SecretStore store, IEntityStore entities)
{
    public static IResult Endpoint(string name, [AsParameters] SecretAddress address, Caller caller, ReadSecret self, HttpContext context, int? version = null)
    {
        context.Response.Headers.CacheControl = "no-store";
        return self.Run(name, address, version, caller).ToHttp(TypedResults.Ok);
    }

    public Result<SecretReading> Run(string name, SecretAddress address, int? version, Caller caller)
    {
        if (!address.For(caller, Verb.ReadSecrets, entities).TryGet(out var scope, out var error)
            || !Present(store, scope, name).TryGet(out var secret, out error))
        {
            return error;
        }

        var found = version is { } number ? secret.Version(number) : secret.Current;
        if (!Open(secret, found, version ?? 0).TryGet(out var value, out error))
        {
            return error;
        }

        store.Record(caller.Actor, "read", scope, name, found!.Number);
        return new SecretReading(name, found.Number, value.Reveal());
    }

    /// <summary>The secret, when it is there and not unset.</summary>
    public static Result<StoredSecret> Present(SecretStore store, SecretScope scope, string name) =>
        store.Find(scope, name) is not { } secret ? new SecretUnknown(name, scope)
        : secret.Removed ? new SecretRemoved(name, scope)
        : secret;

    /// <summary>The value of a version, or why it has none.</summary>
    public static Result<SecretValue> Open(StoredSecret secret, StoredVersion? version, int asked) =>
        version is null ? new VersionUnknown(secret.Name, asked, secret.Scope)
        : version.State == SecretStates.Destroyed ? new VersionDestroyed(secret.Name, version.Number, secret.Scope)
        : version.Value is { } value ? value
        : new SecretUnreadable(secret.Name, version.Number, secret.Scope);
}
