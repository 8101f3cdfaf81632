using Axle.Contracts;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Backups.Postgres;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Tests.Resources.Backups;

/// <summary>Dumps, restores and masking against a real server.</summary>
[Trait("Speed", "Slow")]
public sealed class PostgresBackupsTests(RealPostgres postgres) : IClassFixture<RealPostgres>
{
    private const string Shop =
        """
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE customers(id serial PRIMARY KEY, email varchar(60) UNIQUE, name text, age int, note text NOT NULL DEFAULT 'x', shout text GENERATED ALWAYS AS (upper(note)) STORED);
        INSERT INTO customers(email, name, age) SELECT 'jane' || i || '@example.com', 'Jane ' || i, i FROM generate_series(1, 300) i;
        CREATE TABLE "Odd "" Name"("row" int, f float8, d date, t timestamptz, b bytea, j jsonb, a int[], m mood);
        INSERT INTO "Odd "" Name" VALUES (1, 1 / 3.0::float8, '2026-02-28', now(), '\x00ff', '{"a": [1]}', '{1,2,NULL}', 'bad'), (NULL, 'NaN', 'infinity', NULL, '', 'null', NULL, NULL);
        CREATE TABLE part(i int, p int) PARTITION BY LIST (p); CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1); INSERT INTO part SELECT i, 1 FROM generate_series(1, 10) i;
        CREATE TABLE hidden(i int); INSERT INTO hidden VALUES (1); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden FORCE ROW LEVEL SECURITY;
        CREATE TABLE kept(old text);
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kept VALUES (old.email); RETURN new; END $$;
        CREATE TRIGGER keeps BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION keep();
        CREATE MATERIALIZED VIEW emails AS SELECT email FROM customers;
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_restored_has_the_same_tables_rows_and_sums_and_belongs_to_the_owner()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");
        await postgres.DatabaseAsync("shop", Shop);
        var (file, dumped) = await DumpAsync("shop");
        Assert.Equal(["public.Odd \" Name", "public.customers", "public.hidden", "public.kept", "public.part1"], dumped.Tables.Select(table => table.Name));
        Assert.Equal(300 + 2 + 10 + 1, dumped.Rows);

        var restored = await RestoreAsync("shop_again", file, dumped);
        Assert.Null(dumped.Difference(restored));
        Assert.Equal(dumped.Checksum(), restored.Checksum());
        Assert.Equal(0L, await postgres.AskAsync<long>("shop_again", "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relowner <> 'shop_again'::regrole"));

        // One changed value among all of them is seen.
        await using (var admin = await postgres.Servers.OpenAsync(postgres.Place.Server, postgres.Place.Port, "shop_again", Stop))
        {
            await PgScratch.RunAsync(admin, "UPDATE part1 SET i = 11 WHERE i = 10", Stop);
        }

        Assert.Equal("the table public.part1 has other values", dumped.Difference(await postgres.Scratch.ContentsAsync(postgres.Place, "shop_again", dumped, Stop)));
    }

    [Fact]
    public async Task A_dump_and_what_is_said_of_it_see_the_same_moment_while_others_write()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");
        var login = await postgres.DatabaseAsync("busy", "CREATE TABLE a(i int); CREATE TABLE b(i int); INSERT INTO a SELECT generate_series(1, 1000)");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var moving = Task.Run(
            async () =>
            {
                await using var connection = await PostgresServers.OpenAsync(postgres.Place.Port, "busy", login.User, login.Password, Stop);
                while (!done.IsCancellationRequested)
                {
                    await PgScratch.RunAsync(connection, "WITH moved AS (DELETE FROM a WHERE ctid IN (SELECT ctid FROM a LIMIT 7) RETURNING i) INSERT INTO b SELECT i FROM moved; INSERT INTO a SELECT generate_series(1, 7)", Stop);
                }
            },
            Stop);
        for (var round = 0; round < 3; round++)
        {
            var (file, dumped) = await DumpAsync("busy", $"busy{round}");
            Assert.Null(dumped.Difference(await RestoreAsync($"busy_{round}", file, dumped)));
        }

        await done.CancelAsync();
        await moving;
    }

    [Fact]
    public async Task Masked_values_are_nowhere_any_more_and_the_rest_is_as_it_was()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");
        var login = await postgres.DatabaseAsync("masked", Shop);
        var masked = await MaskAsync(login, "customers:\n  email: email\n  name: name\n  age: shuffle\n  note: {fixed: \"it's \\\\ fixed\"}\n");
        Assert.Equal(4 * 300, masked.Value);
        Assert.Equal(0L, await postgres.AskAsync<long>("masked", "SELECT count(*) FROM customers WHERE email LIKE 'jane%' OR name LIKE 'Jane%'"));
        Assert.Equal(300L, await postgres.AskAsync<long>("masked", "SELECT count(DISTINCT email) FROM customers WHERE email LIKE 'user-%@example.invalid'"));
        Assert.Equal(0L, await postgres.AskAsync<long>("masked", "SELECT count(*) FROM emails WHERE email LIKE 'jane%'"));
        Assert.Equal(0L, await postgres.AskAsync<long>("masked", "SELECT count(*) FROM kept"));
        Assert.Equal(300L * 301 / 2, await postgres.AskAsync<long>("masked", "SELECT sum(age) FROM customers"));
        Assert.True(await postgres.AskAsync<long>("masked", "SELECT count(*) FROM customers WHERE age <> id") > 200);
        Assert.Equal("IT'S \\ FIXED", await postgres.AskAsync<string>("masked", "SELECT max(shout) FROM customers"));
        Assert.Equal("O", await postgres.AskAsync<string>("masked", "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'keeps'"));
    }

    [Fact]
    public async Task Rules_that_do_not_fit_change_nothing()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");
        var login = await postgres.DatabaseAsync("unmasked", Shop);
        var refused = await MaskAsync(login, "customers:\n  name: hash\nnowhere:\n  x: null\npg_catalog.pg_class:\n  relname: null\n\"customers; DROP TABLE customers\":\n  x: null\n");
        Assert.Equal(["nowhere", "pg_catalog.pg_class", "customers; DROP TABLE customers"], refused.Error!.Problems.Select(problem => problem.Path));
        Assert.Equal(300L, await postgres.AskAsync<long>("unmasked", "SELECT count(*) FROM customers WHERE name LIKE 'Jane%'"));

        // Two customers of one name: the constraint refuses, and the first rule's work goes with it.
        await Assert.ThrowsAsync<PostgresException>(() => MaskAsync(login, "customers:\n  name: hash\n  email: {fixed: same}\n"));
        Assert.Equal(300L, await postgres.AskAsync<long>("unmasked", "SELECT count(*) FROM customers WHERE name LIKE 'Jane%'"));
    }

    [Fact]
    public async Task What_a_dump_runs_has_the_owners_rights_only()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");

        // An index over a function, which runs while the index is made, with the rights of whoever restores; and a cast, which would run for whoever reads rows as text.
        await postgres.DatabaseAsync("trap", "CREATE TABLE t(i int); INSERT INTO t VALUES (1); CREATE FUNCTION f(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN BEGIN RESET ROLE; CREATE ROLE axle_evil SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN i; END $$; CREATE INDEX ON t (f(i)); CREATE FUNCTION c(t) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM f(1); RETURN NULL; END $$; CREATE CAST (t AS text) WITH FUNCTION c(t)");
        var (file, dumped) = await DumpAsync("trap");
        await RestoreAsync("trap_again", file, dumped);
        Assert.Equal(0L, await postgres.AskAsync<long>("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'axle_evil'"));
    }

    [Fact]
    public async Task An_ended_login_leaves_what_it_made_to_the_owner()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? "");
        var login = await postgres.DatabaseAsync("ended", "SELECT 1");
        await using (var connection = await PostgresServers.OpenAsync(postgres.Place.Port, "ended", login.User, login.Password, Stop))
        {
            await PgScratch.RunAsync(connection, "CREATE TABLE made(i int)", Stop);
        }

        await postgres.Scratch.EndLoginAsync(postgres.Place, "ended", "ended", "ended", Stop);
        await postgres.Scratch.EndLoginAsync(postgres.Place, "ended", "ended", "ended", Stop);
        Assert.Equal("ended", await postgres.AskAsync<string>("ended", "SELECT tableowner::text FROM pg_tables WHERE tablename = 'made'"));
        Assert.Equal(0L, await postgres.AskAsync<long>("postgres", $"SELECT count(*) FROM pg_roles WHERE rolname = '{login.User}'"));
    }

    private async Task<(string File, Contents Contents)> DumpAsync(string database, string? name = null)
    {
        var file = Path.Combine(postgres.Folder(name ?? database), "copy.dump");
        var dumped = await postgres.Backups.DumpAsync(postgres.Place, postgres.Programs.Admin(postgres.Place, database), file, Stop);
        Assert.True(dumped.Ok, dumped.ToString());
        return (file, dumped.Value);
    }

    private async Task<Contents> RestoreAsync(string database, string file, Contents expected)
    {
        await postgres.Scratch.MakeAsync(postgres.Place, database, database, "C.UTF-8", Stop);
        var login = await postgres.Scratch.LoginAsync(postgres.Place, database, database, database, Stop);
        var refused = await postgres.Scratch.LoadAsync(postgres.Place, login, database, file, expected, Stop);
        Assert.True(refused is null, refused?.Message);
        return await postgres.Scratch.ContentsAsync(postgres.Place, database, expected, Stop);
    }

    private static async Task<Result<long>> MaskAsync(PgLogin login, string rules)
    {
        await using var connection = await PostgresServers.OpenAsync(login.Port, login.Database, login.User, login.Password, Stop);
        return await PgMask.RunAsync(connection, MaskFile.Read(rules).Value, Stop);
    }
}
