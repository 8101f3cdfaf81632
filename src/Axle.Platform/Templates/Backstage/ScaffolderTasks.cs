using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>Tasks, as Backstage's clients begin, list and end them.</summary>
internal static class ScaffolderTasks
{
    private static readonly string[] s_orders = ["created_at", "status", "created_by"];

    public static async Task<IResult> Post(HttpRequest request, Caller caller, CreateTask create, CancellationToken stop)
    {
        if (!(await ScaffolderErrors.BodyAsync(request, stop)).TryGet(out var body, out var malformed))
        {
            return malformed.ToHttp();
        }

        if (!EntityRef.TryParse(body["templateRef"] is JsonValue text && text.TryGetValue<string>(out var written) ? written : null, Kinds.Template, EntityRef.DefaultNamespace, out var template))
        {
            return ScaffolderErrors.Input("Malformed request: templateRef must be an entity reference").ToHttp();
        }

        if (template.Kind != "template")
        {
            return ScaffolderErrors.Input("Invalid kind, only 'Template' kind is supported").ToHttp();
        }

        if (body["values"] is not (null or JsonObject))
        {
            return ScaffolderErrors.Input("Malformed request: values must be an object").ToHttp();
        }

        if (!ScaffolderErrors.Secrets(body).TryGet(out var secrets, out var wrong))
        {
            return wrong.ToHttp();
        }

        var begun = await create.RunAsync(template, body["values"]?.DeepClone() as JsonObject ?? [], secrets, fill: false, caller, stop);
        return begun.TryGet(out var task, out var refused) ? TypedResults.Json(new { id = task.Metadata.Name }, statusCode: StatusCodes.Status201Created) : refused.ToScaffolder();
    }

    public static IResult List(HttpRequest request, IEntityStore entities)
    {
        // 1. What is asked for?
        var query = request.Query;
        string[] creators = [.. query["createdBy"].OfType<string>()], phases = [.. query["status"].OfType<string>()];
        var orders = new List<(bool Down, string Field)>();
        foreach (var order in query["order"].OfType<string>())
        {
            var parts = order.Split(':', 2);
            if (parts.Length != 2 || parts[0] is not ("asc" or "desc"))
            {
                return ScaffolderErrors.Input($"Invalid order parameter \"{order}\", expected \"<asc or desc>:<field name>\"").ToHttp();
            }

            if (!s_orders.Contains(parts[1]))
            {
                return ScaffolderErrors.Input($"Invalid order field \"{parts[1]}\"").ToHttp();
            }

            orders.Add((parts[0] == "desc", parts[1]));
        }

        if (!Number(query["limit"]).TryGet(out var limit, out var wrong) || !Number(query["offset"]).TryGet(out var offset, out wrong))
        {
            return wrong.ToHttp();
        }

        // 2. What there is.
        var tasks = entities.All(TaskKinds.Task)
            .Where(task => creators.Length == 0 || creators.Contains(task.Spec.CreatedBy.ToString()))
            .Where(task => phases.Length == 0 || phases.Contains(StatusOf(task)))
            .ToList();
        var sorted = Sorted(tasks, orders.Count == 0 ? [(true, "created_at")] : orders);
        var page = sorted.Skip(offset ?? 0).Take(limit ?? int.MaxValue);
        return TypedResults.Ok(new JsonObject { ["tasks"] = new JsonArray([.. page.Select(task => Of(task, entities))]), ["totalTasks"] = tasks.Count });
    }

    public static IResult Get(string id, TaskVerbs verbs, IEntityStore entities) => verbs.Find(id).ToHttp(task => TypedResults.Ok(Of(task, entities)));

    public static async Task<IResult> Cancel(string id, Caller caller, TaskVerbs verbs, CancellationToken stop) =>
        (await verbs.CancelAsync(id, caller, stop)).TryGet(out _, out var refused) ? TypedResults.Ok(new { status = "cancelled" }) : refused.ToScaffolder();

    public static async Task<IResult> Retry(string id, HttpRequest request, Caller caller, TaskVerbs verbs, CancellationToken stop)
    {
        var body = new JsonObject();
        if (request.ContentLength is not (null or 0) && !(await ScaffolderErrors.BodyAsync(request, stop)).TryGet(out body, out var malformed))
        {
            return malformed.ToHttp();
        }

        if (!ScaffolderErrors.Secrets(body).TryGet(out var secrets, out var wrong))
        {
            return wrong.ToHttp();
        }

        return (await verbs.RetryAsync(id, secrets, caller, stop)).TryGet(out var task, out var refused) ? TypedResults.Json(new { id = task.Metadata.Name }, statusCode: StatusCodes.Status201Created) : refused.ToScaffolder();
    }

    /// <summary>A task as Backstage writes it.</summary>
    private static JsonObject Of(Entity<TaskSpec, TaskState> task, IEntityStore entities)
    {
        var spec = task.Spec;
        var information = new JsonObject { ["entityRef"] = spec.Template.ToString() };
        if (spec.Address is not null)
        {
            information["baseUrl"] = spec.Address.ToString();
        }

        information["entity"] = new JsonObject { ["metadata"] = spec.TemplateMetadata.DeepClone() };
        return new JsonObject
        {
            ["id"] = task.Metadata.Name,
            ["spec"] = new JsonObject
            {
                ["apiVersion"] = Kinds.ScaffolderApi,
                ["steps"] = spec.Steps.DeepClone(),
                ["output"] = spec.Output.DeepClone(),
                ["parameters"] = spec.Parameters.DeepClone(),
                ["user"] = TaskScript.UserOf(spec.CreatedBy, entities.Find(spec.CreatedBy)),
                ["templateInfo"] = information,
            },
            ["status"] = StatusOf(task),
            ["createdAt"] = Time(task.Metadata.CreatedAt),
            ["lastHeartbeatAt"] = Time(task.Metadata.UpdatedAt),
            ["createdBy"] = spec.CreatedBy.ToString(),
        };
    }

    /// <summary>Backstage knows no waiting: there a task that waits is under way.</summary>
    private static string StatusOf(Entity<TaskSpec, TaskState> task) => TaskViews.PhaseOf(task) is var phase && phase == TaskPhases.Waiting ? TaskPhases.Processing : phase;

    internal static string? Time(DateTimeOffset? moment) => moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<Entity<TaskSpec, TaskState>> Sorted(List<Entity<TaskSpec, TaskState>> tasks, IReadOnlyList<(bool Down, string Field)> orders)
    {
        IOrderedEnumerable<Entity<TaskSpec, TaskState>>? sorted = null;
        foreach (var (down, field) in orders)
        {
            sorted = (sorted, down) switch
            {
                (null, false) => tasks.OrderBy(task => Key(task, field), StringComparer.Ordinal),
                (null, true) => tasks.OrderByDescending(task => Key(task, field), StringComparer.Ordinal),
                (_, false) => sorted.ThenBy(task => Key(task, field), StringComparer.Ordinal),
                _ => sorted.ThenByDescending(task => Key(task, field), StringComparer.Ordinal),
            };
        }

        return sorted!;
    }

    private static string Key(Entity<TaskSpec, TaskState> task, string field) => field switch
    {
        "status" => StatusOf(task),
        "created_by" => task.Spec.CreatedBy.ToString(),
        _ => task.Metadata.CreatedAt?.UtcTicks.ToString("D20", CultureInfo.InvariantCulture) ?? "",
    };

    private static Result<int?> Number(string? text) =>
        text is null ? (int?)null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (int?)number : ScaffolderErrors.Input($"Invalid number \"{text}\", expected a whole number of at least 0");
}
