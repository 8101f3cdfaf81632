using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>Copies of single databases, by pg_dump in its compressed form. Passwords are roles', which no dump of a database holds.</summary>
internal sealed class PostgresBackups(PgPrograms programs, PgScratch scratch, PgImport import, PostgresServers servers) : IBackups
{
    /// <summary>What PgBouncer looks users up with is ours, and made again by the next look at the database.</summary>
    private const string WithoutPools = "--exclude-schema=axle_pool";

    public string Uri => "axle://postgres";

    public async Task<Result<Contents>> DumpAsync(Claim claim, string file, CancellationToken stop)
    {
        if (programs.Find(claim) is not { } database)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        return await DumpAsync(database.Place, programs.Admin(database.Place, database.State.Database), file, stop);
    }

    /// <summary>From any server of ours; the dump and what is said of it see the same moment.</summary>
    public async Task<Result<Contents>> DumpAsync(PgPlace place, PgLogin login, string file, CancellationToken stop)
    {
        await using var reading = await PostgresServers.OpenAsync(login.Port, login.Database, login.User, login.Password, stop);
        await using var transaction = await PgContents.BeginAsync(reading, stop);
        await using var export = new NpgsqlCommand("SELECT pg_catalog.pg_export_snapshot()", reading, transaction);
        var snapshot = (string)(await export.ExecuteScalarAsync(stop))!;

        // Whichever of the two fails, the other one is of no use.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var dumping = programs.RunAsync(place, login, "pg_dump", ["--format=custom", WithoutPools, $"--snapshot={snapshot}", $"--file={file}"], null, either.Token);
        try
        {
            var seen = await PgContents.ReadAsync(reading, transaction, expected: null, stop);
            return await dumping is { } error ? error : seen;
        }
        catch
        {
            await either.CancelAsync();
            await dumping.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    public async Task<Result<Contents>> ProveAsync(Claim claim, string id, string file, Contents expected, CancellationToken stop)
    {
        if (programs.Find(claim) is not { } database)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        var (place, name) = (database.Place, PgScratch.Proof(id));
        try
        {
            await scratch.MakeAsync(place, name, owner: name, database.Params.Locale, stop);
            var login = await scratch.LoginAsync(place, name, owner: name, id, stop);
            return await scratch.LoadAsync(place, login, owner: name, file, expected, stop) is { } error
                ? error
                : await scratch.ContentsAsync(place, name, expected, stop);
        }
        finally
        {
            // Also when the platform stops; what a kill leaves, the next look takes away.
            await TidyAsync(claim, id, CancellationToken.None);
        }
    }

    public bool IsPlaced(Claim target) => programs.Find(target) is not null;

    public async Task<Result<Filled>> FillAsync(Claim target, string id, string file, Contents expected, IReadOnlyList<MaskRule> mask, CancellationToken stop)
    {
        var database = programs.Find(target) ?? throw new InvalidOperationException($"{target.Ref.Name} has no place yet.");
        var (place, name, owner) = (database.Place, PgScratch.Fill(id), database.State.Database);
        await scratch.MakeAsync(place, name, owner, database.Params.Locale, stop);
        var login = await scratch.LoginAsync(place, name, owner, id, stop);
        try
        {
            if (await scratch.LoadAsync(place, login, owner, file, expected, stop) is { } error)
            {
                return error;
            }

            var seen = await scratch.ContentsAsync(place, name, expected, stop);
            if (mask.Count == 0)
            {
                return new Filled(seen, 0);
            }

            await using var masking = await PostgresServers.OpenAsync(place.Port, name, login.User, login.Password, stop);
            return (await PgMask.RunAsync(masking, mask, stop)).TryGet(out var masked, out error) ? new Filled(seen, masked) : error;
        }
        catch (PostgresException e)
        {
            return new PgFailed("Masking", e.MessageText.TrimEnd('.'));
        }
        finally
        {
            await scratch.EndLoginAsync(place, name, owner, id, CancellationToken.None);
        }
    }

    public async Task TakeOverAsync(Claim target, string id, CancellationToken stop)
    {
        var database = programs.Find(target) ?? throw new InvalidOperationException($"{target.Ref.Name} has no place yet.");
        var (fill, name) = (PgScratch.Fill(id), database.State.Database);
        await using var admin = await servers.OpenAsync(database.Place.Server, database.Place.Port, "postgres", stop);
        if (await PgScratch.IsAsync(admin, "pg_database", "datname", fill, stop))
        {
            await PgScratch.RunAsync(admin, $"ALTER DATABASE {fill} RENAME TO {PgText.Name(name)}", stop);
        }
        else if (!await PgScratch.IsAsync(admin, "pg_database", "datname", name, stop))
        {
            throw new InvalidOperationException($"{target.Ref.Name} was filled, and its database is not there.");
        }
    }

    public async Task TidyAsync(Claim claim, string id, CancellationToken stop)
    {
        if (programs.Find(claim) is not { } database)
        {
            return;
        }

        var (place, proof, fill) = (database.Place, PgScratch.Proof(id), PgScratch.Fill(id));
        await scratch.RemoveAsync(place, fill, stop);
        await scratch.RemoveAsync(place, proof, stop, PgScratch.Login(id), proof);
    }

    public async Task<Error?> ExportAsync(Claim claim, bool plain, Stream output, CancellationToken stop) => programs.Find(claim) is not { } database
        ? new NotReady(claim.Ref, claim.Status.Phase)
        : await programs.RunAsync(
            database.Place,
            programs.Admin(database.Place, database.State.Database),
            "pg_dump",
            [plain ? "--format=plain" : "--format=custom", "--no-owner", "--no-acl", WithoutPools],
            (written, end) => written.CopyToAsync(output, end),
            stop);

    public async Task<Error?> ImportAsync(Claim claim, string id, string folder, string name, CancellationToken stop) => programs.Find(claim) is not { } database
        ? new NotReady(claim.Ref, claim.Status.Phase)
        : await import.RunAsync(claim, database, id, folder, name, stop);
}
