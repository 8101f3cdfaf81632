using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Axle.Platform.Http;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>A task's events in Backstage's form, as a list and as a stream.</summary>
internal static class ScaffolderEvents
{
    /// <summary>Backstage's logger puts its level, in green, before what an action says.</summary>
    private const string ActionPrefix = "\u001b[32minfo\u001b[39m: ";

    private static readonly TimeSpan s_pollMax = TimeSpan.FromSeconds(30);

    public static async Task<IResult> Poll(string id, string? after, TaskVerbs verbs, TaskLogs logs, TimeProvider clock, CancellationToken stop)
    {
        if (!verbs.Find(id).TryGet(out var task, out var unknown))
        {
            return unknown.ToHttp();
        }

        var (log, from) = (logs.Of(task.Metadata.Name), From(after));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = clock.CreateTimer(_ => enough.Cancel(), null, s_pollMax, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                var changed = log.Changed;
                if (After(log, from) is { Count: > 0 } events)
                {
                    return TypedResults.Ok(new JsonArray([.. events.Select(one => Of(task.Metadata.Name, one))]));
                }

                await changed.WaitAsync(enough.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return TypedResults.Ok(new JsonArray());
        }
    }

    public static IResult Stream(string id, string? after, TaskVerbs verbs, TaskLogs logs) =>
        verbs.Find(id).ToHttp(task => new ServerSentEvents(stop => StreamAsync(task.Metadata.Name, logs.Of(task.Metadata.Name), From(after), stop)));

    private static async IAsyncEnumerable<ServerEvent> StreamAsync(string id, TaskLog log, long after, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var events in log.FollowAsync(-1, stop))
        {
            foreach (var one in events.Where(one => one.Id > after || IsLast(one, events)))
            {
                yield return new ServerEvent(one.Type, Of(id, one));
            }

            // A retry goes on after a line that says that it is over.
            if (events[^1].Type == TaskEventTypes.Completion)
            {
                yield break;
            }
        }
    }

    /// <summary>What comes after an id; and that it is over, whichever id was asked for, so that nobody waits in vain.</summary>
    private static List<TaskEvent> After(TaskLog log, long after)
    {
        var events = log.Read(-1);
        return [.. events.Where(one => one.Id > after || IsLast(one, events))];
    }

    private static bool IsLast(TaskEvent one, IReadOnlyList<TaskEvent> events) => one.Type == TaskEventTypes.Completion && one.Id == events[^1].Id;

    private static JsonObject Of(string task, TaskEvent one)
    {
        var body = (JsonObject)one.Body.DeepClone();
        if (one is { Type: TaskEventTypes.Log, StepId: not null, Status: null })
        {
            body["message"] = ActionPrefix + one.Message;
        }

        return new JsonObject
        {
            ["id"] = one.Id,
            ["isTaskRecoverable"] = false,
            ["taskId"] = task,
            ["body"] = body,
            ["type"] = one.Type,
            ["createdAt"] = ScaffolderTasks.Time(one.CreatedAt),
        };
    }

    private static long From(string? after) => long.TryParse(after, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) ? id : -1;
}
