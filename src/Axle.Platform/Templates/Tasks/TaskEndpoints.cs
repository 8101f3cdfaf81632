using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Schema;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Axle's own doors to tasks; those of Backstage are beside them.</summary>
internal static class TaskEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Tasks");
        api.MapPost("/templates/dry-run", DryRunAsync).Requires(Verb.Create).Answers<DryRunAnswer>().WithMetadata(KeptSecret.Instance).WithSummary("What a template would do, without doing it.");
        api.MapPost("/tasks", CreateAsync).Requires(Verb.Create).Answers<TaskView>(StatusCodes.Status201Created).WithMetadata(KeptSecret.InRequest).WithSummary("Runs a template.");
        api.MapGet("/tasks", (string? createdBy, string? phase, int? limit, TaskViews views) => TypedResults.Ok(views.List(createdBy, phase, limit ?? 50))).Requires(Verb.Read).WithSummary("Runs of templates, newest first.");
        api.MapGet("/tasks/{id}", (string id, TaskVerbs verbs, TaskViews views) => verbs.Find(id).ToHttp(task => TypedResults.Ok(views.Of(task)))).Requires(Verb.Read).Answers<TaskView>().WithSummary("One run, with its steps.");
        api.MapPost("/tasks/{id}/cancel", async (string id, Caller caller, TaskVerbs verbs, TaskViews views, CancellationToken stop) => Answer(await verbs.CancelAsync(id, caller, stop), views)).Requires(Verb.Create).Answers<TaskView>().WithSummary("Ends a run.");
        api.MapPost("/tasks/{id}/retry", async (string id, RetryTaskRequest? request, Caller caller, TaskVerbs verbs, TaskViews views, CancellationToken stop) => Answer(await verbs.RetryAsync(id, Secrets(request?.Secrets), caller, stop), views)).Requires(Verb.Create).Answers<TaskView>().WithMetadata(KeptSecret.InRequest).WithSummary("Goes on from the step that did not succeed.");
        api.MapPost("/tasks/{id}/discard", async (string id, Caller caller, TaskVerbs verbs, TaskViews views, CancellationToken stop) => Answer(await verbs.DiscardAsync(id, caller, stop), views)).Requires(Verb.Create).Answers<TaskView>().WithSummary("Gives up a run that did not succeed, and takes back the repositories that it made.");
        api.MapPost("/tasks/{id}/approve", async (string id, DecisionRequest? request, Caller caller, TaskVerbs verbs, TaskViews views, CancellationToken stop) => Answer(await verbs.DecideAsync(id, true, request?.Message, caller, stop), views)).Requires(Verb.Create).Answers<TaskView>().WithSummary("Says yes to the step that waits for it.");
        api.MapPost("/tasks/{id}/reject", async (string id, DecisionRequest? request, Caller caller, TaskVerbs verbs, TaskViews views, CancellationToken stop) => Answer(await verbs.DecideAsync(id, false, request?.Message, caller, stop), views)).Requires(Verb.Create).Answers<TaskView>().WithSummary("Says no to the step that waits.");
        api.MapGet("/tasks/{id}/log", (string id, long? after, bool? follow, TaskVerbs verbs, TaskLogs logs) => verbs.Find(id).ToHttp(task => LogOf(logs.Of(task.Metadata.Name), after ?? -1, follow ?? false))).Requires(Verb.ReadLogs).WithSummary("A run's log; with follow as a stream of events until it ends.");
    }

    private static async Task<IResult> CreateAsync(TemplateRequest request, Caller caller, TemplateShelf shelf, CreateTask create, TaskViews views, CancellationToken stop)
    {
        if (!shelf.Find(request.Template ?? "").TryGet(out var template, out var unknown))
        {
            return unknown.ToHttp();
        }

        var begun = await create.RunAsync(template.Definition.Ref, Values(request, template), Secrets(request.Secrets), fill: true, caller, stop);
        return begun.ToHttp(task => TypedResults.Created($"/api/tasks/{task.Metadata.Name}", views.Of(task)));
    }

    private static async Task<IResult> DryRunAsync(TemplateRequest request, Caller caller, TemplateShelf shelf, DryRun dryRun, CancellationToken stop)
    {
        if (!shelf.Find(request.Template ?? "").TryGet(out var template, out var unknown))
        {
            return unknown.ToHttp();
        }

        var values = template.Definition.Filled(Values(request, template));
        return (await dryRun.RunAsync(template.Definition, template.Origin, values, Secrets(request.Secrets), null, caller, stop)).ToHttp(answer => TypedResults.Ok(TaskViews.Of(answer)));
    }

    private static JsonObject Values(TemplateRequest request, ReadyTemplate template)
    {
        var values = request.Values is { ValueKind: JsonValueKind.Object } given ? JsonText.Read(given.GetRawText())!.AsObject() : [];
        foreach (var (name, text) in request.Texts ?? new Dictionary<string, string>())
        {
            values[name] = TextAnswers.Read(text, template.Definition.Question(name));
        }

        return values;
    }

    private static JsonObject Secrets(IReadOnlyDictionary<string, string>? secrets) =>
        new((secrets ?? new Dictionary<string, string>()).Select(one => KeyValuePair.Create(one.Key, (JsonNode?)JsonValue.Create(one.Value ?? ""))));

    private static IResult Answer(Result<Entity<TaskSpec, TaskState>> changed, TaskViews views) => changed.ToHttp(task => TypedResults.Ok(views.Of(task)));

    private static IResult LogOf(TaskLog log, long after, bool follow) =>
        follow ? new ServerSentEvents(stop => LinesAsync(log, after, stop)) : TypedResults.Ok(log.Read(after).Select(TaskViews.Of).ToList());

    private static async IAsyncEnumerable<ServerEvent> LinesAsync(TaskLog log, long after, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var events in log.FollowAsync(after, stop))
        {
            foreach (var one in events)
            {
                yield return new ServerEvent(one.Type, TaskViews.Of(one), one.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            // A retry goes on after a line that says that it is over.
            if (events[^1].Type == TaskEventTypes.Completion)
            {
                yield break;
            }
        }
    }
}
