using System.IO.Compression;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Redis;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using StackExchange.Redis;

namespace Axle.Platform.Resources.Backups.Redis;

/// <summary>
/// Copies of a Redis that lasts, key by key (DUMP, RESTORE): each key as it was at one moment, not all at the same one. A Redis that is a
/// cache is not copied.
/// </summary>
internal sealed class RedisBackups(ServerAdmin admins, RedisScratch scratch, TimeProvider clock) : IBackups
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(20);

    public string Uri => "axle://redis";

    public bool Covers(ResourceClaimSpec claim) => RedisParams.Read(claim) is { Ok: true, Value.Persistent: true };

    public async Task<Result<Contents>> DumpAsync(Claim claim, string file, CancellationToken stop)
    {
        if (claim.State<ServerState>() is not { } state)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        var at = clock.GetUtcNow();
        await using var output = new FileStream(file, FileMode.Create, FileAccess.Write);
        await using var compressed = new GZipStream(output, CompressionLevel.Fastest);
        return await VisitAsync(state.Port, admins.PasswordOf(claim.Ref), async server =>
        {
            var sums = new RedisSums();
            for (var database = 0; database < RedisKeys.Databases; database++)
            {
                // A walk over keys may meet one of them twice.
                var met = new HashSet<RedisKey>();
                await foreach (var key in server.KeysAsync(database, pageSize: RedisKeys.PageSize).WithCancellation(stop))
                {
                    if (met.Add(key) && await RedisKeys.ReadAsync(server, database, key) is { } kept)
                    {
                        sums.Add(database, kept.Sum);
                        await RedisFile.WriteAsync(compressed, new RedisEntry(database, key!, kept.ExpiresAtMs, kept.Dump), stop);
                    }
                }
            }

            await RedisFile.EndAsync(compressed, stop);
            return sums.ToContents(at);
        });
    }

    public async Task<Result<Contents>> ProveAsync(Claim claim, string id, string file, Contents expected, CancellationToken stop)
    {
        try
        {
            if (!(await scratch.StartAsync(claim, id, stop)).TryGet(out var place, out var error))
            {
                return error;
            }

            return await VisitAsync(place.Port, place.Password, server => LoadAsync(server, file, stop));
        }
        finally
        {
            // Also when the platform stops; what a kill leaves, the next attempt takes away.
            await TidyAsync(claim, id, CancellationToken.None);
        }
    }

    public bool IsPlaced(Claim target) => target.State<ServerState>() is not null;

    public async Task<Result<Filled>> FillAsync(Claim target, string id, string file, Contents expected, IReadOnlyList<MaskRule> mask, CancellationToken stop)
    {
        if (mask.Count > 0)
        {
            return new NoMasking(target.Ref, target.Spec.Type);
        }

        if (target.Status.ReadyAt is not null)
        {
            throw new InvalidOperationException($"{target.Ref.Name} is in use, and is not written over.");
        }

        var (port, password) = (target.State<ServerState>()!.Port, admins.PasswordOf(target.Ref));
        for (var waited = TimeSpan.Zero; await RedisServers.TryAsync(port, ServerAdmin.User, password) is { } why; waited += s_look)
        {
            if (waited > s_startMax)
            {
                return new RedisFailed($"its server does not answer: {why}");
            }

            await Task.Delay(s_look, clock, stop);
        }

        return (await VisitAsync(port, password, async server =>
        {
            await server.FlushAllDatabasesAsync();
            var loaded = await LoadAsync(server, file, stop);
            if (loaded.Ok && expected.Difference(loaded.Value) is null)
            {
                // Looked at before its times begin to count, which for some keys ended meanwhile.
                await RedisFile.ReadAsync(file, entry => RedisKeys.ExpireAsync(server, entry), stop);
            }

            return loaded;
        })).TryGet(out var seen, out var error) ? new Filled(seen, 0) : error;
    }

    /// <summary>It is where it belongs already; that nobody is told so before is the claim's phase.</summary>
    public Task TakeOverAsync(Claim target, string id, CancellationToken stop) => Task.CompletedTask;

    public Task TidyAsync(Claim claim, string id, CancellationToken stop) => scratch.RemoveAsync(id, stop);

    /// <summary>No program but Redis of the same kind could read it, and that one copies by itself.</summary>
    public bool Exports => false;

    public bool Imports => false;

    public Task<Error?> ExportAsync(Claim claim, bool plain, Stream output, CancellationToken stop) => Task.FromResult<Error?>(new NoExport(claim.Ref, claim.Spec.Type));

    public Task<Error?> ImportAsync(Claim claim, string id, string folder, string name, CancellationToken stop) => Task.FromResult<Error?>(new NoImport(claim.Ref, claim.Spec.Type));

    /// <summary>Every key, without the time at which it ends, and read again from where it is now.</summary>
    private async Task<Result<Contents>> LoadAsync(IServer server, string file, CancellationToken stop)
    {
        var sums = new RedisSums();
        await RedisFile.ReadAsync(
            file,
            async entry =>
            {
                await server.Multiplexer.GetDatabase(entry.Database).KeyRestoreAsync(entry.Key, entry.Dump);
                if (await RedisKeys.ReadAsync(server, entry.Database, entry.Key) is { } kept)
                {
                    sums.Add(entry.Database, kept.Sum);
                }
            },
            stop);
        return sums.ToContents(clock.GetUtcNow());
    }

    private static async Task<Result<Contents>> VisitAsync(int port, SecretValue password, Func<IServer, Task<Result<Contents>>> act)
    {
        try
        {
            return await RedisServers.VisitAsync(port, ServerAdmin.User, password, act);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            return new RedisFailed(e.Message.Split(['\n', ';'])[0].TrimEnd('.'));
        }
    }
}

/// <summary>Redis did not do what it was asked.</summary>
internal sealed record RedisFailed(string Reason)
    : Error("resources.backup_redis", $"Redis failed: {Reason}.", null, 500);
