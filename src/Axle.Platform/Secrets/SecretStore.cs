using System.Collections.Immutable;
using Axle.Contracts;
using Axle.Platform.Secrets.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Secrets;

/// <summary>
/// All secrets: on disk as envelopes, opened in memory, so that reading never waits. Every change is one transaction and
/// durable when it returns; memory follows the disk, never the other way round.
/// </summary>
internal sealed class SecretStore
{
    private readonly SecretDatabase _database;
    private readonly SecretKey _key;
    private readonly TimeProvider _clock;
    private readonly Lock _publishing = new();
    private ImmutableDictionary<SecretScope, ImmutableSortedDictionary<string, StoredSecret>> _all = ImmutableDictionary<SecretScope, ImmutableSortedDictionary<string, StoredSecret>>.Empty;

    public SecretStore(SecretDatabase database, SecretKey key, TimeProvider clock, ILogger<SecretStore> log)
    {
        (_database, _key, _clock) = (database, key, clock);
        if (key.Sealed is { } why)
        {
            log.LogError("Secrets are sealed: {Why} {Next}", why.Message, why.Next);
            return;
        }

        foreach (var one in database.Read("SELECT scope, name FROM secrets", row => (Scope: new SecretScope(row.GetString(0)), Name: row.GetString(1))))
        {
            Refresh(one.Scope, one.Name);
        }

        foreach (var broken in All.Where(secret => secret.Versions.Any(version => version.Broken)))
        {
            log.LogError("The secret {Name} of {Scope} does not open: what is stored is not what was written", broken.Name, broken.Scope.Words);
        }
    }

    public Error? Sealed => _key.Sealed;

    /// <summary>A snapshot: another instance means that something changed.</summary>
    public object Snapshot => Volatile.Read(ref _all);

    public IEnumerable<StoredSecret> All => Volatile.Read(ref _all).Values.SelectMany(secrets => secrets.Values);

    public IEnumerable<StoredSecret> In(SecretScope scope) => Volatile.Read(ref _all).TryGetValue(scope, out var secrets) ? secrets.Values : [];

    /// <summary>Secrets of other scopes that are shared with this one.</summary>
    public IEnumerable<StoredSecret> SharedWith(SecretScope scope) => All.Where(secret => secret.Shares.Contains(scope));

    public StoredSecret? Find(SecretScope scope, string name) =>
        Volatile.Read(ref _all).TryGetValue(scope, out var secrets) && secrets.TryGetValue(name, out var found) ? found : null;

    /// <summary>Publishes a new version; the current one becomes <c>previous</c>. Brings back a secret that was unset.</summary>
    public StoredSecret Set(SecretScope scope, string name, SecretValue value, string actor, string verb = "set") =>
        Change(scope, name, writer => Set(writer, scope, name, value, actor, verb));

    /// <summary>Publishes what was fetched, and remembers where from.</summary>
    public StoredSecret SetFrom(SecretScope scope, string name, SecretValue value, RemoteReference from, string actor) =>
        Change(scope, name, writer => Set(writer, scope, name, value, actor, "set", from));

    /// <summary>
    /// Publishes what was fetched again, unless it is the same, or somebody has given the secret another origin since. Values
    /// older than the one before are destroyed: their history is the other store's.
    /// </summary>
    /// <returns>Null when nothing changed.</returns>
    public StoredSecret? Fetched(SecretScope scope, string name, SecretValue value, RemoteReference from)
    {
        if (!Fits(Find(scope, name)))
        {
            return null;
        }

        var changed = false;
        var after = Change(scope, name, writer =>
        {
            if (!Fits(Find(scope, name)))
            {
                return;
            }

            changed = true;
            writer.Run("UPDATE versions SET state = 'destroyed', envelope = NULL WHERE scope = $scope AND name = $name AND state = 'previous'", ("$scope", scope.Path), ("$name", name));
            Set(writer, scope, name, value, SecretEntities.System, "fetch", from);
        });
        return changed ? after : null;

        bool Fits(StoredSecret? secret) => secret is { Removed: false, Current: var current } && secret.From == from && !value.Equals(current?.Value);
    }

    /// <summary>Several in one transaction.</summary>
    public IReadOnlyList<StoredSecret> SetAll(SecretScope scope, IReadOnlyList<(string Name, SecretValue Value)> values, string actor)
    {
        Writable();
        lock (_publishing)
        {
            _database.Write(writer =>
            {
                foreach (var (name, value) in values)
                {
                    Set(writer, scope, name, value, actor, "set");
                }

                return 0;
            });
            return [.. values.Select(one => Refresh(scope, one.Name)!)];
        }
    }

