using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Axle.Platform.Resources.Backups;

/// <summary>The doors to what is kept of resources, and back.</summary>
internal static class BackupEndpoints
{
    private const string Bytes = "application/octet-stream";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var one = routes.MapGroup("/api/resources/{name}").WithTags("Backups");
        one.MapGet("/backups", async (string name, BackupViews views, CancellationToken stop) => (await views.AllAsync(name, stop)).ToHttp(view => TypedResults.Ok(view))).Requires(Verb.Read);
        one.MapPost("/backups", async (string name, Caller caller, BackupVerbs verbs, CancellationToken stop) => (await verbs.BackupAsync(name, caller, stop)).ToHttp(view => TypedResults.Accepted($"/api/resources/{view.Claim}/backups", view))).Requires(Verb.ManageResources);
        one.MapPut("/backup-policy", async (string name, BackupPolicy policy, Caller caller, BackupVerbs verbs, CancellationToken stop) => (await verbs.PolicyAsync(name, policy, caller, stop)).ToHttp(view => TypedResults.Ok(view))).Requires(Verb.ManageResources);
        one.MapPost("/restore", async (string name, RestoreRequest request, Caller caller, BackupVerbs verbs, CancellationToken stop) => Begun(await verbs.RestoreAsync(name, request, caller, stop))).Requires(Verb.ManageResources);
        one.MapPost("/clone", async (string name, CloneRequest request, Caller caller, BackupVerbs verbs, CancellationToken stop) => Begun(await verbs.CloneAsync(name, request, caller, stop))).Requires(Verb.ManageResources);
        one.MapGet("/restores", (string name, BackupViews views) => views.Restores(name).ToHttp(all => TypedResults.Ok(all))).Requires(Verb.Read);
        one.MapGet("/restores/{id}", (string name, string id, BackupViews views) => views.Restore(name, id).ToHttp(view => TypedResults.Ok(view))).Requires(Verb.Read);
        one.MapGet("/export", ExportAsync).Requires(Verb.ConnectResource).WithMetadata(KeptSecret.Instance);
        one.MapPost("/import", ImportAsync).Requires(Verb.ManageResources).WithMetadata(KeptSecret.Instance);
    }

    private static IResult Begun(Result<RestoreView> begun) => begun.ToHttp(view => TypedResults.Accepted($"/api/resources/{view.To}/restores/{view.Id}", view));

    private static async Task<IResult> ExportAsync(string name, HttpContext context, Caller caller, BackupStreams streams, CancellationToken stop, string format = "custom")
    {
        if (format is not ("custom" or "plain"))
        {
            return new Error("resources.export_format", $"There is no format '{format}'.", "Use custom (pg_restore reads it) or plain (SQL).", 422).ToHttp();
        }

        return (await streams.ExportAsync(name, format == "plain", caller, stop)).ToHttp(export => Results.Stream(
            async output =>
            {
                try
                {
                    await export(output, context.RequestAborted);
                }
                catch (Exception e) when (e is IOException or OperationCanceledException)
                {
                    // Half an export must not look like a whole one.
                    context.Abort();
                }
            },
            Bytes));
    }

    private static async Task<IResult> ImportAsync(string name, HttpContext context, Caller caller, BackupStreams streams, CancellationToken stop)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        return (await streams.ImportAsync(name, context.Request.Body, caller, stop)).ToHttp(answer => TypedResults.Ok(answer));
    }
}
