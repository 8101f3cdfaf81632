namespace Axle.Tests.Source;

public sealed class PushGuardTests
{
    private const string Mixed = "q7Rt2XvB9mKd4LpZ8wNc6HsY3fGj5TbA1eUo";
    private static readonly string s_token = "gh" + "p_" + Mixed;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_that_adds_a_secret_is_refused_with_its_place_and_nothing_moves()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy, "README.md", "harmless\n");
        await host.MustAsync(copy, "push", "origin", "main");
        var before = await HeadAsync(host);

        var commit = await host.CommitAsync(copy, "src/my config.js", $"one\ntwo\nconst t = '{s_token}';\n");

        // Taken out again in a later commit, it would still be in the history.
        await host.CommitAsync(copy, "src/my config.js", "one\n");
        var (code, text) = await host.GitAsync(copy, "push", "origin", "main");

        Assert.NotEqual(0, code);
        Assert.Contains($"axle:   src/my config.js:3:12: a GitHub token (ghp_••••), in commit {commit[..10]}", text, StringComparison.Ordinal);
        Assert.Contains("axle secret set NAME -c orders", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Mixed[..8], text, StringComparison.Ordinal);
        Assert.Equal(before, await HeadAsync(host));
        Assert.Single(host.Listener.Heard);

        // Taken out of the commits, it passes.
        await host.MustAsync(copy, "reset", "--quiet", "--hard", "HEAD~2");
        await host.CommitAsync(copy, "src/config.js", "const t = process.env.TOKEN;\n");
        await host.MustAsync(copy, "push", "origin", "main");
    }

    [Fact]
    public async Task Other_branches_first_pushes_and_merges_are_searched_too()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy, ".env", $"API_TOKEN={Mixed}\n");
        Assert.Contains(".env:1:11: a secret that is written out", (await host.GitAsync(copy, "push", "origin", "main:side")).Text, StringComparison.Ordinal);

        await host.CommitAsync(copy, ".env", "API_TOKEN=\n");
        await host.MustAsync(copy, "reset", "--quiet", "--soft", "HEAD~1");
        await host.MustAsync(copy, "commit", "--quiet", "--amend", "-m", "Clean");
        await host.MustAsync(copy, "push", "origin", "main");

        // A merge that brings what neither side had.
        await host.MustAsync(copy, "checkout", "--quiet", "-b", "side");
        await host.CommitAsync(copy, "a.txt", "side\n");
        await host.MustAsync(copy, "checkout", "--quiet", "main");
        await host.CommitAsync(copy, "b.txt", "main\n");
        await host.MustAsync(copy, "merge", "--quiet", "--no-commit", "side");
        await File.WriteAllTextAsync(Path.Combine(copy, "a.txt"), $"side\n{s_token}\n", Stop);
        await host.MustAsync(copy, "commit", "--quiet", "-a", "-m", "Merge");
        Assert.Contains("a.txt:2:1: a GitHub token", (await host.GitAsync(copy, "push", "origin", "main")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_permitted_binary_or_was_there_before_passes()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy, ".axle-allow-secrets", "tests/\n");
        await host.CommitAsync(copy, "tests/fixture.txt", s_token + "\n");
        await host.CommitAsync(copy, "line.txt", s_token + " axle:allow-secret\n");
        await host.CommitAsync(copy, "data.bin", "\0\0\0" + s_token + "\n");
        await host.MustAsync(copy, "push", "origin", "main");

        // A line beside it that changes is no reason to refuse what stands there already.
        await host.CommitAsync(copy, ".axle-allow-secrets", "nothing\n");
        await host.CommitAsync(copy, "tests/fixture.txt", s_token + "\nmore\n");
        await host.MustAsync(copy, "push", "origin", "main");
        await host.MustAsync(copy, "push", "origin", "main:copy");
        await host.MustAsync(copy, "push", "origin", ":copy");
    }

    [Fact]
    public async Task A_file_cannot_hide_behind_attributes_odd_names_or_size()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        await host.CommitAsync(copy, ".gitattributes", "* -diff binary\n");
        await host.CommitAsync(copy, "ü \"quoted\"\t.txt", s_token + "\n");
        var (code, text) = await host.GitAsync(copy, "push", "origin", "main");
        Assert.NotEqual(0, code);
        Assert.Contains(":1:1: a GitHub token", text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Data, "run", "push-guard")));
    }

    private static async Task<string?> HeadAsync(SourceHost host) => (await host.Repositories.ResolveAsync("orders", null, Stop))?.Commit;
}
