using System.Globalization;
using System.Net;
using Axle.EndToEndTests.House;

namespace Axle.EndToEndTests;

/// <summary>Parts of the platform are killed; services go on, and the work is finished.</summary>
public sealed class ResilienceTests(DoomedPlatform axle) : IClassFixture<DoomedPlatform>
{
    private static string Version(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"web: node -e \"require('http').createServer((q,r)=>r.end('version {number}')).listen(process.env.PORT)\"\n");

    [Fact]
    public async Task Killing_the_control_plane_during_deploys_loses_no_release_and_no_request()
    {
        await axle.ImportAsync("survivor", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Version(1))).OkAsync();
        await axle.UntilDoneAsync("survivor", "staging", "v1");
        var clone = await axle.CloneAsync("survivor");
        var random = new Random(7);

        using var load = new CancellationTokenSource();
        var answers = HammerAsync("survivor", load.Token);
        for (var version = 2; version <= 6; version++)
        {
            await Platform.WriteAsync(clone, ("Procfile", Version(version)));
            await axle.CommitAsync(clone, $"Version {version}");
            var push = axle.GitAsync(clone, "push");
            await Task.Delay(random.Next(50, 2500), TestContext.Current.CancellationToken);
            axle.Kill("server");
            var pushed = await push;

            // A push that was cut off before the refs moved is the client's to repeat; one that moved them is the platform's to finish.
            await Platform.UntilAsync(async () => await AnswersAsync() ? "up" : null, "the control plane never came back");
            if (pushed.ExitCode != 0)
            {
                await axle.GitAsync(clone, "push");
            }

            await axle.UntilAnswersAsync("survivor", "staging", $"version {version}");
        }

        await load.CancelAsync();
        var (served, failed) = await answers;
        var view = await axle.ViewAsync("survivor");
        Assert.Equal(["v6", "v5", "v4", "v3", "v2", "v1"], view.Releases.Select(r => r.Release));
        Assert.Equal(6, view.Releases.Select(r => r.Commit).Distinct().Count());
        Assert.True(served > 100, $"only {served} requests were made");
        Assert.Empty(failed);
    }

    [Fact]
    public async Task Killing_the_agent_restarts_no_process_and_its_successor_adopts_them()
    {
        await axle.ImportAsync("adopted", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", "web: node -e \"require('http').createServer((q,r)=>r.end(String(process.uptime()))).listen(process.env.PORT)\"\n")).OkAsync();
        var before = await axle.UntilDoneAsync("adopted", "staging", "v1");
        var agent = axle.ProcessId("agent");

        axle.Kill("agent");

        await Platform.UntilAsync(async () => await Task.FromResult(axle.ProcessId("agent") != agent ? "new" : null), "no new agent was started");
        await axle.UntilAnswersAsync("adopted", "staging", "");
        var after = await axle.UntilDoneAsync("adopted", "staging");
        Assert.Equal(before.Status.Instances.Select(i => (i.Id, i.StartedAt, i.Restarts)), after.Status.Instances.Select(i => (i.Id, i.StartedAt, i.Restarts)));
    }

    [Fact]
    public async Task Down_stops_the_apps_also_when_everything_that_kept_them_was_killed()
    {
        await axle.ImportAsync("orphan", ("package.json", "{\"name\":\"app\",\"version\":\"1.0.0\"}"), ("Procfile", Version(1))).OkAsync();
        await axle.UntilDoneAsync("orphan", "staging", "v1");
        Assert.True(AppsRun());
        foreach (var part in (string[])["supervisor", "agent", "server"])
        {
            axle.Kill(part);
        }

        Assert.True(AppsRun());

        var down = await axle.AxleAsync("down", "--data", axle.Data).OkAsync();

        Assert.Contains("all apps and the agent have stopped", down.ToString(), StringComparison.Ordinal);
        Assert.False(AppsRun());

        // What was wanted comes back.
        await axle.AxleAsync("up", "--detach", "--data", axle.Data).OkAsync();
        await axle.UntilAnswersAsync("orphan", "staging", "version 1");
    }

    private bool AppsRun() => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Contains($"{axle.Data}/agent/runs/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await axle.Api.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Asks without a pause until stopped; every answer that is not 200 counts, and every connection that breaks.</summary>
    private async Task<(int Served, IReadOnlyList<string> Failed)> HammerAsync(string component, CancellationToken stop)
    {
        var served = 0;
        var failed = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var (status, body) = await axle.AskAsync(component, "staging", "/", stop);
                if (status == HttpStatusCode.OK)
                {
                    served++;
                }
                else
                {
                    failed.Add($"{status}: {body}");
                }

                await Task.Delay(5, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (HttpRequestException e)
            {
                failed.Add(e.Message);
            }
        }

        return (served, failed);
    }
}
