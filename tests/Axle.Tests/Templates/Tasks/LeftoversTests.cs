using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Source;
using Axle.Platform.Templates.Tasks;

namespace Axle.Tests.Templates.Tasks;

/// <summary>What becomes of a repository that a task made before it failed.</summary>
public sealed class LeftoversTests
{
    private const string Steps = """
        [{"id": "write", "action": "test:write", "input": {"path": "a.txt", "content": "a"}},
         {"id": "publish", "action": "publish:axle", "input": {"repository": "orders"}},
         {"id": "last", "action": "test:do", "input": {"name": "last"}}]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_retry_goes_on_with_it()
    {
        await using var host = await TasksHost.StartAsync();
        var id = await FailedAsync(host);
        var view = View(host, id);
        Assert.True(view.CanRetry);
        Assert.Equal(["orders"], view.Left!.Repositories);
        Assert.Equal(TimeSpan.FromHours(24), view.Left.Until - view.EndedAt);

        host.World.Broken.Clear();
        Assert.True((await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Ok);
        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
        Assert.Null(View(host, id).Left);
        await LaterAsync(host, id);
        Assert.True(Repositories(host).Exists("orders"));
    }

    [Fact]
    public async Task It_goes_when_the_task_can_be_retried_no_longer()
    {
        await using var host = await TasksHost.StartAsync();
        var id = await FailedAsync(host);
        await host.LookAsync(id);
        Assert.True(Repositories(host).Exists("orders"));

        await LaterAsync(host, id);
        Assert.False(Repositories(host).Exists("orders"));
        Assert.Null(View(host, id).Left);
        Assert.Equal("templates.files_gone", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Code);

        // A second look, as after a crash, takes nothing that came since.
        await Repositories(host).CreateAsync("orders", Stop);
        await host.Entities.PutStatusAsync(TaskKinds.Ref(id), host.State(id) with { Swept = false }, "test", stop: Stop);
        await host.LookAsync(id);
        Assert.True(Repositories(host).Exists("orders"));
    }

    [Fact]
    public async Task Whoever_began_the_task_can_give_it_up()
    {
        await using var host = await TasksHost.StartAsync();
        var id = await FailedAsync(host);
        Assert.Equal("templates.task_not_theirs", (await host.Verbs.DiscardAsync(id, host.Bob, Stop)).Error!.Code);
        Assert.True((await host.Verbs.DiscardAsync(id, host.Jane, Stop)).Ok);
        Assert.False(View(host, id).CanRetry);
        Assert.Contains("user:jane discarded it", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Message, StringComparison.Ordinal);

        await host.LookAsync(id);
        Assert.False(Repositories(host).Exists("orders"));
        Assert.True((await host.Verbs.DiscardAsync(id, host.Jane, Stop)).Ok);
        Assert.Equal(TaskPhases.Failed, host.State(id).Phase);
    }

    [Fact]
    public async Task Only_what_did_not_succeed_can_be_given_up()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync(Steps);
        var id = await host.BeginAsync();
        Assert.Equal("templates.task_runs", (await host.Verbs.DiscardAsync(id, host.Jane, Stop)).Error!.Code);
        await host.LookAsync(id);
        Assert.Equal("templates.task_ended", (await host.Verbs.DiscardAsync(id, host.Jane, Stop)).Error!.Code);
        Assert.True(Repositories(host).Exists("orders"));
    }

    [Theory]
    [InlineData("pushed")]
    [InlineData("component")]
    [InlineData("location")]
    public async Task What_somebody_uses_stays(string how)
    {
        await using var host = await TasksHost.StartAsync();
        var id = await FailedAsync(host);
        switch (how)
        {
            case "pushed":
                Assert.True((await Repositories(host).CommitAsync("orders", [new SourceFile("b.txt", "b"u8.ToArray())], "mine", "user:default/bob", Stop)).Ok);
                break;
            case "component":
                var component = Server.TestServer.Json(Kinds.Component, "orders", """{"type": "service", "lifecycle": "x", "owner": "shop"}""");
                await host.Entities.PutAsync(component with { Metadata = component.Metadata with { Annotations = new Dictionary<string, string> { [Annotations.Repository] = "orders" } } }, "test", stop: Stop);
                break;
            default:
                await host.PutAsync(Kinds.Location, "orders", """{"type": "url", "target": "http://axle.test/git/orders.git/blob/HEAD/catalog-info.yaml"}""");
                break;
        }

        await host.Verbs.DiscardAsync(id, host.Jane, Stop);
        await host.LookAsync(id);
        Assert.True(Repositories(host).Exists("orders"));
    }

    [Fact]
    public async Task A_repository_of_somebody_else_is_never_taken()
    {
        await using var host = await TasksHost.StartAsync();
        await Repositories(host).CreateAsync("orders", Stop);
        await host.TemplateAsync(Steps);
        var id = await host.BeginAsync();
        Assert.Equal(TaskPhases.Failed, (await host.LookAsync(id)).Phase);
        Assert.Null(View(host, id).Left);
        await host.Verbs.DiscardAsync(id, host.Jane, Stop);
        await host.LookAsync(id);
        Assert.True(Repositories(host).Exists("orders"));
    }

    private static async Task<string> FailedAsync(TasksHost host)
    {
        host.World.Broken["last"] = true;
        await host.TemplateAsync(Steps);
        var id = await host.BeginAsync();
        var state = await host.LookAsync(id);
        Assert.True(state.Phase == TaskPhases.Failed && Repositories(host).Exists("orders"), host.Log(id));
        return id;
    }

    /// <summary>A day after it ended.</summary>
    private static async Task LaterAsync(TasksHost host, string id)
    {
        await host.Entities.PutStatusAsync(TaskKinds.Ref(id), host.State(id) with { EndedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(25) }, "test", stop: Stop);
        await host.LookAsync(id);
    }

    private static TaskView View(TasksHost host, string id) => host.Service<TaskViews>().Of(host.Entities.Find(TaskKinds.Task, TaskKinds.Ref(id))!);

    private static IRepositories Repositories(TasksHost host) => host.Service<IRepositories>();
}
