using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Axle.Agent.Ingress;
using Axle.Agent.Isolation;
using Axle.Agent.Jobs;
using Axle.Agent.Logs;
using Axle.Agent.State;
using Axle.Agent.Workloads;
using Axle.Contracts;
using Axle.Engines;
using Axle.Engines.Process;

namespace Axle.Agent.Api;

/// <summary>The agent's API; who may use it is decided by the socket's file mode. Its client is <see cref="ProcessEngine"/>.</summary>
internal static class AgentApi
{
    private static readonly byte[] s_newLine = [(byte)'\n'];
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(15);

    public static void MapAgent(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("");
        MapWorkloads(api);
        MapJobs(api);
        VolumeApi.Map(api);
        api.MapGet("/info", Info);
        api.MapGet("/logs", LogsAsync);
        api.MapGet("/watch", WatchAsync);
        api.MapGet("/exec", ExecEndpoint.RunAsync);
        api.MapPost("/shutdown", ShutdownAsync);
    }

    public static string Version => typeof(AgentApi).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    private static void MapWorkloads(RouteGroupBuilder api)
    {
        api.MapPut("/workloads/{id}", async (string id, HttpContext context, WorkloadSet workloads) =>
        {
            if (await ReadAsync<WorkloadSpec>(context) is not { } spec || spec.Id != id)
            {
                return Refused("The workload's id and the address do not agree.");
            }

            return await workloads.ApplyAsync(spec, context.RequestAborted) is { } why ? Refused(why) : Results.NoContent();
        });
        api.MapGet("/workloads/{id}", (string id, WorkloadSet workloads) =>
            workloads.Find(id) is { } found ? Results.Json(found.Status(), AgentJson.Default.WorkloadStatus) : Results.NotFound());
        api.MapGet("/workloads", (WorkloadSet workloads) => Results.Json([.. workloads.Statuses()], AgentJson.Default.ListWorkloadStatus));
        api.MapPost("/workloads/{id}/cancel", async (string id, WorkloadSet workloads, CancellationToken stop) =>
        {
            await (workloads.Find(id)?.CancelRolloutAsync(stop) ?? Task.CompletedTask);
            return Results.NoContent();
        });
        api.MapDelete("/workloads/{id}", async (string id, WorkloadSet workloads, CancellationToken stop) =>
        {
            await workloads.RemoveAsync(id, stop);
            return Results.NoContent();
        });
    }

    private static void MapJobs(RouteGroupBuilder api)
    {
        api.MapPut("/jobs/{id}", async (string id, HttpContext context, JobSet jobs) =>
        {
            if (await ReadAsync<JobSpec>(context) is not { } spec || spec.Id != id)
            {
                return Refused("The job's id and the address do not agree.");
            }

            return await jobs.StartAsync(spec, context.RequestAborted) is { } why ? Refused(why) : Results.NoContent();
        });
        api.MapGet("/jobs/{id}", (string id, JobSet jobs) =>
            jobs.Find(id) is { } found ? Results.Json(found, AgentJson.Default.JobStatus) : Results.NotFound());
        api.MapPost("/jobs/{id}/cancel", async (string id, JobSet jobs, CancellationToken stop) =>
        {
            await jobs.CancelAsync(id, stop);
            return Results.NoContent();
        });
        api.MapDelete("/jobs/{id}", async (string id, JobSet jobs, CancellationToken stop) =>
            await jobs.RemoveAsync(id, stop) is { } why ? Refused(why) : Results.NoContent());
    }

    private static IResult Info(MachineIsolation isolation, IIngress ingress) => Results.Json(
        new EngineInfo("process", Version, isolation.Level, isolation.Missing, $"http://127.0.0.1:{ingress.Port}", ingress.Port, Environment.ProcessId),
        AgentJson.Default.EngineInfo);

    private static async Task LogsAsync(HttpContext context, LogBook logs, WorkloadSet workloads, JobSet jobs, IHostApplicationLifetime life)
    {
        var query = context.Request.Query;
        var id = query["id"].ToString();
        var job = id.StartsWith("job:", StringComparison.Ordinal) ? id[4..] : null;
        if (job is null ? workloads.Find(id) is null : jobs.Find(job) is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsJsonAsync(new AgentRefusal($"There is no log of '{id}'."), AgentJson.Default.AgentRefusal, cancellationToken: context.RequestAborted);
            return;
        }

        var (instance, group) = (query["instance"].ToString(), query["group"].ToString());
        int? tail = int.TryParse(query["tail"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        DateTimeOffset? since = DateTimeOffset.TryParse(query["since"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
        bool Wanted(LogLine line) => (instance.Length == 0 || line.Source == instance)
            && (group.Length == 0 || (line.Source.StartsWith($"{group}-", StringComparison.Ordinal) && !line.Source.AsSpan(group.Length + 1).Contains('-')))
            && (since is null || line.At >= since);

        Func<bool>? ends = job is null ? null : () => jobs.Find(job) is null or { Phase: not "Running" };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        await StreamAsync(context, logs.Of(id).ReadAsync(Wanted, tail, query["follow"] == "true", ends, stop.Token), AgentJson.Default.LogLine, stop.Token);
    }

    private static async Task WatchAsync(HttpContext context, ChangeHub hub, WorkloadSet workloads, JobSet jobs, IHostApplicationLifetime life)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var all = hub.WatchAsync(() => workloads.Ids.Concat(jobs.Ids.Select(JobSet.LogOf)), stop.Token);
        await StreamAsync(context, all, AgentJson.Default.String, stop.Token);
    }

    /// <summary>One JSON value per line; flushed whenever nothing more is there at once.</summary>
    private static async Task StreamAsync<T>(HttpContext context, IAsyncEnumerable<T> items, JsonTypeInfo<T> type, CancellationToken stop)
    {
        context.Response.ContentType = "application/x-ndjson";
        var body = context.Response.BodyWriter;
        try
        {
            await body.FlushAsync(stop);
            await using var source = items.GetAsyncEnumerator(stop);
            while (true)
            {
                var next = source.MoveNextAsync().AsTask();
                while (!next.IsCompleted)
                {
                    await body.FlushAsync(stop);
                    if (await Task.WhenAny(next, Task.Delay(s_signOfLife, stop)) != next)
                    {
                        // An empty line finds out whether the reader is still there.
                        await body.WriteAsync(s_newLine, stop);
                    }
                }

                if (!await next)
                {
                    await body.FlushAsync(stop);
                    return;
                }

                await body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(source.Current, type), stop);
                await body.WriteAsync(s_newLine, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader left, or the agent ends.
        }
    }

    private static async Task<IResult> ShutdownAsync(bool? stopApps, WorkloadSet workloads, JobSet jobs, IHostApplicationLifetime life, CancellationToken stop)
    {
        if (stopApps == true)
        {
            await Shutdown.EndAllAsync(workloads, jobs, stop);
        }

        life.StopApplication();
        return Results.NoContent();
    }

    private static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<T>(StateJson.Options, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static IResult Refused(string why) => Results.Json(new AgentRefusal(why), AgentJson.Default.AgentRefusal, statusCode: StatusCodes.Status400BadRequest);
}
