using System.Net.Http.Json;
using Axle.Contracts;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>Databases that are lost, and come back. Everything through the API, as the CLI does it.</summary>
public sealed class BackupTests(DoomedPlatform platform) : IClassFixture<DoomedPlatform>
{
    private const int Drills = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Destroyed_databases_come_back_equal_from_their_backups()
    {
        SkipWithoutPostgres();
        var name = await MakeAsync("drills", "CREATE TABLE t(i serial PRIMARY KEY, v text); INSERT INTO t(v) SELECT md5(i::text) FROM generate_series(1, 500) i;");
        for (var drill = 1; drill <= Drills; drill++)
        {
            await ImportAsync(name, $"UPDATE t SET v = v || '{drill}' WHERE i % 3 = 0; INSERT INTO t(v) VALUES ('drill {drill}');");
            var before = await ContentAsync(name);
            var backup = await BackupAsync(name);
            Assert.Equal(1, backup.Status.Proof!.Tables);
            Assert.Equal(500 + drill, backup.Status.Proof.Rows);

            await PostAsync<ResourceView>($"/api/resources/{name}/delete", new ResourceCommand(Force: true, Now: true));
            await Platform.UntilAsync(async () => await FindAsync<ResourceView>($"/api/resources/{name}") is null ? "" : null, $"{name} was never destroyed", s_patience);
            name = await RestoredAsync(await PostAsync<RestoreView>($"/api/resources/{name}/restore", new RestoreRequest($"drills-{drill}", backup.Id)));
            Assert.Equal(before, await ContentAsync(name));
        }
    }

    [Fact]
    public async Task A_moment_before_a_mistake_can_be_had_back()
    {
        SkipWithoutPostgres();
        var name = await MakeAsync("moments", "CREATE TABLE t(i int); INSERT INTO t SELECT generate_series(1, 300);");
        var window = await Platform.UntilAsync(async () => (await FindAsync<BackupsView>($"/api/resources/{name}/backups"))?.Window, "there was never a physical copy of the server", s_patience);
        var before = await ContentAsync(name);
        var moment = TimeProvider.System.GetUtcNow();
        await Task.Delay(50, Stop);
        await ImportAsync(name, "DELETE FROM t WHERE i > 10;");

        using var early = await platform.Api.PostAsJsonAsync($"/api/resources/{name}/restore", new RestoreRequest("moments-early", At: window.Oldest.AddMinutes(-1)), AxleJson.Default.RestoreRequest, Stop);
        Assert.Contains("resources.restore_window", await early.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        var restored = await RestoredAsync(await PostAsync<RestoreView>($"/api/resources/{name}/restore", new RestoreRequest("moments-before", At: moment)));
        Assert.Equal(before, await ContentAsync(restored));
        Assert.NotEqual(before, await ContentAsync(name));
    }

    [Fact]
    public async Task A_platform_that_is_killed_meanwhile_finishes_backup_and_restore()
    {
        SkipWithoutPostgres();
        var name = await MakeAsync("killed", "CREATE TABLE t(i int, v text); INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 60000) i;");
        var begun = await PostAsync<BackupView>($"/api/resources/{name}/backups", null);
        await KillAsync();
        await DoneAsync(name, begun.Id);

        var restore = await PostAsync<RestoreView>($"/api/resources/{name}/clone", new CloneRequest(To: "killed-copy", Mask: "t:\n  v: hash\n"));
        await Platform.UntilAsync(async () => (await FindAsync<RestoreView>($"/api/resources/{name}/restores/{restore.Id}"))?.Status.Step is RestoreSteps.Filling or RestoreSteps.Filled or RestoreSteps.Done ? "" : null, "the copy never began", s_patience);
        await KillAsync();
        var copy = await RestoredAsync(restore);
        Assert.DoesNotContain("8f14e45fceea167a5a36dedd4bea2543", await ContentAsync(copy), StringComparison.Ordinal);
    }

    private static void SkipWithoutPostgres() => Assert.SkipUnless(Directory.Exists("/usr/lib/postgresql"), "PostgreSQL is not installed on this machine");

    private async Task KillAsync()
    {
        // One that was killed a moment ago has no file until its successor is ready.
        var file = Path.Combine(platform.Data, "run", "server.json");
        await Platform.UntilAsync(() => Task.FromResult(File.Exists(file) ? "" : null), "no server was ready", s_patience);
        var killed = platform.ProcessId("server");
        platform.Kill("server");
        await Platform.UntilAsync(async () => File.Exists(file) && platform.ProcessId("server") != killed && await FindAsync<List<ResourceView>>("/api/resources") is not null ? "" : null, "no new server was started", s_patience);
    }

    private async Task<string> MakeAsync(string id, string sql)
    {
        var made = await PostAsync<ResourceView>("/api/resources", new ResourceRequest("postgres", id, Owner: "team-shop"));
        await ReadyAsync(made.Name);
        await ImportAsync(made.Name, sql);
        return made.Name;
    }

    private async Task<BackupView> BackupAsync(string name) => await DoneAsync(name, (await PostAsync<BackupView>($"/api/resources/{name}/backups", null)).Id);

    private async Task<BackupView> DoneAsync(string name, string id)
    {
        var done = await Platform.UntilAsync(
            async () => (await FindAsync<BackupsView>($"/api/resources/{name}/backups"))?.Backups.FirstOrDefault(one => one.Id == id && one.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed),
            $"the backup {id} was never done",
            s_patience);
        Assert.True(done.Status.Phase == BackupPhases.Succeeded, done.Message);
        return done;
    }

    private async Task<string> RestoredAsync(RestoreView begun)
    {
        var done = await Platform.UntilAsync(
            async () => await FindAsync<RestoreView>($"/api/resources/{begun.To}/restores/{begun.Id}") is { Status.Phase: BackupPhases.Succeeded or BackupPhases.Failed } seen ? seen : null,
            $"the restore {begun.Id} was never done",
            s_patience);
        Assert.True(done.Status.Phase == BackupPhases.Succeeded, done.Message);
        await ReadyAsync(begun.To);
        return begun.To;
    }

    private Task<ResourceView> ReadyAsync(string name) =>
        Platform.UntilAsync(async () => await FindAsync<ResourceView>($"/api/resources/{name}") is { Phase: ResourcePhases.Ready } ready ? ready : null, $"{name} was never ready", s_patience);

    private async Task ImportAsync(string name, string sql)
    {
        using var answer = await platform.Api.PostAsync(new Uri($"/api/resources/{name}/import", UriKind.Relative), new StringContent(sql), Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Every row, as the database itself writes it.</summary>
    private async Task<string> ContentAsync(string name)
    {
        var text = await platform.Api.GetStringAsync(new Uri($"/api/resources/{name}/export?format=plain", UriKind.Relative), Stop);
        return string.Join('\n', text.Split('\n').Where(line => !line.StartsWith(@"\restrict", StringComparison.Ordinal) && !line.StartsWith(@"\unrestrict", StringComparison.Ordinal)));
    }

    private async Task<T> PostAsync<T>(string path, object? body)
    {
        using var answer = await platform.Api.PostAsJsonAsync(path, body ?? new object(), Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
        return (await answer.Content.ReadFromJsonAsync<T>(Stop))!;
    }

    private async Task<T?> FindAsync<T>(string path)
        where T : class
    {
        try
        {
            using var answer = await platform.Api.GetAsync(new Uri(path, UriKind.Relative), Stop);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<T>(Stop) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
