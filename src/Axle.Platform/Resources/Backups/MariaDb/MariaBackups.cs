using System.IO.Compression;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Platform.Resources.Backups.MariaDb;

/// <summary>
/// Copies of single databases, by mariadb-dump. MariaDB cannot give a database another name, so a restore fills the one that the new claim
/// will have; nobody is given a login before it is complete.
/// </summary>
internal sealed class MariaBackups(string type, MariaPrograms programs, MariaServers maria, ServerAdmin admins, IEntityStore entities) : IBackups
{
    private const string From = "@'127.0.0.1'";

    /// <summary>Writers wait as long at most; a dump that has not begun by then is given up.</summary>
    private static readonly TimeSpan s_beginMax = TimeSpan.FromSeconds(10);

    public string Uri => $"axle://{type}";

    public bool Imports => false;

    public async Task<Result<Contents>> DumpAsync(Claim claim, string file, CancellationToken stop)
    {
        if (Find(claim) is not { } place)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        // Whichever of the two fails, the other one is of no use.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var reading = await place.Admin.OpenConnectionAsync(stop);
        var dumping = default(Task<Error?>);
        try
        {
            // 1. Both see the same moment: nobody commits between the beginnings of the two.
            await using (var holding = await place.Admin.OpenConnectionAsync(stop))
            {
                await MariaContents.RunAsync(holding, "SET SESSION lock_wait_timeout = 10; BACKUP STAGE START; BACKUP STAGE FLUSH; BACKUP STAGE BLOCK_DDL; BACKUP STAGE BLOCK_COMMIT", stop);
                try
                {
                    await MariaContents.BeginAsync(reading, stop);
                    var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    dumping = programs.DumpAsync(place.Port, AdminOf(place), place.State.Name, file, begun, either.Token);
                    if (await Task.WhenAny(begun.Task, dumping, Task.Delay(s_beginMax, stop)) is var first && first != begun.Task && first != dumping)
                    {
                        return new MariaFailed("mariadb-dump", "it waited too long for its first table");
                    }
                }
                finally
                {
                    await MariaContents.RunAsync(holding, "BACKUP STAGE END", CancellationToken.None);
                }
            }

            // 2. The rest takes its time, and holds nobody up.
            var seen = await MariaContents.ReadAsync(reading, place.State.Name, expected: null, stop);
            return await dumping is { } error ? error : seen;
        }
        finally
        {
            await either.CancelAsync();
            if (dumping is not null)
            {
                await dumping.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    public async Task<Result<Contents>> ProveAsync(Claim claim, string id, string file, Contents expected, CancellationToken stop)
    {
        if (Find(claim) is not { } place)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        try
        {
            return await LoadAsync(place, Proof(id), Proof(id), Collation(claim), file, expected, stop);
        }
        finally
        {
            // Also when the platform stops; what a kill leaves, the next attempt takes away.
            await TidyAsync(claim, id, CancellationToken.None);
        }
    }

    public bool IsPlaced(Claim target) => Find(target) is not null;

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

        // Brought in as the first of its own two users: what it defines is theirs, as if they had made it.
        var place = Find(target) ?? throw new InvalidOperationException($"{target.Ref.Name} has no place yet.");
        var user = place.State.User(1);
        try
        {
            return (await LoadAsync(place, place.State.Name, user, Collation(target), file, expected, stop)).TryGet(out var seen, out var error) ? new Filled(seen, 0) : error;
        }
        finally
        {
            await MariaServers.ExecuteAsync(place.Admin, $"ALTER USER IF EXISTS {user}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Invalid}' ACCOUNT LOCK", CancellationToken.None);
            await MariaServers.EndSessionsAsync(place.Admin, user, CancellationToken.None);
        }
    }

    /// <summary>It has its name already; that nobody is told so before is the claim's phase.</summary>
    public Task TakeOverAsync(Claim target, string id, CancellationToken stop) => Task.CompletedTask;

    public async Task TidyAsync(Claim claim, string id, CancellationToken stop)
    {
        if (Find(claim) is { } place)
        {
            await MariaServers.ExecuteAsync(place.Admin, $"DROP USER IF EXISTS {Proof(id)}{From}", stop);
            await MariaServers.EndSessionsAsync(place.Admin, Proof(id), stop);
            await MariaServers.ExecuteAsync(place.Admin, $"DROP DATABASE IF EXISTS {Proof(id)}", stop);
        }
    }

    public async Task<Error?> ExportAsync(Claim claim, bool plain, Stream output, CancellationToken stop) => Find(claim) is { } place
        ? await programs.DumpAsync(place.Port, AdminOf(place), place.State.Name, output, stop)
        : new NotReady(claim.Ref, claim.Status.Phase);

    /// <summary>Without transactions around changes of tables it could not be all or nothing.</summary>
    public Task<Error?> ImportAsync(Claim claim, string id, string folder, string name, CancellationToken stop) => Task.FromResult<Error?>(new NoImport(claim.Ref, claim.Spec.Type));

    internal static string Proof(string id) => $"axle_proof_{BackupKinds.Plain(id)}";

    private static string Collation(Claim claim) => (MariaParams.Read(claim.Spec) is { Ok: true, Value: var read } ? read : MariaParams.Default).Collation;

    private MariaLogin AdminOf(MariaPlace place) => new(ServerAdmin.User, admins.PasswordOf(place.State.ServerRef));

    private MariaPlace? Find(Claim claim) =>
        claim.State<ServerTenant>() is { } state
        && entities.Find(ResourceKinds.Claim, state.ServerRef) is { Status.Phase: ResourcePhases.Ready, Spec.Removal: null } server
        && ServerState.PortOf(server.Status) is { } port
            ? new MariaPlace(maria.Admin(state.ServerRef, port), port, state)
            : null;

    /// <summary>A database, made anew and filled by a user who has rights on nothing else.</summary>
    private async Task<Result<Contents>> LoadAsync(MariaPlace place, string database, string user, string collation, string file, Contents expected, CancellationToken stop)
    {
        // 1. Where it goes, and who may.
        var login = new MariaLogin(user, Scram.NewPassword());
        await MariaServers.ExecuteAsync(place.Admin, $"DROP DATABASE IF EXISTS {database}", stop);
        await MariaServers.ExecuteAsync(place.Admin, $"CREATE DATABASE {database} COLLATE {collation}", stop);
        await MariaServers.ExecuteAsync(place.Admin, $"CREATE USER IF NOT EXISTS {user}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Invalid}' ACCOUNT LOCK", stop);
        await MariaServers.ExecuteAsync(place.Admin, $@"GRANT ALL PRIVILEGES ON `{database.Replace("_", @"\_", StringComparison.Ordinal)}`.* TO {user}{From}", stop);
        await MariaServers.ExecuteAsync(place.Admin, $"ALTER USER {user}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Hash(login.Password)}' WITH MAX_USER_CONNECTIONS 0 MAX_STATEMENT_TIME 0 ACCOUNT UNLOCK", stop);

        // 2. In.
        await using (var dump = new GZipStream(File.OpenRead(file), CompressionMode.Decompress))
        {
            if (await programs.LoadAsync(place.Port, login, database, dump, stop) is { } error)
            {
                return error;
            }
        }

        // 3. What is there now.
        await using var reading = await place.Admin.OpenConnectionAsync(stop);
        await MariaContents.BeginAsync(reading, stop);
        return await MariaContents.ReadAsync(reading, database, expected, stop);
    }
}

/// <summary>A database of a claim on its server.</summary>
internal sealed record MariaPlace(MySqlDataSource Admin, int Port, ServerTenant State);

/// <summary>Who works on it.</summary>
internal sealed record MariaLogin(string User, SecretValue Password);
