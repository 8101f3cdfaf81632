using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>A whole PostgreSQL server for one workload, whose users may make databases and roles in it.</summary>
internal sealed class PostgresInstanceDriver(IEntityStore entities, ServerClaims servers, PostgresServers postgres) : ILoginDriver
{
    private const string Owner = "owner";
    private const string Database = "postgres";

    private sealed record State(string Server);

    public string Uri => "axle://postgres-instance";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        var server = ServerClaims.Of(claim.Ref);
        if (!(await servers.EnsureAsync(server, PostgresServerDriver.Type, claim.Spec.Environment, claim.Spec.Owner, stop)).TryGet(out var stands, out var error))
        {
            return error;
        }

        var state = Provisioned.StateOf(new State(server.ToString()));
        if (stands.Server is null)
        {
            return new Provisioned { Waiting = stands.Waiting, RootCause = server, State = state };
        }

        var port = ServerState.PortOf(stands.Server.Status)!.Value;
        await PostgresDriver.ExecuteAsync(
            postgres.Admin(server, port),
            $"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Owner}') THEN CREATE ROLE {Owner} NOLOGIN CREATEDB CREATEROLE; GRANT ALL ON DATABASE {Database} TO {Owner}; GRANT ALL ON SCHEMA public TO {Owner}; END IF; END $$",
            stop);
        return new Provisioned { State = state, Outputs = Provisioned.OutputsOf(("host", ServerWorkloads.Host), ("port", port)) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    public async Task SuspendAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is { } place)
        {
            foreach (var version in (int[])[1, 2])
            {
                await PostgresDriver.ExecuteAsync(place.Admin, $"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{User(version)}') THEN ALTER ROLE {User(version)} NOLOGIN; PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{User(version)}'; END IF; END $$", stop);
            }
        }
    }

    public Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(ServerClaims.Of(claim.Ref), stop);

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) =>
        Task.FromResult(entities.Find(ResourceKinds.Claim, ServerClaims.Of(claim.Ref))?.Status.Facts);

    public Login NewLogin(Claim claim, int version) => new(User(version), Scram.NewPassword());

    public Task ApplyAsync(Claim claim, Login login, CancellationToken stop) => PostgresDriver.ExecuteAsync(
        Place(claim)!.Value.Admin,
        $"""
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login.Username}') THEN CREATE ROLE {login.Username} NOLOGIN; END IF; END $$;
        GRANT {Owner} TO {login.Username};
        ALTER ROLE {login.Username} SET role = '{Owner}';
        ALTER ROLE {login.Username} LOGIN PASSWORD '{Scram.Verifier(login.Password)}';
        """,
        stop);

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) =>
        PostgresServers.TryAsync(Place(claim)!.Value.Port, Database, login.Username, login.Password, "SELECT 1", stop);

    public async Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop)
    {
        await using var command = Place(claim)!.Value.Admin.CreateCommand("SELECT count(*)::int FROM pg_stat_activity WHERE usename = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = username });
        return (int)(await command.ExecuteScalarAsync(stop))!;
    }

    public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => PostgresDriver.ExecuteAsync(
        Place(claim)!.Value.Admin,
        $"ALTER ROLE {username} NOLOGIN PASSWORD NULL; DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{username}'; END $$",
        stop);

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("postgresql", status, $"/{Database}");

    private static string User(int version) => version % 2 == 1 ? "owner_a" : "owner_b";

    private (NpgsqlDataSource Admin, int Port)? Place(Claim claim) =>
        ServerClaims.Of(claim.Ref) is var server && entities.Find(ResourceKinds.Claim, server) is { } found && ServerState.PortOf(found.Status) is { } port
            ? (postgres.Admin(server, port), port)
            : null;
}
