using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using Axle.Contracts;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>A service with a database and a cache, as a team uses it: made, rotated under load, looked into, removed and had back.</summary>
public sealed class ResourceTests(Platform platform)
{
    private const string Score = """
        apiVersion: score.dev/v1b1
        metadata: { name: NAME }
        service: { ports: { web: { port: 80, targetPort: 8080 } } }
        containers:
          web:
            image: .
            variables: { DATABASE_URL: "${resources.db.uri}", REDIS_URL: "${resources.cache.uri}", API_KEY: "${resources.env.API_KEY}" }
            readinessProbe: { httpGet: { path: /, port: 8080 } }
        resources:
          db: { type: postgres, params: { extensions: [citext] } }
          cache: { type: redis }
          env: { type: environment }
        """;

    private const string Package = """{ "name": "ledger", "version": "1.0.0", "private": true, "type": "module", "scripts": { "start": "node main.js" }, "dependencies": { "pg": "8.13.1", "redis": "4.7.0" } }""";

    /// <summary>It tells its own login at /login, which no service should.</summary>
    private const string Main = """
        import { createServer } from 'node:http';
        import pg from 'pg';
        import { createClient } from 'redis';
        const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
        pool.on('error', () => {});
        const cache = createClient({ url: process.env.REDIS_URL });
        cache.on('error', () => {});
        await cache.connect();
        console.log(`key ${process.env.API_KEY} and ${process.env.DATABASE_URL}`);
        await pool.query('CREATE TABLE IF NOT EXISTS rows (id serial PRIMARY KEY, name citext)');
        const server = createServer(async (request, response) => {
          try {
            if (request.url === '/login') return response.end(process.env.DATABASE_URL + ' ' + process.env.REDIS_URL);
            if (request.url === '/add') await pool.query("INSERT INTO rows (name) VALUES ('one')");
            const { rows } = await pool.query('SELECT count(*)::int AS n, session_user AS who FROM rows');
            response.end(JSON.stringify({ ...rows[0], visits: await cache.incr('visits') }));
          } catch (error) {
            response.statusCode = 500;
            response.end(String(error));
          }
        });
        server.listen(process.env.PORT);
        process.once('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workload_gets_its_database_and_nobody_reads_the_password()
    {
        const string Name = "ledger";
        await MakeAsync(Name);

        // 1. It works, under the role that owns everything.
        var answer = await platform.UntilAnswersAsync(Name, "staging", "\"who\":\"ledger_db_");
        Assert.Contains("_a\"", answer, StringComparison.Ordinal);
        await platform.GetAsync(Name, "staging", "/add");

        // 2. Rotated while it is asked all the time: no request fails, and the old login is refused.
        var (_, before) = await platform.GetAsync(Name, "staging", "/login");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var failures = AskAsync(Name, end.Token);
        var rotated = await platform.AxleAsync("resource", "rotate", "ledger.db.staging").OkAsync();
        await platform.AxleAsync("resource", "rotate", "ledger.cache.staging").OkAsync();
        await end.CancelAsync();
        Assert.Empty(await failures);
        Assert.Contains("uses version 2", rotated.Out, StringComparison.Ordinal);
        var (_, after) = await platform.GetAsync(Name, "staging", "/login");
        Assert.Contains("_b:", after, StringComparison.Ordinal);
        var refused = await Shell.RunAsync("psql", [before.Split(' ')[0], "-qAtc", "SELECT 1"], "/", platform.Variables);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Matches("authentication failed|not permitted to log in", refused.Error);

        // 3. The log shows no secret, and no file of the platform has one.
        var log = await platform.AxleAsync("logs", Name, "-e", "staging", "--tail", "50").OkAsync();
        Assert.Contains("key [redacted] and [redacted]", log.Out, StringComparison.Ordinal);
        var passwords = $"{before} {after}".Split(' ').Select(uri => new Uri(uri).UserInfo.Split(':')[1]).Append("key-of-a-partner").ToList();
        Assert.Equal(5, passwords.Distinct().Count());
        var leaks = await Shell.RunAsync("grep", ["-rlaF", .. passwords.SelectMany(password => (string[])["-e", password]), platform.Data], "/", platform.Variables);
        Assert.Equal((1, ""), (leaks.ExitCode, leaks.Out));

        // 4. A person's visit is written down, and sees the data.
        var visit = await platform.AxleAsync("db", "connect", Name, "--minutes", "5", "--read-only", "--output", "json").OkAsync();
        var uri = System.Text.Json.JsonDocument.Parse(visit.Out).RootElement.GetProperty("uri").GetString()!;
        Assert.Equal("1", (await Shell.RunAsync("psql", [uri, "-qAtc", "SELECT count(*) FROM rows"], "/", platform.Variables).OkAsync()).Out.Trim());
        Assert.NotEqual(0, (await Shell.RunAsync("psql", [uri, "-qAtc", "DELETE FROM rows"], "/", platform.Variables)).ExitCode);
        Assert.Contains("connect read-only", (await platform.AxleAsync("history", "resourceclaim:ledger.db.staging").OkAsync()).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_database_comes_back_with_its_data()
    {
        const string Name = "attic";
        await MakeAsync(Name);
        await platform.UntilAnswersAsync(Name, "staging", "\"n\":0");
        await platform.GetAsync(Name, "staging", "/add");

        await platform.AxleAsync("resource", "delete", "attic.db.staging", "--force", "--yes").OkAsync();
        await Platform.UntilAsync(async () => await PhaseAsync("attic.db.staging") == "Removed" ? "" : null, "it was never switched off");
        Assert.Equal(HttpStatusCode.InternalServerError, (await platform.GetAsync(Name, "staging")).Status);

        await platform.AxleAsync("undo", "attic.db.staging").OkAsync();
        await platform.UntilAnswersAsync(Name, "staging", "\"n\":1");
    }

    [Fact]
    public async Task Files_of_a_component_that_is_gone_are_kept_and_its_backup_becomes_another_volume()
    {
        const string Name = "album";
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "Volumes need bubblewrap, which is not installed on this machine");
        await platform.ImportAsync(
            Name,
            ("package.json", """{ "name": "album", "version": "1.0.0", "private": true, "type": "module", "scripts": { "start": "node main.js" } }"""),
            ("main.js", """
                import { createServer } from 'node:http';
                import { appendFileSync, readFileSync } from 'node:fs';
                createServer((request, response) => {
                  if (request.url === '/add') appendFileSync('/data/rows', 'x');
                  let rows = '';
                  try { rows = readFileSync('/data/rows', 'utf8'); } catch { }
                  response.end(`rows ${rows.length}`);
                }).listen(process.env.PORT);
                """),
            ("score.yaml", """
                apiVersion: score.dev/v1b1
                metadata: { name: album }
                service: { ports: { web: { port: 80, targetPort: 8080 } } }
                containers: { web: { image: ., volumes: { /data: { source: "${resources.files}" } } } }
                resources: { files: { type: volume } }
                """)).OkAsync();
        await platform.UntilAnswersAsync(Name, "staging", "rows 0");
        await platform.GetAsync(Name, "staging", "/add");

        // 1. Backed up and restored beside it.
        Assert.Contains("1 files, 1 bytes", (await platform.AxleAsync("resource", "backup", "album.files.staging").OkAsync()).Out, StringComparison.Ordinal);
        await platform.GetAsync(Name, "staging", "/add");
        await platform.AxleAsync("resource", "restore", "album.files.staging", "--to", "album-again").OkAsync();
        Assert.Equal("x", await RowsAsync("album-again-volume.staging"));

        // 2. The component goes; its files come back with undo.
        await platform.AxleAsync("delete", "component:album", "--force", "--yes").OkAsync();
        await Platform.UntilAsync(async () => await PhaseAsync("album.files.staging") == "Removed" ? "" : null, "it was never removed");
        await platform.AxleAsync("undo", "album.files.staging").OkAsync();
        await Platform.UntilAsync(async () => await PhaseAsync("album.files.staging") == "Ready" ? "" : null, "it was never brought back");
        Assert.Equal("xx", await RowsAsync("album.files.staging"));
    }

    [Fact]
    public async Task A_plan_says_what_a_release_would_do()
    {
        const string Name = "planned";
        await MakeAsync(Name);
        var plan = await platform.AxleAsync("plan", Name, "-e", "production").OkAsync();
        Assert.Matches(@"\+ create +planned\.db\.production \(postgres\)", plan.Out);
        Assert.Matches(@"\+ create +planned\.cache\.production \(redis\)", plan.Out);
    }

    private async Task MakeAsync(string name)
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/postgresql") && File.Exists("/usr/bin/redis-server"), "PostgreSQL or Redis is not installed on this machine");

        // Set before the component is there, for everybody: the release finds it.
        await Shell.RunAsync(Platform.Axle, ["secret", "set", "API_KEY", "--organisation", "--output", "json"], "/", platform.Variables, "key-of-a-partner").OkAsync();
        await platform.ImportAsync(name, ("package.json", Package), ("main.js", Main), ("score.yaml", Score.Replace("NAME", name, StringComparison.Ordinal))).OkAsync();
        var done = await platform.UntilDoneAsync(name, "staging", "v1", TimeSpan.FromMinutes(3));
        Assert.True(done.Status.Phase == DeploymentPhases.Healthy, done.Status.Failure?.Message);
    }

    private async Task<string?> RowsAsync(string volume)
    {
        await using var archive = await platform.Api.GetStreamAsync(new Uri($"/api/resources/{volume}/export?format=plain", UriKind.Relative), Stop);
        await using var tar = new TarReader(archive);
        while (await tar.GetNextEntryAsync(copyData: true, Stop) is { } entry)
        {
            if (entry.Name == "rows" && entry.DataStream is { } data)
            {
                using var reader = new StreamReader(data);
                return await reader.ReadToEndAsync(Stop);
            }
        }

        return null;
    }

    private async Task<string?> PhaseAsync(string claim)
    {
        var text = await platform.Api.GetStringAsync(new Uri($"/api/resources/{claim}", UriKind.Relative), Stop);
        return System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("phase").GetString();
    }

    /// <summary>Asks until the end, and tells every answer that was none.</summary>
    private async Task<IReadOnlyList<string>> AskAsync(string name, CancellationToken end)
    {
        var failures = new List<string>();
        var clock = Stopwatch.StartNew();
        while (!end.IsCancellationRequested)
        {
            var (status, body) = await platform.GetAsync(name, "staging");
            if (status != HttpStatusCode.OK)
            {
                failures.Add($"{clock.Elapsed.TotalSeconds:0.0} s: {(int)status} {body}");
            }

            await Task.Delay(10, CancellationToken.None);
        }

        return failures;
    }
}
