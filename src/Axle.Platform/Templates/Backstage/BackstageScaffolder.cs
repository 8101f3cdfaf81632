using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Platform.Templates.Backstage;

/// <summary>
/// Backstage's scaffolder API (release 1.55) under <c>/api/scaffolder/v2</c>, for tools that speak it. Answers and refusals are
/// Backstage's; what runs are the platform's own tasks.
/// </summary>
internal static class BackstageScaffolder
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/scaffolder/v2").WithTags("Backstage scaffolder").Requires(Verb.Read);
        api.MapGet("/templates/{namespace}/{kind}/{name}/parameter-schema", ParameterSchema.Get).Json().WithSummary("The questions of a template, page by page.");
        api.MapGet("/actions", ActionList.Get).Json().WithSummary("Everything that a step can do.");
        api.MapGet("/templating-extensions", TemplatingExtensions.Get).Json().WithSummary("Filters beyond those of the template language.");
        api.MapPost("/tasks", ScaffolderTasks.Post).Requires(Verb.Create).WithMetadata(KeptSecret.InRequest).Json().WithSummary("Runs a template.");
        api.MapGet("/tasks", ScaffolderTasks.List).Json().WithSummary("Runs of templates.");
        api.MapGet("/tasks/{id}", ScaffolderTasks.Get).Json().WithSummary("One run.");
        api.MapPost("/tasks/{id}/cancel", ScaffolderTasks.Cancel).Requires(Verb.Create).Json().WithSummary("Ends a run.");
        api.MapPost("/tasks/{id}/retry", ScaffolderTasks.Retry).Requires(Verb.Create).WithMetadata(KeptSecret.InRequest).Json().WithSummary("Goes on with a run that did not succeed.");
        api.MapGet("/tasks/{id}/events", ScaffolderEvents.Poll).Requires(Verb.ReadLogs).Json().WithSummary("Events of a run; waits half a minute for the first.");
        api.MapGet("/tasks/{id}/eventstream", ScaffolderEvents.Stream).Requires(Verb.ReadLogs).WithSummary("Events of a run as they happen.");
        api.MapPost("/autocomplete/{provider}/{resource}", Autocomplete.Post).Requires(Verb.Create).WithMetadata(KeptSecret.InRequest).Json().WithSummary("What somebody has at a git host, asked with their own token.");
        api.MapPost("/dry-run", ScaffolderDryRun.Post).Requires(Verb.Create).WithMetadata(KeptSecret.Instance).Json().WithSummary("What a template would do, without doing it.");
    }

    private static RouteHandlerBuilder Json(this RouteHandlerBuilder builder) => builder.Produces(StatusCodes.Status200OK, contentType: "application/json");
}
