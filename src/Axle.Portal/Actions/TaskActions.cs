using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>The buttons of a task's page.</summary>
internal static class TaskActions
{
    private const string Secret = "secret/";

    public static void MapTaskActions(this IEndpointRouteBuilder routes)
    {
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        var task = routes.MapGroup("/tasks/{id}").DisableAntiforgery().Requires(Verb.Create).ExcludeFromDescription();
        task.MapPost("/cancel", (string id, HttpRequest http, Caller caller, ITasks tasks, CancellationToken stop) => BackAsync(id, "It is being cancelled", _ => tasks.CancelAsync(id, caller, stop), http, stop));
        task.MapPost("/retry", (string id, HttpRequest http, Caller caller, ITasks tasks, CancellationToken stop) => BackAsync(id, "It goes on", form => tasks.RetryAsync(id, Secrets(form), caller, stop), http, stop)).WithMetadata(KeptSecret.InRequest);
        task.MapPost("/discard", (string id, HttpRequest http, Caller caller, ITasks tasks, CancellationToken stop) => BackAsync(id, "It is given up", _ => tasks.DiscardAsync(id, caller, stop), http, stop));
        task.MapPost("/approve", (string id, HttpRequest http, Caller caller, ITasks tasks, CancellationToken stop) => BackAsync(id, "Approved", form => tasks.DecideAsync(id, true, Message(form), caller, stop), http, stop));
        task.MapPost("/reject", (string id, HttpRequest http, Caller caller, ITasks tasks, CancellationToken stop) => BackAsync(id, "Rejected", form => tasks.DecideAsync(id, false, Message(form), caller, stop), http, stop));
    }

    private static async Task<IResult> BackAsync(string id, string done, Func<IFormCollection, Task<Result<TaskView>>> verb, HttpRequest http, CancellationToken stop) =>
        Pressed.Of(await verb(await Pressed.FormAsync(http, stop)), _ => done).To($"/tasks/{Uri.EscapeDataString(id)}");

    private static string? Message(IFormCollection form) => form["message"].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static JsonObject Secrets(IFormCollection form) =>
        new(form.Where(one => one.Key.StartsWith(Secret, StringComparison.Ordinal)).Select(one => KeyValuePair.Create(one.Key[Secret.Length..], (JsonNode?)JsonValue.Create(one.Value.ToString()))));
}
