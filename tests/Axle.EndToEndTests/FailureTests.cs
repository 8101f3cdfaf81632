using Axle.Contracts;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>What goes wrong says why, and leaves what served before serving.</summary>
public sealed class FailureTests(Platform axle)
{
    private const string Good = "web: node -e \"require('http').createServer((q,r)=>r.end('good')).listen(process.env.PORT)\"\n";

    public static TheoryData<string, string, string, string> Bad => new()
    {
        // name          Procfile of the second push                                                                                    reason           said
        { "ignores-port", "web: node -e \"require('http').createServer((q,r)=>r.end('bad')).listen(31999)\"\n",                         "NotListening",  "31999" },
        { "exits",        "web: node -e \"console.log('no config'); process.exit(3)\"\n",                                               "Exited",        "3" },
        { "never-ready",  "web: sleep 3600\n",                                                                                          "NotListening",  "PORT" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_version_is_refused_with_the_reason_and_the_old_one_serves_on(string name, string procfile, string reason, string said)
    {
        await axle.ImportAsync(name, ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Good)).OkAsync();
        await axle.UntilDoneAsync(name, "staging", "v1");
        var clone = await axle.CloneAsync(name);

        await Platform.WriteAsync(clone, ("Procfile", procfile));
        await axle.CommitAsync(clone, "Break it");
        var push = await axle.GitAsync(clone, "push").OkAsync();

        var failed = await axle.UntilDoneAsync(name, "staging", "v2", TimeSpan.FromMinutes(2));
        Assert.Equal(DeploymentPhases.Failed, failed.Status.Phase);
        Assert.Equal(reason, failed.Status.Failure?.Reason);
        Assert.Contains(said, failed.Status.Failure?.Message, StringComparison.Ordinal);
        Assert.Equal("v1", failed.Serving);
        Assert.Contains("failed", push.Error, StringComparison.Ordinal);
        Assert.Equal("good", (await axle.GetAsync(name, "staging")).Body);

        var described = await axle.AxleAsync("describe", name);
        Assert.Contains("v1 goes on serving", described.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_that_never_passes_names_the_check_its_last_answer_and_the_log()
    {
        const string Score = """
            apiVersion: score.dev/v1b1
            metadata:
              name: unhealthy
            service:
              ports:
                web:
                  port: 80
                  targetPort: 8080
            containers:
              main:
                image: .
                readinessProbe:
                  httpGet:
                    path: /healthz
                    port: 8080
            """;
        await axle.ImportAsync("unhealthy", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Good), ("score.yaml", Score)).OkAsync();
        await axle.UntilDoneAsync("unhealthy", "staging", "v1");
        var clone = await axle.CloneAsync("unhealthy");

        await Platform.WriteAsync(clone, ("Procfile", "web: node -e \"console.log('database is away');require('http').createServer((q,r)=>{r.statusCode=500;r.end('no database')}).listen(process.env.PORT)\"\n"));
        await axle.CommitAsync(clone, "Lose the database");
        await axle.GitAsync(clone, "push").OkAsync();

        var failure = (await axle.UntilDoneAsync("unhealthy", "staging", "v2", TimeSpan.FromMinutes(2))).Status.Failure;
        Assert.Equal("Unhealthy", failure?.Reason);
        Assert.Contains("/healthz", failure?.Check, StringComparison.Ordinal);
        Assert.Contains("500", failure?.LastAnswer, StringComparison.Ordinal);
        Assert.Contains("database is away", failure?.LogTail ?? []);
        Assert.Equal("good", (await axle.GetAsync("unhealthy", "staging")).Body);
    }

    [Fact]
    public async Task A_build_that_fails_makes_no_release_and_shows_its_own_words()
    {
        await axle.ImportAsync("broken-build", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Good)).OkAsync();
        await axle.UntilDoneAsync("broken-build", "staging", "v1");
        var clone = await axle.CloneAsync("broken-build");

        await Platform.WriteAsync(clone, ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\",\"scripts\":{\"build\":\"echo the compiler is unhappy && exit 7\"}}"));
        await axle.CommitAsync(clone, "Break the build");
        var push = await axle.GitAsync(clone, "push").OkAsync();

        Assert.Contains("the compiler is unhappy", push.Error, StringComparison.Ordinal);
        var view = await axle.ViewAsync("broken-build");
        Assert.Equal(BuildPhases.Failed, view.Builds[0].Status.Phase);
        Assert.Single(view.Releases);
        Assert.Equal("good", (await axle.GetAsync("broken-build", "staging")).Body);
    }

    [Fact]
    public async Task A_release_command_that_fails_keeps_the_new_version_away()
    {
        await axle.ImportAsync("migrates", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Good + "release: echo migrated\n")).OkAsync();
        await axle.UntilDoneAsync("migrates", "staging", "v1");
        var clone = await axle.CloneAsync("migrates");

        await Platform.WriteAsync(clone, ("Procfile", Good.Replace("good", "new", StringComparison.Ordinal) + "release: echo column exists; exit 4\n"));
        await axle.CommitAsync(clone, "A bad migration");
        await axle.GitAsync(clone, "push").OkAsync();

        var failed = await axle.UntilDoneAsync("migrates", "staging", "v2");
        Assert.Equal("ReleaseCommandFailed", failed.Status.Failure?.Reason);
        Assert.Equal("good", (await axle.GetAsync("migrates", "staging")).Body);
    }
}
