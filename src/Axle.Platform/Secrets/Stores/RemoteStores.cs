using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Secrets.Stores;

/// <summary>A store, ready to be asked.</summary>
internal sealed record OpenStore(RemoteStore Store, IStoreReader Reader, StoreHttp Http, SecretValue Token);

/// <summary>
/// The stores that administrators added. Each one's token is a credential of the platform's own, sealed like every other, and
/// kept under a name that holds its address: whatever is cut off in the middle, no token is ever sent to another address.
/// </summary>
internal sealed class RemoteStores(SecretDatabase database, SecretStore secrets, SecretEntities projection, IEnumerable<IStoreReader> readers) : IDisposable
{
    private const string OwnerKind = "SecretStore";
    private readonly ConcurrentDictionary<string, StoreHttp> _ways = new(StringComparer.Ordinal);

    public IReadOnlyList<RemoteStore> All => Read("SELECT name, kind, address, settings FROM stores ORDER BY name");

    public IReadOnlyList<string> Kinds => [.. readers.Select(reader => reader.Kind)];

    public RemoteStore? Find(string name) => Read("SELECT name, kind, address, settings FROM stores WHERE name = $name", ("$name", name)).FirstOrDefault();

    /// <summary>Secrets that are fetched from it; also unset ones, since these can come back.</summary>
    public IReadOnlyList<StoredSecret> References(string store) => [.. secrets.All.Where(secret => secret.From?.Store == store)];

    public IStoreReader Reader(RemoteStore store) => readers.Single(reader => reader.Kind == store.Kind);

    /// <summary>Whether Axle has a token for this very address.</summary>
    public bool HasToken(RemoteStore store) => Token(store) is not null;

    public Result<OpenStore> Open(string name) =>
        Find(name) is not { } store ? new StoreUnknown(name)
        : Token(store) is not { } token ? new StoreOutage(name, "has no token that opens: add it again")
        : new OpenStore(store, Reader(store), _ways.GetOrAdd(name, _ => new StoreHttp(store)), token);

    /// <summary>Adds or changes a store. The token first, under a name that only the new address leads to.</summary>
    public async Task PutAsync(RemoteStore store, SecretValue? token, string actor, CancellationToken stop)
    {
        var (owner, name) = (Owner(store.Name), TokenName(store));
        if (token is not null)
        {
            secrets.Set(owner, name, token, actor, "store");
        }

        database.Write(writer => writer.Run(
            """
            INSERT INTO stores (name, kind, address, settings) VALUES ($name, $kind, $address, $settings)
            ON CONFLICT DO UPDATE SET kind = excluded.kind, address = excluded.address, settings = excluded.settings
            """,
            ("$name", store.Name), ("$kind", store.Kind), ("$address", store.Address.ToString()), ("$settings", JsonSerializer.Serialize(store.Settings, EntityJson.Options))));
        Forget(store.Name);

        // Nothing goes back to an earlier token.
        foreach (var old in secrets.In(owner).ToList())
        {
            foreach (var version in old.Versions.Where(version => version.State != SecretStates.Destroyed && (old.Name != name || version.State == SecretStates.Previous)))
            {
                secrets.Destroy(owner, old.Name, version.Number, actor);
            }

            await projection.WriteAsync(owner, old.Name, actor, $"token of the secret store {store.Name} at {store.Address}", stop);
        }
    }

    public async Task RemoveAsync(string name, string actor, CancellationToken stop)
    {
        database.Write(writer => writer.Run("DELETE FROM stores WHERE name = $name", ("$name", name)));
        Forget(name);
        foreach (var token in secrets.In(Owner(name)).ToList())
        {
            secrets.Purge(token.Scope, token.Name, actor);
            await projection.WriteAsync(token.Scope, token.Name, actor, null, stop);
        }
    }

    public void Dispose()
    {
        foreach (var name in _ways.Keys)
        {
            Forget(name);
        }
    }

    private static SecretScope Owner(string store) => SecretScope.Own(EntityRef.Of(OwnerKind, store));

    private static string TokenName(RemoteStore store) =>
        "token_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{store.Kind}|{store.Address}|{store.Settings.Ca}")))[..10];

    private SecretValue? Token(RemoteStore store) => secrets.Find(Owner(store.Name), TokenName(store))?.Current?.Value;

    private void Forget(string name)
    {
        if (_ways.TryRemove(name, out var way))
        {
            way.Dispose();
        }
    }

    private List<RemoteStore> Read(string sql, params ReadOnlySpan<(string, object?)> parameters) => database.Read(
        sql,
        row => new RemoteStore(row.GetString(0), row.GetString(1), new Uri(row.GetString(2)), JsonSerializer.Deserialize<RemoteSettings>(row.GetString(3), EntityJson.Options)!),
        parameters);
}
