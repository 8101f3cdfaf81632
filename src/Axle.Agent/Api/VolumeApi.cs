using Axle.Agent.Jobs;
using Axle.Agent.Volumes;
using Axle.Agent.Workloads;
using Axle.Engines;
using Axle.Engines.Process;
using Microsoft.AspNetCore.Http.Features;

namespace Axle.Agent.Api;

/// <summary>The part of the agent's API that is about lasting volumes.</summary>
internal static class VolumeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/volumes/{name}", Size);
        api.MapGet("/volumes/{name}/archive", ReadAsync);
        api.MapPut("/volumes/{name}/archive", FillAsync);
        api.MapPost("/volumes/{name}/rename", (string name, string to, LastingVolumes volumes, WorkloadSet workloads, JobSet jobs) => WhenFree(name, workloads, jobs, () => volumes.Rename(name, to)));
        api.MapDelete("/volumes/{name}", (string name, LastingVolumes volumes, WorkloadSet workloads, JobSet jobs) => WhenFree(name, workloads, jobs, () => volumes.Remove(name)));
    }

    private static IResult Size(string name, LastingVolumes volumes)
    {
        try
        {
            using var open = volumes.Open(name);
            if (open is null)
            {
                return Results.NotFound();
            }

            var (bytes, files) = open.Size(VolumeSize.FilesMax);
            return Results.Json(new VolumeSize(bytes, files), AgentJson.Default.VolumeSize);
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            return AgentApi.Refused(e.Message);
        }
    }

    private static async Task<IResult> ReadAsync(string name, HttpContext context, LastingVolumes volumes)
    {
        try
        {
            using var open = volumes.Open(name);
            context.Response.ContentType = "application/x-tar";
            await VolumeArchive.WriteAsync(open, context.Response.Body, context.RequestAborted);
            return Results.Empty;
        }
        catch (Exception e) when (e is FormatException or IOException && !context.Response.HasStarted)
        {
            return AgentApi.Refused($"The volume {name} cannot be read: {e.Message}.");
        }
    }

    private static async Task<IResult> FillAsync(string name, HttpContext context, LastingVolumes volumes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        try
        {
            await volumes.FillAsync(name, context.Request.Body, context.RequestAborted);
            return Results.NoContent();
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return AgentApi.Refused($"The volume {name} cannot be filled: {e.Message}");
        }
    }

    private static IResult WhenFree(string name, WorkloadSet workloads, JobSet jobs, Action act)
    {
        if (workloads.UserOf(name) is { } workload)
        {
            return AgentApi.Refused($"The volume {name} is mounted by {workload}.");
        }

        if (jobs.UserOf(name) is { } job)
        {
            return AgentApi.Refused($"The volume {name} is mounted by the job {job}.");
        }

        try
        {
            act();
            return Results.NoContent();
        }
        catch (FormatException e)
        {
            return AgentApi.Refused(e.Message);
        }
    }
}
