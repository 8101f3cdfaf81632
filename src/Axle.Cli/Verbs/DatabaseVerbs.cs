using System.CommandLine;
using System.Globalization;
using Axle.Cli.Api;
using Axle.Cli.Machine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle db</c>: PostgreSQL databases, self-service.</summary>
internal static class DatabaseVerbs
{
    private const string Type = "postgres";

    public static IEnumerable<Command> All(AxleCli cli)
    {
        var db = new Verb("db", "Create, open, look into, back up and restore databases", "axle db list", "axle db shell orders -e staging")
        {
            ResourceVerbs.List(cli, "list", Type, "axle db list", "axle db list -e production"),
            ResourceVerbs.Creating(cli, new Verb("create", "Create a database, ready in about a second", "axle db create shop-db --owner team-shop", "axle db create shop-db --param extensions='[\"citext\"]'"), _ => Type),
            Shell(cli), Connect(cli), Stats(cli),
        };
        foreach (var verb in BackupVerbs.ForDatabases(cli))
        {
            db.Add(verb);
        }

        return [db];
    }

    private static Verb Shell(AxleCli cli)
    {
        var (name, environment, readOnly) = (ResourceVerbs.Name(), Arguments.Environment(), ReadOnly());
        return new Verb("shell", "Open psql with a login of your own, which ends with the visit", "axle db shell orders -e staging", "axle db shell orders.db.production --read-only") { name, environment, readOnly }.Runs(cli, async (session, parsed, stop) =>
        {
            if (Programs.Find("psql", session.Host.Variable("PATH")) is not { } psql)
            {
                throw RefusedException.Because("program_missing", "psql is not installed on this machine", "apt-get install postgresql-client, or: axle db connect NAME");
            }

            var login = await ConnectAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(environment), new ConnectRequest(parsed.GetValue(readOnly)), stop);
            session.Terminal.Note($"{login.Database} as {login.Username}{(parsed.GetValue(readOnly) ? ", read-only" : "")}, until {Words.Local(login.ExpiresAt, session.Host.Clock)}", Tone.Dim);
            var variables = new Dictionary<string, string?>
            {
                ["PGHOST"] = login.Host,
                ["PGPORT"] = login.Port.ToString(CultureInfo.InvariantCulture),
                ["PGDATABASE"] = login.Database,
                ["PGUSER"] = login.Username,
                ["PGPASSWORD"] = login.Password,
            };
            return await Programs.RunHereAsync(psql, [], stop, variables);
        });
    }

    private static Verb Connect(AxleCli cli)
    {
        var minutes = new Option<int>("--minutes") { Description = "How long the login lives, up to 480", HelpName = "N", DefaultValueFactory = _ => 60 };
        var (name, environment, readOnly) = (ResourceVerbs.Name(), Arguments.Environment(), ReadOnly());
        return new Verb("connect", "Print a login of your own that lives for a while; written down with your name", "axle db connect orders -e staging --minutes 15", "psql $(axle db connect orders --output json | jq -r .uri)") { name, environment, readOnly, minutes }.Runs(cli, async (session, parsed, stop) =>
        {
            var login = await ConnectAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(environment), new ConnectRequest(parsed.GetValue(readOnly), parsed.GetValue(minutes)), stop);
            return session.Show(login, AxleJson.Default.ConnectAnswer, terminal =>
            {
                terminal.Line(login.Uri);
                terminal.Note($"Until {Words.Local(login.ExpiresAt, session.Host.Clock)}. Do not give it to an application: those get their own.", Tone.Dim);
            });
        });
    }

    private static Verb Stats(AxleCli cli)
    {
        var (name, environment) = (ResourceVerbs.Name(), Arguments.Environment());
        return new Verb("stats", "Size, connections, biggest tables and slowest statements", "axle db stats orders -e staging") { name, environment }.Runs(cli, async (session, parsed, stop) =>
        {
            var stats = await session.Client.GetAsync($"api/resources/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/stats" + Paths.Query(("environment", parsed.GetValue(environment))), AxleJson.Default.DatabaseStats, stop);
            return session.Show(stats, AxleJson.Default.DatabaseStats, terminal =>
            {
                terminal.Line(new Cell(stats.Name, Tone.Strong), $"  PostgreSQL {stats.Version}, {Words.Bytes(stats.SizeBytes)}, {stats.Connections} of {stats.ConnectionsMax} connections, {stats.CacheHitRatio.ToString("P1", CultureInfo.InvariantCulture)} from memory");
                terminal.Line($"{stats.Commits} commits, {stats.Rollbacks} rollbacks, {stats.Deadlocks} deadlocks");
                terminal.Line();
                terminal.Table(
                    ["TABLE", "ROWS", "SIZE"],
                    stats.Tables.Select(IReadOnlyList<Cell> (table) => [table.Name, table.Rows.ToString(CultureInfo.InvariantCulture), Words.Bytes(table.SizeBytes)]),
                    "No tables yet.");
                terminal.Line();
                terminal.Table(
                    ["CALLS", "MEAN", "TOTAL", "STATEMENT"],
                    stats.SlowQueries.Select(IReadOnlyList<Cell> (query) =>
                    [
                        query.Calls.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{query.MeanMs:0.00} ms"), string.Create(CultureInfo.InvariantCulture, $"{query.TotalMs:0} ms"), query.Query.Length > 100 ? query.Query[..100] + "…" : query.Query,
                    ]),
                    "No statements were measured yet.");
            });
        });
    }

    private static Option<bool> ReadOnly() => new("--read-only") { Description = "Sees everything, changes nothing" };

    private static Task<ConnectAnswer> ConnectAsync(Session session, string name, string? environment, ConnectRequest request, CancellationToken stop) => session.Client.SendAsync(
        HttpMethod.Post, $"api/resources/{Uri.EscapeDataString(name)}/connect" + Paths.Query(("environment", environment)), request, AxleJson.Default.ConnectRequest, AxleJson.Default.ConnectAnswer, stop);
}
