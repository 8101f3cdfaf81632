using Axle.Contracts;
using Axle.Platform.Builds;

namespace Axle.Tests.Builds;

/// <summary>Builds from the request to the artifact, with real git, store, npm and processes.</summary>
[Trait("Speed", "Slow")]
public sealed class BuildTests
{
    private const string Waiting = """{"scripts":{"start":"node server.js","build":"echo started; while [ ! -e \"$HOME/go\" ]; do sleep 0.05; done; echo released > built.txt"}}""";

    [Fact]
    public async Task A_node_build_runs_installs_and_the_same_tree_is_not_built_twice()
    {
        await using var host = await BuildHost.StartAsync();
        string[] files =
        [
            "package.json", """{"name":"shop","scripts":{"start":"node server.js","build":"node -e \"require('fs').writeFileSync('built.txt', require('greet'))\""},"dependencies":{"greet":"file:./greet"}}""",
            "greet/package.json", """{"name":"greet","version":"1.0.0","main":"index.js"}""",
            "greet/index.js", "module.exports = 'hello'",
            "server.js", "",
        ];
        var (component, first) = await host.CommitAsync("shop", files);
        var built = await host.BuildAsync(component, first);

        Assert.Null(built.Status.Error);
        Assert.Equal((BuildPhases.Succeeded, "node", false), (built.Status.Phase, built.Status.Builder, built.Status.Cached));
        var folder = host.Builds.ArtifactFolder(built.Status.Artifact!)!;
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(folder, "built.txt"), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Path.Combine(folder, "node_modules/greet/index.js")));
        Assert.Equal("web", Assert.Single(built.Status.Plan!.Processes).Kind);
        var log = await host.LogAsync(built.Ref);
        Assert.Contains("axle: $ npm run build", log, StringComparison.Ordinal);

        // The same content again, under another commit.
        var jobs = host.Engine.Started.Count;
        await host.CommitAsync("shop", "server.js", "// other");
        var (_, third) = await host.CommitAsync("shop", "server.js", "");
        var again = await host.BuildAsync(component, third);
        Assert.Equal((BuildPhases.Succeeded, true, built.Status.Artifact), (again.Status.Phase, again.Status.Cached, again.Status.Artifact));
        Assert.Equal(jobs, host.Engine.Started.Count);
        Assert.Equal(["build.log"], Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "builds", built.Ref.Name)).Select(Path.GetFileName));

        // An artifact that was lost is built again when somebody asks.
        Directory.Delete(folder, recursive: true);
        var lost = await host.BuildAsync(component, first);
        Assert.Equal((2, false, built.Status.Artifact), (lost.Status.Attempt, lost.Status.Cached, lost.Status.Artifact));
    }

    [Fact]
    public async Task Steps_get_a_clean_environment_and_their_own_folders()
    {
        Environment.SetEnvironmentVariable("AXLE_TEST_SECRET", "s3cr3t-of-the-platform");
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync("env", "package.json", """{"scripts":{"start":"node a.js","build":"env; touch $HOME/x"}}""");
        var built = await host.BuildAsync(component, commit);

        Assert.Equal(BuildPhases.Succeeded, built.Status.Phase);
        var log = await host.LogAsync(built.Ref);
        Assert.DoesNotContain("s3cr3t", log, StringComparison.Ordinal);
        Assert.Contains("CI=true", log, StringComparison.Ordinal);
        var job = Assert.Single(host.Engine.Started);
        Assert.Equal(("env", true, 2L << 30), (job.Owner, job.WritableFolder, job.Limits.MemoryBytes));
        Assert.Contains(job.WritableFolders.Values, f => f.EndsWith("cache/env", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failing_build_says_which_step_why_and_what_next_and_can_be_tried_again()
    {
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync("bad", "package.json", """{"scripts":{"start":"node a.js","build":"echo working; echo 'error: no such table'; exit 3"}}""");
        var failed = await host.BuildAsync(component, commit);

        Assert.Equal(BuildPhases.Failed, failed.Status.Phase);
        var error = failed.Status.Error!;
        Assert.Equal("builds.failed", error.Code);
        Assert.Contains("npm run build", error.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
        Assert.Contains(error.Problems, p => p.Message.Contains("no such table", StringComparison.Ordinal));
        Assert.StartsWith("axle logs --build bad-", error.Next, StringComparison.Ordinal);

        Assert.Equal(1, (await host.BuildAsync(component, commit)).Status.Attempt);
        Assert.Equal(2, (await host.BuildAsync(component, commit, retry: true)).Status.Attempt);
        Assert.Equal(2, host.Engine.Started.Count);
    }

    [Fact]
    public async Task A_running_build_is_cancelled_and_its_processes_end()
    {
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync("slow", "package.json", Waiting);
        var build = await host.RequestAsync(component, commit);
        var running = await host.UntilAsync(build, _ => !host.Engine.Started.IsEmpty);
        await host.Entities.PutAsync(BuildKind.Instance.Make(build, running.Spec with { Cancelled = true }), BuildHost.Actor, stop: TestContext.Current.CancellationToken);

        var ended = await host.EndAsync(build);
        Assert.Equal(BuildPhases.Cancelled, ended.Status.Phase);
        Assert.Contains("axle: Cancelled.", await host.LogAsync(build), StringComparison.Ordinal);
        Assert.Null(await host.Engine.ObserveJobAsync(host.Engine.Started.First().Id, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_restarted_control_plane_goes_on_with_the_running_step_and_repeats_no_line()
    {
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync("crash", "package.json", Waiting, "server.js", "");
        var build = await host.RequestAsync(component, commit);
        await host.UntilAsync(build, _ => !host.Engine.Started.IsEmpty);
        await host.StopAsync();
        await host.StartAgainAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Data, "builds", build.Name, "home", "go"), "", TestContext.Current.CancellationToken);

        var ended = await host.EndAsync(build);
        Assert.Equal(BuildPhases.Succeeded, ended.Status.Phase);
        Assert.Single(host.Engine.Started);
        Assert.Equal(2, (await host.LogAsync(build)).Split("out: started").Length);
        Assert.True(File.Exists(Path.Combine(host.Builds.ArtifactFolder(ended.Status.Artifact!)!, "built.txt")));
    }

    [Fact]
    public async Task What_cannot_be_built_fails_without_a_job_and_static_files_need_none()
    {
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync("docker", "Dockerfile", "FROM scratch");
        var failed = await host.BuildAsync(component, commit);
        Assert.Equal((BuildPhases.Failed, "builds.needs_container_engine"), (failed.Status.Phase, failed.Status.Error?.Code));

        (component, commit) = await host.CommitAsync("site", "index.html", "<p>", ".env", "SECRET=1", "style/a.css", "p{}");
        var built = await host.BuildAsync(component, commit);
        var folder = host.Builds.ArtifactFolder(built.Status.Artifact!)!;
        Assert.Equal(["index.html", "style/a.css"], Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal));
        Assert.Empty(host.Engine.Started);
        var found = await host.Builds.DetectAsync("site", "", TestContext.Current.CancellationToken);
        Assert.Equal("static", found.Value.Builder);
    }

    [Fact]
    public async Task A_dotnet_project_is_published_and_started_by_its_assembly()
    {
        await using var host = await BuildHost.StartAsync();
        var (component, commit) = await host.CommitAsync(
            "net",
            "src/Net.csproj", """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""",
            "src/Program.cs", "Microsoft.AspNetCore.Builder.WebApplication.Create(args).Run();",
            "global.json", """{"sdk":{"version":"8.0.404"}}""");
        var built = await host.BuildAsync(component, commit);

        Assert.True(built.Status.Phase == BuildPhases.Succeeded, built.Status.Error?.Message);
        Assert.Equal(["dotnet", "Net.dll"], built.Status.Plan!.Processes[0].Command.TakeLast(2));
        Assert.True(File.Exists(Path.Combine(host.Builds.ArtifactFolder(built.Status.Artifact!)!, "Net.dll")));
    }
}
