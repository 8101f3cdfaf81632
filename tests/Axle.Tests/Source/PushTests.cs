using System.Net;
using Axle.Platform.Source;

namespace Axle.Tests.Source;

public sealed class PushTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_shows_what_the_platform_does_with_it_and_the_clone_has_it()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        var commit = await host.CommitAsync(copy);

        var said = await host.MustAsync(copy, "push", "origin", "main");

        Assert.Contains($"remote: Building {commit[..7]} of orders", said, StringComparison.Ordinal);
        Assert.Contains("remote: Live at", said, StringComparison.Ordinal);
        var push = Assert.Single(host.Listener.Finished);
        Assert.Equal(new Pushed("orders", "main", commit, "user:default/jane"), push);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(await host.CopyAsync("orders"), "README.md"), Stop));
    }

    [Fact]
    public async Task Progress_reaches_the_person_while_the_work_goes_on_and_silence_keeps_the_connection()
    {
        await using var host = await SourceHost.StartAsync(o => o.KeepAlive = TimeSpan.FromMilliseconds(20));
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy);
        host.Listener.Hold();

        var push = host.GitAsync(copy, "push", "origin", "main");
        await SourceHost.UntilAsync(() => !host.Listener.Heard.IsEmpty, "the push is heard");
        await Task.Delay(100, Stop);
        Assert.False(push.IsCompleted);
        host.Listener.Release();

        var (code, text) = await push;
        Assert.Equal(0, code);
        Assert.Contains("remote: Live at", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_goes_on_when_the_person_goes_away()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy);
        host.Listener.Hold();
        using var person = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var push = host.GitAsync(copy, person.Token, "push", "origin", "main");
        await SourceHost.UntilAsync(() => !host.Listener.Heard.IsEmpty, "the push is heard");
        await person.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => push);
        host.Listener.Release();

        await SourceHost.UntilAsync(() => !host.Listener.Finished.IsEmpty, "the listener finishes");
    }

    [Fact]
    public async Task A_head_that_nobody_finished_is_told_again_after_a_restart_and_then_no_more()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        var commit = await host.CommitAsync(copy);
        host.Listener.Hold();
        var push = host.GitAsync(copy, "push", "origin", "main");
        await SourceHost.UntilAsync(() => !host.Listener.Heard.IsEmpty, "the push is heard");

        await host.StopAsync();
        Assert.Contains("axle: The platform is restarting; your push is kept", (await push).Text, StringComparison.Ordinal);
        Assert.Empty(host.Listener.Finished);
        host.Listener.Release();
        await host.StartAgainAsync();
        await SourceHost.UntilAsync(() => !host.Listener.Finished.IsEmpty, "the listener finishes");
        Assert.Equal(new Pushed("orders", "main", commit, "user:default/jane"), Assert.Single(host.Listener.Finished));

        await SourceHost.UntilAsync(() => Told(host, "orders") == commit, "the head is marked");
        await host.StopAsync();
        await host.StartAgainAsync();
        await host.Service<PushTeller>().TellAsync("orders", null, Stop);
        Assert.Equal(2, host.Listener.Heard.Count);
    }

    [Fact]
    public async Task A_listener_that_fails_is_said_to_the_person_and_tried_again()
    {
        // Seldom enough that the push itself, and not a sweep in between, tells first.
        await using var host = await SourceHost.StartAsync(o => o.SweepEvery = TimeSpan.FromSeconds(3));
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy);
        host.Listener.FailTimes = 1;

        var said = await host.MustAsync(copy, "push", "origin", "main");

        Assert.Contains("could not be started", said, StringComparison.Ordinal);
        await SourceHost.UntilAsync(() => !host.Listener.Finished.IsEmpty, "it is tried again");
    }

    [Fact]
    public async Task A_repository_without_component_waits_until_there_is_one()
    {
        await using var host = await SourceHost.StartAsync();
        await host.Repositories.CreateAsync("orders", Stop);
        var copy = await host.CopyAsync("orders", "admin");
        var commit = await host.CommitAsync(copy);

        var said = await host.MustAsync(copy, "push", "origin", "main");
        Assert.Contains("No component is built from orders yet", said, StringComparison.Ordinal);
        Assert.Empty(host.Listener.Heard);

        await host.Entities.PutAsync(SourceHost.Component("orders", "group:default/shop"), "test", stop: Stop);
        await SourceHost.UntilAsync(() => host.Listener.Finished.Any(p => p.Commit == commit), "the head is told");
    }

    [Fact]
    public async Task Another_branch_is_kept_and_not_deployed()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy);

        var said = await host.MustAsync(copy, "push", "origin", "main:feature/x");

        Assert.Contains("Only main is deployed", said, StringComparison.Ordinal);
        Assert.Empty(host.Listener.Heard);
        Assert.NotNull(await host.Repositories.ResolveAsync("orders", "feature/x", Stop));
    }

    [Theory]
    [InlineData("mallory", "mallory may not push to orders: component:orders belongs to group:shop")]
    [InlineData("viewer", "that needs the role member")]
    public async Task Who_may_not_push_reads_why_in_gits_own_output(string user, string why)
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders", user);
        await host.CommitAsync(copy);

        var (code, text) = await host.GitAsync(copy, "push", "origin", "main");

        Assert.NotEqual(0, code);
        Assert.Contains("remote: axle: ", text, StringComparison.Ordinal);
        Assert.Contains(why, text, StringComparison.Ordinal);
        Assert.Null(await host.Repositories.ResolveAsync("orders", null, Stop));
    }

    [Fact]
    public async Task Naming_a_repository_in_a_component_of_ones_own_gives_no_right_to_push_to_it()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        await host.Entities.PutAsync(SourceHost.Component("a-trick", "user:default/mallory", "orders"), "test", stop: Stop);
        var copy = await host.CopyAsync("orders", "mallory");
        await host.CommitAsync(copy);

        Assert.Contains("belongs to group:shop", (await host.GitAsync(copy, "push", "origin", "main")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_git_is_asked_for_one()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");

        using var client = host.Client(user: null);
        using var answer = await client.GetAsync(new Uri("/git/orders.git/info/refs?service=git-upload-pack", UriKind.Relative), Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("Basic realm=\"Axle\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_does_not_exist_says_how_to_make_one()
    {
        await using var host = await SourceHost.StartAsync();

        var (code, text) = await host.GitAsync(host.Folder(), "clone", host.CloneUrl("ghost"));

        Assert.NotEqual(0, code);
        Assert.Contains("remote: axle: There is no repository 'ghost'", text, StringComparison.Ordinal);
        Assert.Contains("axle create <template> ghost", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_else_of_a_repository_is_served()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        (string Path, int Status)[] asked =
        [
            ("/git/..%2f..%2fetc.git/info/refs?service=git-upload-pack", 404),
            ("/git/orders.git/info/refs", 403),
            ("/git/orders.git/info/refs?service=git-upload-archive", 403),
            ("/git/orders.git/HEAD", 404),
            ("/git/orders.git/objects/info/packs", 404),
            ("/git/orders.git/axle/told", 404),
            ("/git/Orders.git/info/refs?service=git-upload-pack", 404),
            ("/git/-orders.git/info/refs?service=git-upload-pack", 404),
        ];
        using var client = host.Client();
        foreach (var (path, status) in asked)
        {
            using var answer = await client.GetAsync(new Uri(host.Url + path), Stop);
            Assert.Equal((path, status), (path, (int)answer.StatusCode));
        }
    }

    [Fact]
    public async Task The_default_branch_is_neither_rewritten_nor_deleted_but_other_branches_may_be()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        var first = await host.CommitAsync(copy);
        await host.MustAsync(copy, "push", "origin", "main", "main:topic");
        await host.MustAsync(copy, "commit", "--amend", "-m", "Another");

        var (forced, said) = await host.GitAsync(copy, "push", "--force", "origin", "main");
        Assert.NotEqual(0, forced);
        Assert.Contains("a force push to main is refused", said, StringComparison.Ordinal);

        var (deleted, text) = await host.GitAsync(copy, "push", "origin", ":main");
        Assert.NotEqual(0, deleted);
        Assert.Contains("cannot be deleted", text, StringComparison.Ordinal);
        Assert.Equal(first, (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit);

        await host.MustAsync(copy, "push", "--force", "origin", "main:topic");
        await host.MustAsync(copy, "push", "origin", ":topic");
        Assert.Null(await host.Repositories.ResolveAsync("orders", "topic", Stop));

        var (odd, words) = await host.GitAsync(copy, "push", "origin", "main:refs/axle/x");
        Assert.NotEqual(0, odd);
        Assert.Contains("refs/axle/x", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_by_its_name()
    {
        await using var host = await SourceHost.StartAsync(o => o.FileBytesMax = 2 * 1024 * 1024);
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy, "data/big one.bin", new string('x', 3 * 1024 * 1024));

        var (code, text) = await host.GitAsync(copy, "push", "origin", "main");

        Assert.NotEqual(0, code);
        Assert.Contains("remote: axle: data/big one.bin is 3 MB; the most that a file may have is 2 MB", text, StringComparison.Ordinal);
        Assert.Null(await host.Repositories.ResolveAsync("orders", null, Stop));
    }

    [Fact]
    public async Task A_push_that_is_too_large_is_refused_in_words_and_changes_nothing()
    {
        await using var host = await SourceHost.StartAsync(o => o.PushBytesMax = 256 * 1024);
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await RandomFileAsync(host, copy, 4 * 1024 * 1024);

        var (code, text) = await host.GitAsync(copy, "push", "origin", "main");

        Assert.NotEqual(0, code);
        Assert.Contains("pack exceeds maximum allowed size", text, StringComparison.Ordinal);
        Assert.Contains("axle: The push was not taken", text, StringComparison.Ordinal);
        Assert.Null(await host.Repositories.ResolveAsync("orders", null, Stop));
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_large_push_streams_through()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        // Larger than what a server takes by default (30 MB), and than git sends in one piece (1 MB).
        await RandomFileAsync(host, copy, 40 * 1024 * 1024);

        await host.MustAsync(copy, "push", "origin", "main");

        Assert.Equal(40 * 1024 * 1024, new FileInfo(Path.Combine(await host.CopyAsync("orders"), "random.bin")).Length);
    }

    [Fact]
    public async Task Of_two_pushes_at_once_one_wins_and_the_other_is_told()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var first = await host.CopyAsync("orders");
        await host.CommitAsync(first);
        await host.MustAsync(first, "push", "origin", "main");
        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => host.CopyAsync("orders")));
        var commits = await Task.WhenAll(copies.Select((copy, i) => host.CommitAsync(copy, $"file{i}.txt")));

        var pushes = await Task.WhenAll(copies.Select(copy => host.GitAsync(copy, "push", "origin", "HEAD:main")));

        var winner = Assert.Single(Enumerable.Range(0, 3), i => pushes[i].Code == 0);
        Assert.Equal(commits[winner], (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit);
        Assert.All(pushes.Where(p => p.Code != 0), p => Assert.True(
            p.Text.Contains("moved by another push", StringComparison.Ordinal) || p.Text.Contains("fetch first", StringComparison.Ordinal), p.Text));
        foreach (var copy in copies.Where((_, i) => i != winner))
        {
            await host.MustAsync(copy, "pull", "--rebase", "--quiet", "origin", "main");
            await host.MustAsync(copy, "push", "origin", "HEAD:main");
        }

        Assert.Equal(4, (await host.Repositories.ListAsync("orders", (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit, Stop)).Count);
    }

    [Fact]
    public async Task A_push_that_breaks_off_changes_nothing_and_works_again()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await RandomFileAsync(host, copy, 1024 * 1024);
        using var client = host.Client();
        using var half = new ByteArrayContent([.. PacketLines.Line($"{new string('0', 40)} {(await host.MustAsync(copy, "rev-parse", "HEAD")).Trim()} refs/heads/main\0 report-status side-band-64k"), .. PacketLines.Flush, .. "PACK"u8, 0, 0, 0, 2, 0, 0]);
        half.Headers.ContentType = new("application/x-git-receive-pack-request");

        using var answer = await client.PostAsync(new Uri("/git/orders.git/git-receive-pack", UriKind.Relative), half, Stop);

        Assert.Contains("unpack", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Null(await host.Repositories.ResolveAsync("orders", null, Stop));
        await host.MustAsync(copy, "push", "origin", "main");
    }

    [Fact]
    public async Task Shallow_and_partial_clones_and_protocols_old_and_new_work()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        for (var i = 0; i < 3; i++)
        {
            await host.CommitAsync(copy, content: $"{i}\n");
        }

        await host.MustAsync(copy, "push", "origin", "main");

        foreach (var version in new[] { "0", "1", "2" })
        {
            var shallow = host.Folder();
            await host.MustAsync(shallow, "-c", $"protocol.version={version}", "clone", "--quiet", "--depth=1", host.CloneUrl("orders"), ".");
            Assert.Equal("1", (await host.MustAsync(shallow, "rev-list", "--count", "HEAD")).Trim());
        }

        await host.MustAsync(host.Folder(), "clone", "--quiet", "--filter=blob:none", host.CloneUrl("orders"), ".");
    }

    [Fact]
    public async Task Submodules_and_large_file_pointers_are_said_at_the_push()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await File.WriteAllTextAsync(Path.Combine(copy, ".gitattributes"), "*.bin filter=lfs\n", Stop);
        await host.CommitAsync(copy, ".gitmodules", "[submodule \"a\"]\n\tpath = a\n\turl = https://example.test/a.git\n");

        var said = await host.MustAsync(copy, "push", "origin", "main");

        Assert.Contains("submodules", said, StringComparison.Ordinal);
        Assert.Contains("Git LFS", said, StringComparison.Ordinal);
    }

    private static string? Told(SourceHost host, string name) => host.Service<Repositories>().Folder(name)!.Read(Remembered.Told);

    private static async Task RandomFileAsync(SourceHost host, string copy, int bytes)
    {
        var content = new byte[bytes];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(copy, "random.bin"), content, Stop);
        await host.CommitAsync(copy);
    }
}
