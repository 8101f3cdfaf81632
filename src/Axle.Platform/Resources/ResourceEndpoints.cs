using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Registering;
using Axle.Platform.Resources.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Platform.Resources;

/// <summary>The doors to resources of any type.</summary>
internal static class ResourceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapProvisioners(routes);
        var all = routes.MapGroup("/api/resources").WithTags("Resources");
        all.MapGet("/", async (ResourceViews views, CancellationToken stop, string? component = null, string? environment = null, string? type = null, string? owner = null) =>
            TypedResults.Ok(await views.NowAsync(component, environment, type, owner, stop))).Requires(Verb.Read);
        all.MapPost("/", async (ResourceRequest request, Caller caller, ResourceVerbs verbs, CancellationToken stop) => (await verbs.CreateAsync(request, caller, stop)).ToHttp(view => TypedResults.Accepted($"/api/resources/{view.Name}", view))).Requires(Verb.Create);
        all.MapPost("/undo", (Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.UndoAsync(null, caller, stop))).Requires(Verb.ManageResources);

        var one = all.MapGroup("/{name}");
        one.MapGet("/", async (string name, ClaimNames names, ResourceViews views, CancellationToken stop, string? environment = null, string? type = null) =>
            names.Find(name, environment, type).TryGet(out var claim, out var error) ? TypedResults.Ok(await views.NowAsync(claim, stop)) : error.ToHttp()).Requires(Verb.Read);
        one.MapGet("/logs", async (string name, Caller caller, ServerLogs logs, CancellationToken stop, string? environment = null, int? tail = null, bool follow = false) =>
            (await logs.ReadAsync(name, environment, tail, follow, caller, stop)).ToHttp(found => TypedResults.ServerSentEvents(LogEvents.Of(found.Lines, found.About, stop)))).Requires(Verb.ReadLogs);
        one.MapPost("/rotate", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.RotateAsync(name, command, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/delete", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.DeleteAsync(name, command, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/undo", (string name, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.UndoAsync(name, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/share", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.ShareAsync(name, command, shared: true, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/unshare", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.ShareAsync(name, command, shared: false, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/retain", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.RetainAsync(name, command, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/replace", (string name, ResourceCommand command, Caller caller, ResourceVerbs verbs, CancellationToken stop) => Answer(verbs.ReplaceAsync(name, command, caller, stop))).Requires(Verb.ManageResources);

        one.MapPost("/connect", async (string name, ConnectRequest request, Caller caller, Databases databases, CancellationToken stop, string? environment = null) =>
            (await databases.ConnectAsync(name, environment, request, caller, stop)).ToHttp(TypedResults.Ok)).Requires(Verb.ConnectResource).WithMetadata(KeptSecret.Instance);
        one.MapGet("/stats", async (string name, Caller caller, Databases databases, CancellationToken stop, string? environment = null) => (await databases.StatsAsync(name, environment, caller, stop)).ToHttp(TypedResults.Ok)).Requires(Verb.Read);
    }

    private static void MapProvisioners(IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/provisioners").WithTags("Resources");
        all.MapGet("/", (RegisterProvisioners provisioners) => TypedResults.Ok(provisioners.All())).Requires(Verb.Read);
        all.MapPost("/", async (HttpRequest request, Caller caller, RegisterProvisioners provisioners, CancellationToken stop, string file = "provisioners.yaml", bool dryRun = false) =>
        {
            using var reader = new StreamReader(request.Body);
            return (await provisioners.RunAsync(await reader.ReadToEndAsync(stop), file, dryRun, caller, stop)).ToHttp(TypedResults.Ok);
        }).Requires(Verb.Administer);
        all.MapPost("/{name}/test", async (string name, Caller caller, RegisterProvisioners provisioners, CancellationToken stop) => (await provisioners.TestAsync(name, caller, stop)).ToHttp(TypedResults.Ok)).Requires(Verb.Administer);
        all.MapGet("/types", () => TypedResults.Ok(ResourceTypes.All)).Requires(Verb.Read);
    }

    private static async Task<IResult> Answer(Task<Result<ResourceView>> verb) => (await verb).ToHttp(view => TypedResults.Accepted($"/api/resources/{view.Name}", view));
}