    /// <summary>Keeps a pending version; one that is there already stays as it is.</summary>
    public StoredSecret Keep(SecretScope scope, string name, int version, SecretValue value, string actor) => Change(scope, name, writer =>
    {
        writer.Run("INSERT INTO secrets (scope, name) VALUES ($scope, $name) ON CONFLICT DO NOTHING", ("$scope", scope.Path), ("$name", name));
        if (writer.Read("SELECT 1 FROM versions WHERE scope = $scope AND name = $name AND version = $version", row => row.GetInt32(0), Which(scope, name, version)).Count == 0)
        {
            Insert(writer, scope, name, version, SecretStates.Pending, value, actor, Now());
            Note(writer, actor, "keep", scope, name, version);
        }
    });

    /// <summary>Makes a version the current one, in one step with retiring the one before. Again changes nothing.</summary>
    public Result<StoredSecret> Publish(SecretScope scope, string name, int version, string actor, string verb = "publish")
    {
        Error? error = null;
        var after = Change(scope, name, writer =>
        {
            var state = writer.Read("SELECT state FROM versions WHERE scope = $scope AND name = $name AND version = $version", row => row.GetString(0), Which(scope, name, version)).FirstOrDefault();
            if (state is null or SecretStates.Destroyed)
            {
                error = state is null ? new VersionUnknown(name, version, scope) : new VersionDestroyed(name, version, scope);
            }
            else if (state != SecretStates.Current)
            {
                Retire(writer, scope, name);
                writer.Run("UPDATE versions SET state = 'current' WHERE scope = $scope AND name = $name AND version = $version", Which(scope, name, version));
                Note(writer, actor, verb, scope, name, version);
            }
        });
        return error is null ? after : error;
    }

    /// <summary>Wipes the value of one version.</summary>
    public StoredSecret? Destroy(SecretScope scope, string name, int version, string actor) => Find(scope, name) is null ? null : Change(scope, name, writer =>
    {
        var changed = writer.Run(
            "UPDATE versions SET state = 'destroyed', envelope = NULL WHERE scope = $scope AND name = $name AND version = $version AND state <> 'destroyed'",
            Which(scope, name, version));
        if (changed > 0)
        {
            Note(writer, actor, "destroy", scope, name, version);
        }
    });

    /// <summary>Unsets a secret: nobody gets it any more, and it can be restored.</summary>
    public StoredSecret Remove(SecretScope scope, string name, string actor) => Change(scope, name, writer =>
    {
        writer.Run(
            "UPDATE secrets SET removed_at = $now, removed_by = $actor WHERE scope = $scope AND name = $name AND removed_at IS NULL",
            ("$scope", scope.Path), ("$name", name), ("$now", Now()), ("$actor", actor));
        Note(writer, actor, "unset", scope, name, null);
    });

    public StoredSecret Restore(SecretScope scope, string name, string actor) => Change(scope, name, writer =>
    {
        writer.Run("UPDATE secrets SET removed_at = NULL, removed_by = NULL WHERE scope = $scope AND name = $name", ("$scope", scope.Path), ("$name", name));
        Note(writer, actor, "restore", scope, name, null);
    });

    /// <summary>Forgets a secret with all its versions and shares; what was done with it stays in the record.</summary>
    public void Purge(SecretScope scope, string name, string actor)
    {
        Writable();
        lock (_publishing)
        {
            _database.Write(writer =>
            {
                Note(writer, actor, "destroy", scope, name, null);
                writer.Run("DELETE FROM links WHERE scope = $scope AND name = $name", ("$scope", scope.Path), ("$name", name));
                return writer.Run("DELETE FROM secrets WHERE scope = $scope AND name = $name", ("$scope", scope.Path), ("$name", name));
            });
            Refresh(scope, name);
        }
    }

    /// <summary>Gives a secret to another team or component too, by reference.</summary>
    public Result<StoredSecret> Share(SecretScope scope, string name, SecretScope target, string actor)
    {
        Error? error = null;
        var after = Change(scope, name, writer =>
        {
            var other = writer.Read("SELECT scope FROM shares WHERE target = $target AND name = $name", row => row.GetString(0), ("$target", target.Path), ("$name", name)).FirstOrDefault();
            if (other is not null)
            {
                error = other == scope.Path ? null : new SharedByOther(name, target, new SecretScope(other));
                return;
            }

            writer.Run(
                "INSERT INTO shares (scope, name, target, created_at, created_by) VALUES ($scope, $name, $target, $now, $actor)",
                ("$scope", scope.Path), ("$name", name), ("$target", target.Path), ("$now", Now()), ("$actor", actor));
            Note(writer, actor, "share", scope, name, null, $"with {target.Words}");
        });
        return error is null ? after : error;
    }

