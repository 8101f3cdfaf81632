using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Delivery;

/// <summary>Delivery: releases, deployments, and every verb on them.</summary>
public static class DeliveryCapability
{
    /// <summary>Room for 16 MiB of standard input in Base64, and the command.</summary>
    private const long ExecBytesMax = 24 * 1024 * 1024;

    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddEntityKind(DeliveryKinds.Release).AddEntityKind(DeliveryKinds.Deployment);
        services.AddSingleton<DeploymentWriter>().AddSingleton<WorkloadPlan>().AddSingleton<EngineIds>();
        services.AddSingleton<Deploy>().AddSingleton<Promote>().AddSingleton<Rollback>().AddSingleton<Operate>().AddSingleton<Cancel>().AddSingleton<PlanDeploy>();
        services.AddSingleton<Views>().AddSingleton<Streams>().AddSingleton<IDelivery, DeliveryFace>();
        services.AddSingleton<IPushListener, PushProgress>().AddHostedService<EngineWatch>();
        return services.AddReconciler<ReleaseReconciler>().AddReconciler<DeploymentReconciler>();
    }

    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/components").WithTags("Delivery");
        all.MapGet("/", (string? owner, Views views) => TypedResults.Ok(views.Summaries(Group(owner)))).Requires(Verb.Read);

        var one = all.MapGroup("/{component}");
        one.MapGet("/", (string component, string? @namespace, Views views) => views.View(Of(component, @namespace), 20).ToHttp(TypedResults.Ok)).Requires(Verb.Read);
        one.MapPost("/deploy", (string component, string? @namespace, DeployRequest request, Caller caller, Deploy verb, CancellationToken stop) => Accepted(verb.RunAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/plan", async (string component, string? @namespace, DeployRequest request, Caller caller, PlanDeploy verb, CancellationToken stop) => (await verb.RunAsync(Of(component, @namespace), request, caller, stop)).ToHttp(TypedResults.Ok)).Requires(Verb.Read);
        one.MapPost("/promote", (string component, string? @namespace, PromoteRequest request, Caller caller, Promote verb, CancellationToken stop) => Accepted(verb.RunAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/rollback", (string component, string? @namespace, RollbackRequest request, Caller caller, Rollback verb, CancellationToken stop) => Accepted(verb.RunAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/scale", (string component, string? @namespace, ScaleRequest request, Caller caller, Operate verb, CancellationToken stop) => Accepted(verb.ScaleAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/restart", (string component, string? @namespace, EnvironmentRequest request, Caller caller, Operate verb, CancellationToken stop) => Accepted(verb.RestartAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/stop", (string component, string? @namespace, EnvironmentRequest request, Caller caller, Operate verb, CancellationToken stop) => Accepted(verb.StopAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/start", (string component, string? @namespace, EnvironmentRequest request, Caller caller, Operate verb, CancellationToken stop) => Accepted(verb.StartAsync(Of(component, @namespace), request, caller, stop))).Requires(Verb.Deploy);
        one.MapPost("/cancel", async (string component, string? @namespace, EnvironmentRequest request, Caller caller, Cancel verb, CancellationToken stop) => (await verb.RunAsync(Of(component, @namespace), request, caller, stop)).ToHttp(TypedResults.Ok)).Requires(Verb.Deploy);

        one.MapGet("/logs", Logs).Requires(Verb.ReadLogs);
        one.MapPost("/run", (string component, string? @namespace, RunRequest request, Caller caller, Streams streams, CancellationToken stop) => streams.Run(Of(component, @namespace), request, caller, stop).ToHttp(items => TypedResults.ServerSentEvents(RunEvents(items, stop)))).Requires(Verb.Exec);
        one.MapPost("/exec", (string component, string? @namespace, string? environment, string? instance, ExecCommand request, Caller caller, Streams streams, CancellationToken stop) =>
            streams.Exec(Of(component, @namespace), environment, instance, request.Command, request.Input, caller, stop).ToHttp(items => TypedResults.ServerSentEvents(items, "out"))).Requires(Verb.Exec).WithMetadata(new RequestSizeLimitAttribute(ExecBytesMax));
    }

    /// <summary>The body of exec.</summary>
    /// <param name="Command">Program and arguments.</param>
    /// <param name="Input">What the command reads as its standard input; Base64 in JSON.</param>
    internal sealed record ExecCommand(IReadOnlyList<string> Command, byte[]? Input = null);

    private static IResult Logs(string component, string? @namespace, string? environment, string? instance, string? process, int? tail, bool? follow, Caller caller, Streams streams, CancellationToken stop) =>
        streams.Logs(Of(component, @namespace), environment, new LogQuery("", instance, process, tail, follow ?? false), caller, stop)
            .ToHttp(lines => TypedResults.ServerSentEvents(LogEvents.Of(lines, about: null, stop)));

    private static async IAsyncEnumerable<SseItem<string>> RunEvents(IAsyncEnumerable<(LogLine? Line, JobStatus? End)> items, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var (line, end) in items.WithCancellation(stop))
        {
            yield return line is not null
                ? new SseItem<string>(JsonSerializer.Serialize(line, AxleJson.Default.LogLine), "log")
                : new SseItem<string>(JsonSerializer.Serialize(new { exitCode = end?.ExitCode ?? -1, message = end?.Message }), "exit");
        }
    }

    private static async Task<IResult> Accepted(Task<Result<DeploymentAccepted>> verb) =>
        (await verb).ToHttp(accepted => TypedResults.Accepted($"/api/entities/{accepted.Deployment.Kind}/{accepted.Deployment.Namespace}/{accepted.Deployment.Name}", accepted));

    private static EntityRef Of(string component, string? @namespace) => EntityRef.Of(Contracts.Kinds.Component, component, @namespace);

    private static EntityRef? Group(string? owner) => EntityRef.TryParse(owner, Contracts.Kinds.Group, EntityRef.DefaultNamespace, out var found) ? found : null;
}
