using System.Net.Sockets;
using Axle.Contracts;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>Whoever uses Axle wrongly is told what is wrong and what to do next, and loses nothing.</summary>
public sealed class WrongUseTests(Platform axle)
{
    private const string Serves = "web: python3 -m http.server $PORT --bind 127.0.0.1\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_misspelt_verb_or_option_is_answered_with_the_nearest_right_one()
    {
        var verb = await axle.AxleAsync("depoly", "orders");
        Assert.Equal(2, verb.ExitCode);
        Assert.Contains("there is no verb 'depoly'; did you mean 'deploy'?", verb.Error, StringComparison.Ordinal);

        var option = await axle.AxleAsync("status", "--wacth");
        Assert.Equal(2, option.ExitCode);
        Assert.Contains("did you mean '--watch'?", option.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_component_is_answered_with_the_nearest_one()
    {
        await ServedAsync("wrong-name");

        var status = await axle.AxleAsync("status", "wrong-nmae");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("did you mean wrong-name?", status.Error, StringComparison.Ordinal);
        Assert.Contains("Next: axle status wrong-name", status.Error, StringComparison.Ordinal);

        var environment = await axle.AxleAsync("promote", "wrong-name", "--to", "prodution");
        Assert.Equal(1, environment.ExitCode);
        Assert.Contains("production", environment.Error, StringComparison.Ordinal);

        var release = await axle.AxleAsync("deploy", "wrong-name", "--release", "v99");
        Assert.Equal(1, release.ExitCode);
        Assert.Contains("wrong-name has no release 'v99'; the newest is v1.", release.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_own_a_component_is_refused_in_words_by_cli_and_git()
    {
        await ServedAsync("not-yours");
        var clone = await axle.CloneAsync("not-yours");
        await axle.ApplyAsync("""
            apiVersion: backstage.io/v1alpha1
            kind: User
            metadata:
              name: mallory
            spec:
              memberOf: []
            """);
        var token = (await axle.AxleAsync("token", "create", "theirs", "--user", "user:default/mallory").OkAsync()).Out.Trim();

        foreach (var verb in (string[][])[["scale", "not-yours", "web=2"], ["stop", "not-yours"], ["exec", "not-yours", "--", "id"], ["cancel", "not-yours"], ["delete", "component:not-yours", "--yes"]])
        {
            var refused = await As(token, verb);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("not-yours belongs to group:team-shop", refused.Error, StringComparison.Ordinal);
        }

        await Platform.WriteAsync(clone, ("index.html", "mine now"));
        await axle.CommitAsync(clone, "Take it over");
        var push = await PushAs(clone, token);
        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: axle: ", push.Error, StringComparison.Ordinal);
        Assert.Contains("not-yours belongs to group:team-shop", push.Error, StringComparison.Ordinal);

        Assert.Single((await axle.ViewAsync("not-yours")).Releases);
    }

    [Fact]
    public async Task A_token_may_do_only_what_it_was_made_for()
    {
        await ServedAsync("scoped");
        var clone = await axle.CloneAsync("scoped");
        var reads = (await axle.AxleAsync("token", "create", "reads", "--scope", "read").OkAsync()).Out.Trim();

        await As(reads, "status", "scoped").OkAsync();
        var deploy = await As(reads, "deploy", "scoped");
        Assert.Equal(1, deploy.ExitCode);
        Assert.Contains("This token may not deploy this component: its scopes are read.", deploy.Error, StringComparison.Ordinal);

        await Platform.WriteAsync(clone, ("index.html", "new"));
        await axle.CommitAsync(clone, "Change");
        var push = await PushAs(clone, reads);
        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: axle: This token may not push to scoped: its scopes are read.", push.Error, StringComparison.Ordinal);

        var unknown = await axle.AxleAsync("token", "create", "odd", "--scope", "component.deplyo");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("component.deploy", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_answered_with_how_to_sign_in()
    {
        await ServedAsync("locked");
        var clone = await axle.CloneAsync("locked");

        var cli = await As("axl_wrong", "status");
        Assert.Equal(1, cli.ExitCode);
        Assert.Contains("Next: axle login --url ", cli.Error, StringComparison.Ordinal);

        var push = await PushAs(clone, "axl_wrong");
        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: axle: The token is not one of Axle's", push.Error, StringComparison.Ordinal);
        Assert.Contains("axle login --url ", push.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_score_file_is_refused_with_every_place_and_the_old_version_serves_on()
    {
        await ServedAsync("misworded");
        var clone = await axle.CloneAsync("misworded");
        await Platform.WriteAsync(clone, ("score.yaml", """
            apiVersion: score.dev/v1b1
            metadata:
              name: misworded
            service:
              ports:
                web:
                  port: seventy
            containers:
              main:
                imgae: .
                variables:
                  DB: ${resources.db.host}
            """));
        await axle.CommitAsync(clone, "Add a workload");

        var push = await axle.GitAsync(clone, "push").OkAsync();

        Assert.Contains("score.yaml:7:13", push.Error, StringComparison.Ordinal);
        Assert.Contains("score.yaml:10:5", push.Error, StringComparison.Ordinal);
        Assert.Contains("score.yaml:12:11", push.Error, StringComparison.Ordinal);
        var view = await axle.ViewAsync("misworded");
        Assert.Equal(BuildPhases.Failed, view.Builds[0].Status.Phase);
        Assert.Single(view.Releases);
        Assert.Contains("first", (await axle.GetAsync("misworded", "staging")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_to_a_repository_that_is_not_there_says_how_it_is_made()
    {
        var folder = axle.Folder("nowhere");
        await axle.GitAsync(folder, "init", "-q", "-b", "main").OkAsync();
        await Platform.WriteAsync(folder, ("index.html", "hello"));
        await axle.CommitAsync(folder, "first");

        var push = await axle.GitAsync(folder, "push", $"{axle.Url}/git/nowhere.git", "main");

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("remote: axle: There is no repository 'nowhere' on this platform.", push.Error, StringComparison.Ordinal);
        Assert.Contains("remote: Next: axle create ", push.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_file_is_refused_by_its_name_and_the_rest_can_be_pushed_without_it()
    {
        await ServedAsync("huge");
        var clone = await axle.CloneAsync("huge");
        await using (var file = File.Create(Path.Combine(clone, "dump.sql")))
        {
            file.SetLength(101L << 20);
        }

        await axle.CommitAsync(clone, "Add the dump");
        var push = await axle.GitAsync(clone, "push");

        Assert.NotEqual(0, push.ExitCode);
        Assert.Contains("dump.sql", push.Error, StringComparison.Ordinal);
        Assert.Contains("100 MB", push.Error, StringComparison.Ordinal);

        await axle.GitAsync(clone, "rm", "-q", "--cached", "dump.sql").OkAsync();
        await Platform.WriteAsync(clone, ("index.html", "second"));
        await axle.GitAsync(clone, "add", "index.html").OkAsync();
        await axle.GitAsync(clone, "commit", "-q", "--amend", "-m", "Without the dump").OkAsync();
        await axle.GitAsync(clone, "push").OkAsync();
        Assert.Contains("second", (await axle.GetAsync("huge", "staging")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_pushes_at_once_one_wins_and_the_other_is_told_and_can_follow()
    {
        await ServedAsync("raced");
        var (one, two) = (await axle.CloneAsync("raced"), Path.Combine(axle.Folder("clones-too"), "raced"));
        await axle.GitAsync(axle.Folder("clones-too"), "clone", "-q", one, two).OkAsync();
        await axle.GitAsync(two, "remote", "set-url", "origin", (await axle.GitAsync(one, "remote", "get-url", "origin").OkAsync()).Out.Trim()).OkAsync();
        foreach (var clone in (string[])[one, two])
        {
            await Platform.WriteAsync(clone, ($"{Path.GetFileName(Path.GetDirectoryName(clone))}.txt", "here"));
            await axle.CommitAsync(clone, "At the same time");
        }

        var pushes = await Task.WhenAll(axle.GitAsync(one, "push", "origin", "main"), axle.GitAsync(two, "push", "origin", "main"));

        var lost = Assert.Single(pushes, push => push.ExitCode != 0);
        Assert.Contains("rejected", lost.Error, StringComparison.Ordinal);
        var loser = pushes[0] == lost ? one : two;
        await axle.GitAsync(loser, "pull", "-q", "--rebase", "origin", "main").OkAsync();
        await axle.GitAsync(loser, "push", "origin", "main").OkAsync();
        await axle.UntilAnswersAsync("raced", "staging", "here", "/clones.txt");
        await axle.UntilAnswersAsync("raced", "staging", "here", "/clones-too.txt");
    }

    [Fact]
    public async Task A_taken_port_is_named_with_who_holds_it()
    {
        using var holder = new TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        var port = ((System.Net.IPEndPoint)holder.LocalEndpoint).Port;

        var up = await axle.AxleAsync("up", "--detach", "--data", axle.Folder("port-taken"), "--port", $"{port}", "--ingress-port", "1024");

        Assert.Equal(1, up.ExitCode);
        Assert.Contains($"port {port} (portal and API) is taken by ", up.Error, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", up.Error, StringComparison.Ordinal);
        Assert.Contains($"Next: axle up --port {port + 1}", up.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notes.txt", "my thesis", "has files in it that are not Axle's")]
    [InlineData("version", "99", "was written by a newer Axle (layout 99; this one knows up to 1)")]
    [InlineData("version", "0", "has layout 0")]
    [InlineData("version", "abc", "says 'abc', which is no version of a data folder")]
    public async Task A_folder_that_is_not_ours_or_not_of_this_version_is_left_as_it_is(string file, string content, string said)
    {
        var folder = axle.Folder($"foreign-{content.GetHashCode(StringComparison.Ordinal):x}");
        await Platform.WriteAsync(folder, (file, content));

        var up = await axle.AxleAsync("up", "--detach", "--data", folder);

        Assert.Equal(1, up.ExitCode);
        Assert.Contains(said, up.Error, StringComparison.Ordinal);
        Assert.Contains("Next: ", up.Error, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(folder, file)], Directory.GetFileSystemEntries(folder));

        var purge = await axle.AxleAsync("down", "--purge", "--yes", "--data", axle.Folder("not-a-platform"));
        Assert.Equal(1, purge.ExitCode);
        Assert.Contains("nothing was removed", purge.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_without_permission_is_named_with_the_user()
    {
        if (Environment.IsPrivilegedProcess)
        {
            // Root may write anywhere; the machine's own read-only folder is the nearest thing.
            var refused = await axle.AxleAsync("up", "--detach", "--data", "/proc/axle");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("/proc/axle cannot be used", refused.Error, StringComparison.Ordinal);
            Assert.Contains("Next: choose another folder: axle up --data DIR", refused.Error, StringComparison.Ordinal);
            return;
        }

        var folder = axle.Folder("closed");
        await Shell.RunAsync("chmod", ["500", folder]).OkAsync();
        var up = await axle.AxleAsync("up", "--detach", "--data", Path.Combine(folder, "data"));
        Assert.Equal(1, up.ExitCode);
        Assert.Contains($"may not be written by {Environment.UserName}", up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_twice_finds_what_runs_and_down_without_a_platform_says_so()
    {
        var server = axle.ProcessId("server");
        var again = await axle.AxleAsync("up", "--detach", "--data", axle.Data).OkAsync();
        Assert.Contains(axle.Url, again.Out, StringComparison.Ordinal);
        Assert.Equal(server, axle.ProcessId("server"));

        var elsewhere = await axle.AxleAsync("up", "--detach", "--data", axle.Data, "--port", "1025");
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.Contains($"runs on port {axle.Port} already", elsewhere.Error, StringComparison.Ordinal);

        var empty = axle.Folder("never-started");
        var down = await axle.AxleAsync("down", "--data", empty).OkAsync();
        Assert.Contains($"Nothing was running in {empty}.", down.Error, StringComparison.Ordinal);
        Assert.Equal(server, axle.ProcessId("server"));
    }

    [Fact]
    public async Task Nothing_to_cancel_and_nothing_to_go_back_to_are_said_in_a_sentence()
    {
        await ServedAsync("idle");

        var cancel = await axle.AxleAsync("cancel", "idle");
        Assert.Equal(1, cancel.ExitCode);
        Assert.Contains("No build and no rollout of idle is running.", cancel.Error, StringComparison.Ordinal);

        var rollback = await axle.AxleAsync("rollback", "idle", "--in", "staging");
        Assert.Equal(1, rollback.ExitCode);
        Assert.Contains("idle in staging has no earlier release to go back to: v1 is the first that served.", rollback.Error, StringComparison.Ordinal);

        var scale = await axle.AxleAsync("scale", "idle", "worker=2");
        Assert.Equal(1, scale.ExitCode);
        Assert.Contains("idle has no process 'worker'; it has web.", scale.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_to_exec_reaches_the_command()
    {
        await ServedAsync("told");
        var answer = await Shell.RunAsync(Platform.Axle, ["exec", "told", "-e", "staging", "-i", "--", "tr", "a-z", "A-Z"], variables: axle.Variables, input: "hello from outside\n").OkAsync();
        Assert.Contains("HELLO FROM OUTSIDE", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_named_and_apps_and_reads_go_on_and_with_new_room_so_do_writes()
    {
        // 1. A platform whose data folder is a small disk of its own, with one service.
        var small = new Platform();
        Directory.CreateDirectory(small.Data);
        if (!Environment.IsPrivilegedProcess || (await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", "size=700m", "tmpfs", small.Data])).ExitCode != 0)
        {
            Directory.Delete(Path.GetDirectoryName(small.Data)!, recursive: true);
            Assert.Skip("This machine does not let us mount a small disk.");
        }

        try
        {
            await small.InitializeAsync();
            await small.ImportAsync("full", ("index.html", "first"), ("Procfile", Serves)).OkAsync();
            await small.UntilDoneAsync("full", "staging", "v1");
            var clone = await small.CloneAsync("full");

            // 2. The disk shrinks to what is used.
            var used = (await Shell.RunAsync("df", ["-k", "--output=used", small.Data]).OkAsync()).Out.Split('\n')[1].Trim();
            await Shell.RunAsync("mount", ["-o", $"remount,size={used}k", small.Data]).OkAsync();
            foreach (var verb in (string[][])[["scale", "full", "web=2"], ["create", "worker", "another", "--owner", "team-shop"], ["run", "full", "--", "true"], ["token", "create", "ci"]])
            {
                var refused = await small.AxleAsync(verb);
                Assert.True(refused.ExitCode == 1, refused.ToString());
                Assert.Contains("is full", refused.Error, StringComparison.Ordinal);
                Assert.Contains(small.Data, refused.Error, StringComparison.Ordinal);
                Assert.Contains("Next: Free some space", refused.Error, StringComparison.Ordinal);
            }

            await Platform.WriteAsync(clone, ("index.html", "second"));
            await small.CommitAsync(clone, "Second");
            var push = await small.GitAsync(clone, "push");
            Assert.NotEqual(0, push.ExitCode);
            Assert.Contains("is full", push.Error, StringComparison.Ordinal);

            var status = await small.AxleAsync("status", "full").OkAsync();
            Assert.Contains("Healthy", status.Out, StringComparison.Ordinal);
            Assert.Contains("first", (await small.GetAsync("full", "staging")).Body, StringComparison.Ordinal);

            // 3. There is room again, and nobody restarts anything.
            await Shell.RunAsync("mount", ["-o", "remount,size=700m", small.Data]).OkAsync();
            await small.GitAsync(clone, "push").OkAsync();
            Assert.Contains("second", (await small.GetAsync("full", "staging")).Body, StringComparison.Ordinal);
            await small.AxleAsync("scale", "full", "web=2").OkAsync();
        }
        finally
        {
            await small.AxleAsync("down", "--data", small.Data);
            await Shell.RunAsync("umount", ["-l", small.Data]);
            await small.DisposeAsync();
        }
    }

    private async Task ServedAsync(string component)
    {
        await axle.ImportAsync(component, ("index.html", "first"), ("Procfile", Serves)).OkAsync();
        await axle.UntilDoneAsync(component, "staging", "v1");
    }

    /// <summary>The CLI with another's token.</summary>
    private Task<Shell.Ended> As(string token, params string[] arguments) =>
        Shell.RunAsync(Platform.Axle, arguments, variables: new Dictionary<string, string>(axle.Variables) { ["AXLE_TOKEN"] = token, ["AXLE_URL"] = axle.Url });

    /// <summary>git with another's token, which the address carries as no person should.</summary>
    private Task<Shell.Ended> PushAs(string clone, string token) =>
        axle.GitAsync(clone, "-c", "credential.helper=", "push", $"http://axle:{token}@localhost:{axle.Port}/git/{Path.GetFileName(clone)}.git", "main");
}
