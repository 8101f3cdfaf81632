using System.Text;
using Axle.Platform.Source;

namespace Axle.Tests.Source;

public sealed class RepositoriesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("Orders")]
    [InlineData("-orders")]
    [InlineData("orders-")]
    [InlineData("or/ders")]
    [InlineData("../orders")]
    [InlineData("orders.git")]
    [InlineData("orders\n")]
    [InlineData("örders")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void A_name_that_is_no_label_is_refused(string name) => Assert.False(RepositoryNames.IsName(name));

    [Theory]
    [InlineData("main", true)]
    [InlineData("feature/x-1", true)]
    [InlineData("v1.0+build", true)]
    [InlineData("abc123", true)]
    [InlineData("--upload-pack=evil", false)]
    [InlineData("-x", false)]
    [InlineData("a..b", false)]
    [InlineData("HEAD@{1}", false)]
    [InlineData(":/fix", false)]
    [InlineData("main:path", false)]
    [InlineData("main^", false)]
    [InlineData("main~1", false)]
    [InlineData("main\n", false)]
    [InlineData("a//b", false)]
    [InlineData("", false)]
    public void A_revision_is_a_name_or_an_id_and_no_expression(string revision, bool fine) => Assert.Equal(fine, RepositoryNames.IsRevision(revision));

    [Fact]
    public async Task A_repository_is_made_once_also_when_many_ask()
    {
        await using var host = await SourceHost.StartAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.Repositories.CreateAsync("orders", Stop)));

        Assert.Single(made, m => m.Ok);
        Assert.All(made.Where(m => !m.Ok), m => Assert.Equal("source.exists", m.Error!.Code));
        var found = host.Repositories.Find("orders")!;
        Assert.Equal(("main", $"{host.Url}/git/orders.git", null), (found.DefaultBranch, found.CloneUrl, found.Upstream));
        Assert.Single(Directory.GetDirectories(Path.Combine(host.Data, "repositories")));
        Assert.Equal("source.name", (await host.Repositories.CreateAsync("../x", Stop)).Error!.Code);
    }

    [Fact]
    public async Task Files_are_committed_found_read_and_told_like_a_push()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        SourceFile[] files = [File("src/a \"b\".txt", "content\n"), File("run.sh", "#!/bin/sh\n", executable: true), File("ünicode.md", "\uFEFFtext")];

        var commit = (await host.Repositories.CommitAsync("orders", files, "First line\n\nMore", "user:default/jane", Stop)).Value;

        var found = await host.Repositories.ResolveAsync("orders", null, Stop);
        Assert.Equal((commit, "user:default/jane", "First line"), (found!.Commit, found.Author, found.Message));
        Assert.True(TimeProvider.System.GetUtcNow() - found.At < TimeSpan.FromMinutes(5));
        Assert.Equal(commit, (await host.Repositories.ResolveAsync("orders", commit[..8], Stop))!.Commit);
        Assert.Equal(commit, (await host.Repositories.ResolveAsync("orders", "main", Stop))!.Commit);
        Assert.Null(await host.Repositories.ResolveAsync("orders", "nothing", Stop));
        Assert.Equal(["run.sh", "src/a \"b\".txt", "ünicode.md"], await host.Repositories.ListAsync("orders", commit, Stop));
        Assert.Equal("content\n", await host.Repositories.ReadAsync("orders", commit, "src/a \"b\".txt", Stop));
        Assert.Equal("text", await host.Repositories.ReadAsync("orders", commit, "ünicode.md", Stop));
        Assert.Null(await host.Repositories.ReadAsync("orders", commit, "src", Stop));
        Assert.Null(await host.Repositories.ReadAsync("orders", commit, "../HEAD", Stop));
        Assert.Null(await host.Repositories.ReadAsync("orders", "HEAD", "run.sh", Stop));
        await SourceHost.UntilAsync(() => host.Listener.Finished.Any(p => p.Commit == commit && p.By == "user:default/jane"), "the commit is told");
    }

    [Fact]
    public async Task A_path_that_git_or_a_checkout_could_trip_over_is_not_committed()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        string[] paths = ["../x", "/x", "a/../../x", ".git/config", "sub/.GIT/hooks/pre-commit", "a\nb"];
        foreach (var path in paths)
        {
            Assert.Equal("source.path", (await host.Repositories.CommitAsync("orders", [File(path, "x")], "Trick", "jane", Stop)).Error!.Code);
        }
    }

    [Fact]
    public async Task Commits_at_once_all_arrive()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        await host.Repositories.CommitAsync("orders", [File("base", "x")], "Base", "jane", Stop);

        var commits = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => host.Repositories.CommitAsync("orders", [File($"file{i}", "x")], $"Commit {i}", "jane", Stop)));

        var arrived = commits.Count(c => c.Ok);
        Assert.All(commits.Where(c => !c.Ok), c => Assert.Equal("source.changed", c.Error!.Code));
        Assert.Equal(arrived + 1, (await host.Repositories.ListAsync("orders", (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit, Stop)).Count);
        Assert.True(arrived >= 1);
    }

    [Fact]
    public async Task An_export_has_the_files_as_committed_and_no_link_that_leads_outside()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        Directory.CreateDirectory(Path.Combine(copy, "dir/sub"));
        Link(copy, "inside", "dir/file.txt");
        Link(copy, "dir/sub/up", "../file.txt");
        Link(copy, "absolute", "/etc/passwd");
        Link(copy, "outside", "../../etc/passwd");
        Link(copy, "chain1", "chain2/passwd");
        Link(copy, "chain2", "dot/../../etc");
        Link(copy, "dot", ".");
        Link(copy, "afterdot", "dot/..");
        Link(copy, "dangling", "dir/later");
        await System.IO.File.WriteAllTextAsync(Path.Combine(copy, ".gitattributes"), "*.txt export-ignore text eol=crlf\n", Stop);
        await System.IO.File.WriteAllTextAsync(Path.Combine(copy, "run"), "#!/bin/sh\n", Stop);
        System.IO.File.SetUnixFileMode(Path.Combine(copy, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var commit = await host.CommitAsync(copy, "dir/file.txt", "one\ntwo\n");
        await host.MustAsync(copy, "update-index", "--add", "--cacheinfo", $"160000,{commit},module");
        await host.MustAsync(copy, "commit", "--quiet", "-m", "Module");
        commit = (await host.MustAsync(copy, "rev-parse", "HEAD")).Trim();
        await host.MustAsync(copy, "push", "origin", "main");
        var target = Path.Combine(host.Folder(), "out");

        await host.Repositories.ExportAsync("orders", commit, target, Stop);

        Assert.Equal(
            [".gitattributes", "chain1", "dangling", "dir", "dir/file.txt", "dir/sub", "dir/sub/up", "dot", "inside", "module", "run"],
            Directory.EnumerateFileSystemEntries(target, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Select(p => Path.GetRelativePath(target, p)).Where(p => !p.StartsWith("dot/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("one\ntwo\n", await System.IO.File.ReadAllTextAsync(Path.Combine(target, "inside"), Stop));
        Assert.True(System.IO.File.GetUnixFileMode(Path.Combine(target, "run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(System.IO.File.GetUnixFileMode(Path.Combine(target, "dir/file.txt")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("one\ntwo\n", await host.Repositories.ReadAsync("orders", commit, "inside", Stop));
        Assert.Null(await host.Repositories.ReadAsync("orders", commit, "absolute", Stop));
        Assert.DoesNotContain("module", await host.Repositories.ListAsync("orders", commit, Stop));
    }

    [Fact]
    public async Task A_deleted_repository_is_gone_and_what_a_crash_left_is_swept()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        await host.Repositories.CommitAsync("orders", [File("a", "x")], "One", "jane", Stop);
        var left = Directory.CreateDirectory(Path.Combine(host.Data, "repositories", ".new-left")).FullName;

        await host.Repositories.DeleteAsync("orders", Stop);
        await host.StopAsync();
        await host.StartAgainAsync();

        Assert.Null(host.Repositories.Find("orders"));
        Assert.False(Directory.Exists(left));
        Assert.True((await host.Repositories.CreateAsync("orders", Stop)).Ok);
    }

    [Fact]
    public async Task A_repository_that_is_deleted_while_its_push_is_told_does_not_come_back()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        host.Listener.Hold();
        await host.Repositories.CommitAsync("orders", [File("a", "x")], "One", "jane", Stop);
        await SourceHost.UntilAsync(() => !host.Listener.Heard.IsEmpty, "the commit is told");

        await host.Repositories.DeleteAsync("orders", Stop);
        host.Listener.Release();
        await SourceHost.UntilAsync(() => !host.Listener.Finished.IsEmpty, "the listener finishes");
        await host.StopAsync();

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(host.Data, "repositories")));
    }

    private static SourceFile File(string path, string content, bool executable = false) => new(path, Encoding.UTF8.GetBytes(content), executable);

    private static void Link(string copy, string name, string target) => System.IO.File.CreateSymbolicLink(Path.Combine(copy, name), target);
}