    /// <returns>Null when it was not shared.</returns>
    public StoredSecret? Unshare(SecretScope scope, string name, SecretScope target, string actor)
    {
        var changed = 0;
        var after = Change(scope, name, writer =>
        {
            changed = writer.Run("DELETE FROM shares WHERE scope = $scope AND name = $name AND target = $target", ("$scope", scope.Path), ("$name", name), ("$target", target.Path));
            if (changed > 0)
            {
                Note(writer, actor, "unshare", scope, name, null, $"with {target.Words}");
            }
        });
        return changed > 0 ? after : null;
    }

    /// <summary>Writes down that somebody used a secret; durable before the value leaves.</summary>
    public void Record(string actor, string verb, SecretScope scope, string name, int? version, string? detail = null)
    {
        Writable();
        _database.Write(writer =>
        {
            Note(writer, actor, verb, scope, name, version, detail);
            return 0;
        });
    }

    /// <summary>What was done with a secret, newest first; also of one that is gone.</summary>
    public IReadOnlyList<SecretUse> Uses(SecretScope scope, string name, int limit) => _database.Read(
        "SELECT at, actor, verb, version, detail FROM uses WHERE scope = $scope AND name = $name ORDER BY id DESC LIMIT $limit",
        row => new SecretUse(Time(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.IsDBNull(4) ? null : row.GetString(4)),
        ("$scope", scope.Path), ("$name", name), ("$limit", limit));

    /// <summary>Closes with the key in use whatever another one closed; a batch per transaction, so it can be cut off anywhere.</summary>
    /// <returns>How many.</returns>
    public int Rewrap()
    {
        Writable();
        var count = 0;
        int done;
        do
        {
            done = _database.Write(writer => RewrapBatch(writer));
            count += done;
        }
        while (done > 0);
        return count;
    }

    private int RewrapBatch(SecretDatabase.Writer writer)
    {
        const int BatchMax = 200;
        var prefix = (byte[])[1, .. System.Text.Encoding.ASCII.GetBytes(_key.Master.Id)];
        var rows = writer.Read(
            "SELECT scope, name, version, envelope FROM versions WHERE envelope IS NOT NULL AND substr(envelope, 1, 9) <> $prefix",
            row => (Scope: new SecretScope(row.GetString(0)), Name: row.GetString(1), Version: row.GetInt32(2), Envelope: (byte[])row[3]),
            ("$prefix", prefix));
        var done = 0;
        foreach (var row in rows)
        {
            // What does not open stays as it is: it may be wanted for finding out what happened.
            if (done < BatchMax && _key.Rewrap(row.Envelope, SecretKey.Context(row.Scope, row.Name, row.Version)) is { } fresh)
            {
                writer.Run(
                    "UPDATE versions SET envelope = $envelope WHERE scope = $scope AND name = $name AND version = $version",
                    [("$envelope", fresh), .. Which(row.Scope, row.Name, row.Version)]);
                done++;
            }
        }

        foreach (var fact in writer.Read("SELECT name, envelope FROM facts WHERE substr(envelope, 1, 9) <> $prefix", row => (Name: row.GetString(0), Envelope: (byte[])row[1]), ("$prefix", prefix)))
        {
            if (_key.Rewrap(fact.Envelope, SecretKey.Fact(fact.Name)) is { } fresh)
            {
                writer.Run("UPDATE facts SET envelope = $envelope WHERE name = $name", ("$envelope", fresh), ("$name", fact.Name));
                done++;
            }
        }

        return done;
    }

    private StoredSecret Change(SecretScope scope, string name, Action<SecretDatabase.Writer> work)
    {
        Writable();
        lock (_publishing)
        {
            _database.Write(writer =>
            {
                work(writer);
                return 0;
            });
            return Refresh(scope, name)!;
        }
    }

    // Callers refuse before; this is the last line.
    private void Writable()
    {
        if (_key.Sealed is { } why)
        {
            throw new InvalidOperationException(why.Message);
        }
    }

    /// <summary>Takes one secret from the disk into memory.</summary>
    private StoredSecret? Refresh(SecretScope scope, string name)
    {
        var found = _database.Read(
            "SELECT removed_at, removed_by FROM secrets WHERE scope = $scope AND name = $name",
            row => new StoredSecret(scope, name) { RemovedAt = row.IsDBNull(0) ? null : Time(row.GetInt64(0)), RemovedBy = row.IsDBNull(1) ? null : row.GetString(1) },
            ("$scope", scope.Path), ("$name", name)).FirstOrDefault();
        if (found is not null)
        {
            found = found with
            {
                Versions = _database.Read(
                    "SELECT version, state, envelope, created_at, created_by FROM versions WHERE scope = $scope AND name = $name ORDER BY version",
                    row => Version(row, scope, name),
                    ("$scope", scope.Path), ("$name", name)),
                From = _database.Read(
                    "SELECT store, path, field FROM origins WHERE scope = $scope AND name = $name",
                    row => new RemoteReference(row.GetString(0), row.GetString(1), row.GetString(2)),
                    ("$scope", scope.Path), ("$name", name)).FirstOrDefault(),
                Shares = _database.Read("SELECT target FROM shares WHERE scope = $scope AND name = $name ORDER BY target", row => new SecretScope(row.GetString(0)), ("$scope", scope.Path), ("$name", name)),
            };
        }

        lock (_publishing)
        {
            var secrets = _all.GetValueOrDefault(scope, ImmutableSortedDictionary.Create<string, StoredSecret>(StringComparer.Ordinal));
            Volatile.Write(ref _all, _all.SetItem(scope, found is null ? secrets.Remove(name) : secrets.SetItem(name, found)));
        }

        return found;
    }

    private StoredVersion Version(SqliteDataReader row, SecretScope scope, string name)
    {
        var number = row.GetInt32(0);
        return new StoredVersion(
            number,
            row.GetString(1),
            Time(row.GetInt64(3)),
            row.GetString(4),
            row.IsDBNull(2) ? null : _key.Unseal((byte[])row[2], scope, name, number));
    }

    private void Insert(SecretDatabase.Writer writer, SecretScope scope, string name, int version, string state, SecretValue value, string actor, long now) => writer.Run(
        "INSERT INTO versions (scope, name, version, state, envelope, created_at, created_by) VALUES ($scope, $name, $version, $state, $envelope, $now, $actor)",
        ("$scope", scope.Path), ("$name", name), ("$version", version), ("$state", state), ("$envelope", _key.Seal(scope, name, version, value)), ("$now", now), ("$actor", actor));

    private void Set(SecretDatabase.Writer writer, SecretScope scope, string name, SecretValue value, string actor, string verb, RemoteReference? from = null)
    {
        writer.Run(
            "INSERT INTO secrets (scope, name) VALUES ($scope, $name) ON CONFLICT DO UPDATE SET removed_at = NULL, removed_by = NULL",
            ("$scope", scope.Path), ("$name", name));
        var number = writer.Read("SELECT COALESCE(MAX(version), 0) + 1 FROM versions WHERE scope = $scope AND name = $name", row => row.GetInt32(0), ("$scope", scope.Path), ("$name", name))[0];
        Retire(writer, scope, name);
        Insert(writer, scope, name, number, SecretStates.Current, value, actor, Now());
        Note(writer, actor, verb, scope, name, number, from is null ? null : $"from {from}");
        writer.Run("DELETE FROM origins WHERE scope = $scope AND name = $name", ("$scope", scope.Path), ("$name", name));
        if (from is not null)
        {
            writer.Run(
                "INSERT INTO origins (scope, name, store, path, field) VALUES ($scope, $name, $store, $path, $field)",
                ("$scope", scope.Path), ("$name", name), ("$store", from.Store), ("$path", from.Path), ("$field", from.Field));
        }
    }

    private static void Retire(SecretDatabase.Writer writer, SecretScope scope, string name) =>
        writer.Run("UPDATE versions SET state = 'previous' WHERE scope = $scope AND name = $name AND state = 'current'", ("$scope", scope.Path), ("$name", name));

    private void Note(SecretDatabase.Writer writer, string actor, string verb, SecretScope scope, string name, int? version, string? detail = null) => writer.Run(
        "INSERT INTO uses (at, actor, verb, scope, name, version, detail) VALUES ($at, $actor, $verb, $scope, $name, $version, $detail)",
        ("$at", Now()), ("$actor", actor), ("$verb", verb), ("$scope", scope.Path), ("$name", name), ("$version", version), ("$detail", detail));

    private static (string, object?)[] Which(SecretScope scope, string name, int version) => [("$scope", scope.Path), ("$name", name), ("$version", version)];

    private long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
