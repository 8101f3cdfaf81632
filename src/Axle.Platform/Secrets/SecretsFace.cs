using System.Security.Cryptography;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Secrets;

/// <summary>What other capabilities get: reading from memory, and the platform's own credentials.</summary>
internal sealed class SecretsFace(SecretStore store, SecretKey key, SecretEntities projection, Redactor redactor, IEntityStore entities) : ISecrets
{
    private const int FingerprintLength = 16;

    public Error? Sealed => store.Sealed;

    public Result<IReadOnlyDictionary<string, SecretValue>> For(EntityRef component, string environment)
    {
        if (Sealed is { } why)
        {
            return why;
        }

        if (entities.Find(component) is not { } found)
        {
            return new ComponentUnknown(component);
        }

        var values = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (var (name, secret) in SecretMerge.Of(store, found, environment))
        {
            if (secret.Current is not { } current)
            {
                continue;
            }

            if (current.Value is not { } value)
            {
                return new SecretUnreadable(name, current.Number, secret.Scope);
            }

            values[name] = value;
        }

        return Result<IReadOnlyDictionary<string, SecretValue>>.Of(values);
    }

    public async Task<Result<SecretValue>> KeepAsync(EntityRef owner, string name, int version, SecretValue value, CancellationToken stop)
    {
        if (Sealed is { } why)
        {
            return why;
        }

        var scope = SecretScope.Own(owner);
        var kept = store.Keep(scope, name, version, value, SecretEntities.System).Version(version)!;
        await projection.WriteAsync(scope, name, SecretEntities.System, $"version {version} kept", stop);
        return kept.Value is { } known ? known
            : kept.Broken ? new SecretUnreadable(name, version, scope)
            : new VersionDestroyed(name, version, scope);
    }

    public Result<OwnSecret?> Own(EntityRef owner, string name, int? version = null)
    {
        if (Sealed is { } why)
        {
            return why;
        }

        var scope = SecretScope.Own(owner);
        var secret = store.Find(scope, name);
        var found = version is { } number ? secret?.Version(number) : secret?.Current;
        return found is null || found.State == SecretStates.Destroyed ? (OwnSecret?)null
            : found.Value is { } value ? new OwnSecret(found.Number, found.State, value, found.CreatedAt)
            : new SecretUnreadable(name, found.Number, scope);
    }

    public async Task PublishAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop)
    {
        var scope = SecretScope.Own(owner);
        if (!Present(scope, name))
        {
            throw new InvalidOperationException(new SecretUnknown(name, scope).Message);
        }

        if (!store.Publish(scope, name, version, actor).TryGet(out _, out var error))
        {
            throw new InvalidOperationException(error.Message);
        }

        await projection.WriteAsync(scope, name, actor, $"version {version} published", stop);
    }

    public async Task DestroyAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop)
    {
        var scope = SecretScope.Own(owner);
        if (Present(scope, name))
        {
            store.Destroy(scope, name, version, actor);
            await projection.WriteAsync(scope, name, actor, $"version {version} destroyed", stop);
        }
    }

    public async Task ForgetAsync(EntityRef owner, string actor, CancellationToken stop)
    {
        if (Sealed is { } why)
        {
            throw new InvalidOperationException(why.Message);
        }

        var scope = SecretScope.Own(owner);
        foreach (var secret in store.In(scope).ToList())
        {
            store.Purge(scope, secret.Name, actor);
            await projection.WriteAsync(scope, secret.Name, actor, null, stop);
        }
    }

    public string Redact(string text) => redactor.Redact(text);

    public string Fingerprint(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(HMACSHA256.HashData(key.FingerprintKey, content))[..FingerprintLength];

    private bool Present(SecretScope scope, string name) => Sealed is { } why ? throw new InvalidOperationException(why.Message) : store.Find(scope, name) is not null;
}
