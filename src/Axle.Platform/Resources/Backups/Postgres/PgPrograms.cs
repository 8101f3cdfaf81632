using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>Runs PostgreSQL's own programs against our servers. A password is passed as a variable, never as an argument.</summary>
internal sealed class PgPrograms(ProgramRunner runner, IEntityStore entities, ServerAdmin admins)
{
    /// <summary>A dump or restore that takes longer has gone wrong.</summary>
    private static readonly TimeSpan s_timeMax = TimeSpan.FromHours(6);

    private const int LinesMax = 3;

    /// <summary>Where a claim's database is; null while that is not known.</summary>
    public PgDatabase? Find(Claim claim) =>
        claim.State<PostgresState>() is { } state && PlaceOf(state.ServerRef) is { } place && PostgresParams.Read(claim.Spec).TryGet(out var asked, out _)
            ? new PgDatabase(place, state, asked)
            : null;

    /// <summary>A server that is ready; null while it is not.</summary>
    public PgPlace? PlaceOf(EntityRef server) =>
        entities.Find(ResourceKinds.Claim, server) is { Status.Phase: ResourcePhases.Ready, Spec.Removal: null } found
        && new Claim(found, new ProvisionerSpec { Uri = "", Type = found.Spec.Type }).State<ServerState>() is { } state
        && PostgresProgram.Find(state.Version) is { } program
            ? new PgPlace(server, state.Port, program)
            : null;

    public PgLogin Admin(PgPlace place, string database) => new(place.Port, database, ServerAdmin.User, admins.PasswordOf(place.Server));

    /// <summary>Runs one to its end; null when it went well.</summary>
    public async Task<Error?> RunAsync(PgPlace place, PgLogin login, string program, IReadOnlyList<string> arguments, Func<Stream, CancellationToken, Task>? output, CancellationToken stop)
    {
        var end = await EndAsync(place, login, program, arguments, output, stop);
        return end.Ok ? null : new PgFailed(program, Last(end.Errors));
    }

    public Task<ProgramEnd> EndAsync(PgPlace place, PgLogin login, string program, IReadOnlyList<string> arguments, Func<Stream, CancellationToken, Task>? output, CancellationToken stop) => runner.RunAsync(
        new ProgramCall(place.Program.Program(program), [.. arguments, "--no-password"])
        {
            Variables = new Dictionary<string, string>(ProgramRunner.BasicVariables)
            {
                ["PGHOST"] = ServerWorkloads.Host,
                ["PGPORT"] = login.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = login.User,
                ["PGDATABASE"] = login.Database,
                ["PGPASSWORD"] = login.Password.Reveal(),
                ["PGAPPNAME"] = "axle",
                ["PGCONNECT_TIMEOUT"] = "10",
                ["PGSSLMODE"] = "disable",
                ["PGGSSENCMODE"] = "disable",
            },
            Output = output,
            TimeMax = s_timeMax,
        },
        stop);

    /// <summary>The part of a program's errors that says why.</summary>
    private static string Last(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.Where(line => line.Contains("error:", StringComparison.Ordinal) || line.StartsWith("DETAIL", StringComparison.Ordinal)).ToList();
        return string.Join("; ", (telling.Count > 0 ? telling : [.. lines]).Take(LinesMax)).TrimEnd('.');
    }
}

/// <summary>A program of PostgreSQL gave up.</summary>
internal sealed record PgFailed(string Program, string Reason)
    : Error("resources.backup_program", $"{Program} failed: {Reason}.", null, 500);
