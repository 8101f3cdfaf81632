using System.Net;
using Axle.Contracts;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>From nothing to production, as a developer does it.</summary>
public sealed class GoldenPathTests(Platform axle)
{
    [Theory]
    [InlineData("node-service", "/")]
    [InlineData("python-service", "/")]
    [InlineData("static-site", "/")]
    [InlineData("dotnet-web-api", "/")]
    public async Task A_service_from_a_template_reaches_production(string template, string path)
    {
        var name = $"golden-{template}";
        await axle.AxleAsync("create", template, name, "--owner", "team-shop").OkAsync();

        var staging = await axle.UntilDoneAsync(name, "staging", "v1", TimeSpan.FromMinutes(4));
        Assert.Equal(DeploymentPhases.Healthy, staging.Status.Phase);
        Assert.Equal(HttpStatusCode.OK, (await axle.GetAsync(name, "staging", path)).Status);

        await axle.AxleAsync("promote", name, "--to", "production").OkAsync();
        Assert.Equal("v1", (await axle.UntilDoneAsync(name, "production")).Serving);
        Assert.Equal(HttpStatusCode.OK, (await axle.GetAsync(name, "production", path)).Status);
    }

    [Fact]
    public async Task A_worker_with_a_cron_job_runs_without_a_port()
    {
        await axle.AxleAsync("create", "worker", "golden-worker", "--owner", "team-shop").OkAsync();

        var staging = await axle.UntilDoneAsync("golden-worker", "staging", "v1", TimeSpan.FromMinutes(2));

        Assert.Equal(DeploymentPhases.Healthy, staging.Status.Phase);
        Assert.Contains(staging.Status.Instances, i => i is { State: "Ready" });
        Assert.Null(staging.Status.Url);
    }

    [Fact]
    public async Task A_push_prints_the_build_and_the_rollout_and_ends_with_the_new_version_serving()
    {
        await axle.AxleAsync("create", "node-service", "pushed", "--owner", "team-shop").OkAsync();
        await axle.UntilDoneAsync("pushed", "staging", "v1");
        var clone = await axle.CloneAsync("pushed");

        await Platform.WriteAsync(clone, ("version.txt", "two"), ("Procfile", "web: node -e \"require('http').createServer((q,r)=>r.end(require('fs').readFileSync('version.txt','utf8'))).listen(process.env.PORT)\"\n"));
        File.Delete(Path.Combine(clone, "score.yaml"));
        await axle.CommitAsync(clone, "Serve version two");
        var push = await axle.GitAsync(clone, "push").OkAsync();

        Assert.Contains("Release v2", push.Error, StringComparison.Ordinal);
        Assert.Contains("v2 serves in staging", push.Error, StringComparison.Ordinal);
        Assert.Equal("two", (await axle.GetAsync("pushed", "staging")).Body);

        // Promote, then go back: production never leaves what was proved in staging.
        await axle.AxleAsync("promote", "pushed", "--to", "production").OkAsync();
        Assert.Equal("two", (await axle.GetAsync("pushed", "production")).Body);
        await axle.AxleAsync("rollback", "pushed", "--in", "staging").OkAsync();
        Assert.Equal("v1", (await axle.UntilDoneAsync("pushed", "staging")).Serving);
        Assert.Equal("two", (await axle.GetAsync("pushed", "production")).Body);
    }

    [Fact]
    public async Task Scaling_stopping_and_starting_do_what_they_say()
    {
        await axle.ImportAsync("scaled", ("start.sh", "exec python3 -m http.server \"$PORT\" --bind 127.0.0.1\n"), ("Procfile", "web: sh start.sh\n")).OkAsync();
        await axle.UntilDoneAsync("scaled", "staging", "v1");

        await axle.AxleAsync("scale", "scaled", "web=3", "-e", "staging").OkAsync();
        Assert.Equal(3, (await axle.UntilDoneAsync("scaled", "staging")).Status.Instances.Count(i => i.State == "Ready"));

        await axle.AxleAsync("stop", "scaled", "-e", "staging").OkAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await axle.GetAsync("scaled", "staging")).Status);

        await axle.AxleAsync("start", "scaled", "-e", "staging").OkAsync();
        await axle.UntilAnswersAsync("scaled", "staging", "");
    }

    [Fact]
    public async Task A_command_runs_once_in_the_release_and_its_exit_code_is_the_clis()
    {
        await axle.ImportAsync("runs", ("hello.txt", "from the artifact"), ("Procfile", "web: python3 -m http.server $PORT --bind 127.0.0.1\n")).OkAsync();
        await axle.UntilDoneAsync("runs", "staging", "v1");

        var good = await axle.AxleAsync("run", "runs", "-e", "staging", "--", "cat", "hello.txt").OkAsync();
        Assert.Contains("from the artifact", good.Out, StringComparison.Ordinal);
        Assert.NotEqual(0, (await axle.AxleAsync("run", "runs", "-e", "staging", "--", "false")).ExitCode);
        var inside = await axle.AxleAsync("exec", "runs", "-e", "staging", "--", "cat", "hello.txt").OkAsync();
        Assert.Contains("from the artifact", inside.Out, StringComparison.Ordinal);
    }
}
