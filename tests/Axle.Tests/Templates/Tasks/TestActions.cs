using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Actions;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates.Tasks;

/// <summary>What test actions act upon; it outlives a platform that is killed.</summary>
internal sealed class World
{
    private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often each name was done.</summary>
    public ConcurrentDictionary<string, int> Done { get; } = new();

    /// <summary>Names that are to fail.</summary>
    public ConcurrentDictionary<string, bool> Broken { get; } = new();

    /// <summary>Names that are to hang until <see cref="Free"/>, or until somebody ends them.</summary>
    public ConcurrentDictionary<string, bool> Hanging { get; } = new();

    /// <summary>Names that something has happened to, that others wait for.</summary>
    public ConcurrentDictionary<string, bool> Ready { get; } = new();

    public ConcurrentDictionary<string, TaskCompletionSource> Hung { get; } = new();

    public Task FreeAsync() => _free.Task;

    public void Free() => _free.TrySetResult();

    public Task HangsAsync(string name) => Hung.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}

internal static class TestActions
{
    public static IServiceCollection AddTestActions(this IServiceCollection services, World world) => services
        .AddSingleton<ITemplateAction>(new TestAction("test:echo", true, (run, _) => EchoAsync(run)))
        .AddSingleton<ITemplateAction>(new TestAction("test:do", false, (run, stop) => DoAsync(run, world, stop)))
        .AddSingleton<ITemplateAction>(new TestAction("test:once", false, (run, stop) => OnceAsync(run, world, stop)))
        .AddSingleton<ITemplateAction>(new TestAction("test:wait", false, (run, _) => WaitAsync(run, world)))
        .AddSingleton<ITemplateAction>(new TestAction("test:write", true, (run, _) => WriteAsync(run)))
        .AddSingleton<ITemplateAction>(new TestAction("test:throw", true, (_, _) => throw new InvalidOperationException("The action is broken.")))
        .AddSingleton<ITemplateAction>(new TestAction("test:port", true, (run, _) => EchoAsync(run)) { InputSchema = (JsonObject)JsonNode.Parse("""{"type": "object", "required": ["port"], "properties": {"port": {"type": "integer", "title": "Port"}}, "additionalProperties": false}""")! });

    /// <summary>Gives its input back; says what <c>say</c> holds.</summary>
    private static Task<Result<ActionResult>> EchoAsync(ActionRun run)
    {
        if (run.Input["say"] is { } words)
        {
            run.Log(words is JsonValue value && value.TryGetValue<string>(out var text) ? text : words.ToJsonString());
        }

        return Task.FromResult<Result<ActionResult>>(new ActionResult((JsonObject)run.Input.DeepClone()));
    }

    /// <summary>Does its name once more, and hangs or fails where the world wants it.</summary>
    private static async Task<Result<ActionResult>> DoAsync(ActionRun run, World world, CancellationToken stop)
    {
        var name = run.Input["name"]!.GetValue<string>();
        if (world.Hanging.ContainsKey(name))
        {
            world.Hung.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            await world.FreeAsync().WaitAsync(stop);
        }

        if (world.Broken.ContainsKey(name))
        {
            return new Error("test.broken", $"{name} is broken.", "Mend it.", 422);
        }

        return new ActionResult(new JsonObject { ["times"] = world.Done.AddOrUpdate(name, 1, (_, times) => times + 1) });
    }

    /// <summary>An effect that must not happen twice: remembers before, and hangs after.</summary>
    private static async Task<Result<ActionResult>> OnceAsync(ActionRun run, World world, CancellationToken stop)
    {
        var name = run.Input["name"]!.GetValue<string>();
        if (run.State["done"] is null)
        {
            await run.RememberAsync("done", true);
            world.Done.AddOrUpdate(name, 1, (_, times) => times + 1);
        }

        return await DoAsync(run, world, stop);
    }

    /// <summary>Waits, for days if it must, until its name is ready.</summary>
    private static async Task<Result<ActionResult>> WaitAsync(ActionRun run, World world)
    {
        var name = run.Input["name"]!.GetValue<string>();
        var looks = (run.State["looks"]?.GetValue<int>() ?? 0) + 1;
        await run.RememberAsync("looks", looks);
        return world.Ready.ContainsKey(name) ? new ActionResult(new JsonObject { ["looks"] = looks }) : new ActionResult([], TimeSpan.FromDays(3), $"{name} is not ready.");
    }

    private static async Task<Result<ActionResult>> WriteAsync(ActionRun run)
    {
        if (!run.Workspace.Resolve(run.Input["path"]!.GetValue<string>()).TryGet(out var path, out var outside))
        {
            return outside;
        }

        await File.WriteAllTextAsync(path, run.Input["content"]!.GetValue<string>());
        return ActionResult.Done;
    }
}

internal sealed class TestAction(string id, bool dryRun, Func<ActionRun, CancellationToken, Task<Result<ActionResult>>> run) : ITemplateAction
{
    public string Id => id;

    public string Description => "For tests.";

    public JsonObject InputSchema { get; init; } = new() { ["type"] = "object" };

    public JsonObject OutputSchema { get; } = (JsonObject)JsonNode.Parse("""{"type": "object", "properties": {"times": {"type": "number"}}}""")!;

    public bool SupportsDryRun => dryRun;

    public Task<Result<ActionResult>> RunAsync(ActionRun given, CancellationToken stop) => run(given, stop);
}
