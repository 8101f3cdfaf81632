using Axle.Contracts;

namespace Axle.Tests.Cli;

public sealed class WrongUseTests
{
    [Theory]
    [InlineData("stauts", "there is no verb 'stauts'; did you mean 'status'?")]
    [InlineData("prmote orders", "there is no verb 'prmote'; did you mean 'promote'?")]
    [InlineData("desc orders", "there is no verb 'desc'; did you mean 'describe'?")]
    [InlineData("frobnicate", "there is no verb 'frobnicate'")]
    [InlineData("env lsit", "there is no verb 'env lsit'; did you mean 'list'?")]
    [InlineData("env", "'env' needs one of: list, create, describe, delete")]
    [InlineData("deploy orders --relase v7", "'deploy' has no option '--relase'; did you mean '--release'?")]
    [InlineData("deploy --hlp", "'deploy' has no option '--hlp'; did you mean '--help'?")]
    [InlineData("deploy", "required argument 'component' missing")]
    [InlineData("scale orders web", "'web' is not a process and its number of instances")]
    [InlineData("scale orders web=-1", "'-1' is no number of instances for web")]
    [InlineData("status --output xml", "'xml' not recognized")]
    public async Task A_wrong_command_line_is_explained_with_the_nearest_right_word(string line, string expected)
    {
        using var run = new CliRun();

        var exit = await run.RunAsync(line.Split(' '));

        Assert.Equal(2, exit);
        Assert.Contains(expected, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("axle: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("up", "down", "demo", "status", "logs", "create", "import", "clone", "deploy", "promote", "rollback")]
    [InlineData("describe", "open", "get", "apply", "delete", "ps", "scale", "restart", "stop", "start", "run", "exec")]
    [InlineData("cancel", "build", "login", "whoami", "completion", "doctor", "version", "history", "activity")]
    public async Task Every_verb_has_help_with_examples_and_exit_codes(params string[] verbs)
    {
        foreach (var verb in verbs)
        {
            using var run = new CliRun();

            Assert.Equal(0, await run.RunAsync(verb, "--help"));
            Assert.Contains("Examples:", run.Out, StringComparison.Ordinal);
            Assert.Contains(verb, run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
            Assert.Contains("4 rollout failed", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_platform_that_is_not_running_is_told_apart_from_a_wrong_url()
    {
        using var here = new CliRun { Variables = { ["AXLE_URL"] = "http://127.0.0.1:9" } };
        Assert.Equal(3, await here.RunAsync("status"));
        Assert.Contains("the platform is not running at http://127.0.0.1:9", here.Error, StringComparison.Ordinal);
        Assert.Contains("Next: axle up", here.Error, StringComparison.Ordinal);

        using var elsewhere = new CliRun { Variables = { ["AXLE_URL"] = "http://no-such-host.invalid" } };
        Assert.Equal(3, await elsewhere.RunAsync("status"));
        Assert.Contains("cannot reach the platform at http://no-such-host.invalid", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains("check the URL", elsewhere.Error, StringComparison.Ordinal);

        using var nonsense = new CliRun { Variables = { ["AXLE_URL"] = "localhost:7400" } };
        Assert.Equal(2, await nonsense.RunAsync("status"));
    }

    [Fact]
    public async Task A_server_that_is_not_axle_is_recognised()
    {
        await using var other = await FakePlatform.StartAsync();
        other.On("GET /api/me", context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "<html>It works!</html>"));
        using var run = CliRun.Against(other);

        Assert.Equal(3, await run.RunAsync("whoami"));
        Assert.Contains("does not answer like Axle", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_printed_with_every_problem_and_the_next_step()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.Refuse("POST /api/components/ordres/deploy", new Error("delivery.component_unknown", "There is no component ordres; nearest: orders.", "axle deploy orders", 404));
        platform.Refuse("POST /api/apply", new Error("apply.invalid", "2 problems.", null, 422)
        {
            Problems = [new Problem("must be text", Line: 3, Column: 7, Path: "metadata.name"), new Problem("is unknown", "catalog.yaml", 9, 1)],
        });
        using var run = CliRun.Against(platform);

        Assert.Equal(1, await run.RunAsync("deploy", "ordres"));
        Assert.Equal("axle: There is no component ordres; nearest: orders.\nNext: axle deploy orders\n", run.Error);

        using var apply = CliRun.Against(platform);
        apply.Input = "kind: Component\n";
        Assert.Equal(1, await apply.RunAsync("apply", "-f", "-"));
        Assert.Contains("  stdin:3:7: metadata.name: must be text\n  catalog.yaml:9:1: is unknown\n", apply.Error, StringComparison.Ordinal);

        using var json = CliRun.Against(platform);
        Assert.Equal(1, await json.RunAsync("deploy", "ordres", "--output", "json"));
        Assert.Contains("\"code\": \"delivery.component_unknown\"", json.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_without_a_terminal_needs_a_yes()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.On("DELETE /api/entities/component/default/orders", context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        using var run = CliRun.Against(platform);

        Assert.Equal(2, await run.RunAsync("delete", "component:orders"));
        Assert.Empty(platform.Requests);
        Assert.Equal(0, await run.RunAsync("delete", "component:orders", "--yes"));
        Assert.Equal("DELETE /api/entities/component/default/orders", Assert.Single(platform.Requests).Request);
    }

    [Fact]
    public async Task Text_from_elsewhere_cannot_drive_the_terminal()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.Refuse("GET /api/me", new Error("evil", "red \e[31m and \a bell", null, 403));
        using var run = CliRun.Against(platform);
        run.Terminal = true;

        await run.RunAsync("whoami");

        Assert.DoesNotContain("\e[31m and", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\a', run.Error);
    }
}
