using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Delivery;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>
/// The buttons of a component's page: each form posts here, the same verb as the API's runs with the caller's rights,
/// and the page comes back with what was said.
/// </summary>
internal static class ComponentActions
{
    public static void MapComponentActions(this IEndpointRouteBuilder routes)
    {
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        var component = routes.MapGroup("/components/{name}").DisableAntiforgery().Requires(Verb.Deploy).ExcludeFromDescription();
        component.MapPost("/deploy", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.DeployAsync(Of(name), new DeployRequest(form["environment"], form["release"]), caller, stop)).Said(), http, stop));
        component.MapPost("/promote", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.PromoteAsync(Of(name), new PromoteRequest(form["environment"]), caller, stop)).Said(), http, stop));
        component.MapPost("/rollback", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.RollbackAsync(Of(name), new RollbackRequest(form["environment"]), caller, stop)).Said(), http, stop));
        component.MapPost("/restart", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.RestartAsync(Of(name), new EnvironmentRequest(form["environment"]), caller, stop)).Said(), http, stop));
        component.MapPost("/stop", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.StopAsync(Of(name), new EnvironmentRequest(form["environment"]), caller, stop)).Said(), http, stop));
        component.MapPost("/start", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.StartAsync(Of(name), new EnvironmentRequest(form["environment"]), caller, stop)).Said(), http, stop));
        component.MapPost("/cancel", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.CancelAsync(Of(name), new EnvironmentRequest(form["environment"]), caller, stop)).TryGet(out var done, out var error) ? new Pressed($"Cancelled {string.Join(", ", done.Cancelled.Select(c => c.Short))}", null) : new Pressed(null, error), http, stop));
        component.MapPost("/build", (string name, HttpRequest http, Caller caller, IBuilds builds, IEntityStore entities, CancellationToken stop) =>
            BackAsync(name, async form => (await builds.RequestAsync(Of(name), new BuildRequest(form["commit"], Retry: true), caller, entities, stop)).TryGet(out var build, out var error) ? new Pressed($"Accepted: {build.Ref.Short} is built again", null) : new Pressed(null, error), http, stop));
        component.MapPost("/scale", (string name, HttpRequest http, Caller caller, IDelivery delivery, CancellationToken stop) =>
            BackAsync(name, async form => (await delivery.ScaleAsync(Of(name), new ScaleRequest(form["environment"], Counts(form)), caller, stop)).Said(), http, stop));
    }

    private static Pressed Said(this Result<DeploymentAccepted> result) => Pressed.Of(result, accepted => $"Accepted: {accepted.Message}");

    private static async Task<IResult> BackAsync(string name, Func<IFormCollection, Task<Pressed>> verb, HttpRequest http, CancellationToken stop) =>
        (await verb(await Pressed.FormAsync(http, stop))).To($"/components/{Uri.EscapeDataString(name)}");

    private static Dictionary<string, int> Counts(IFormCollection form) =>
        form["process"] is [{ Length: > 0 } process] && int.TryParse(form["count"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var count)
            ? new Dictionary<string, int> { [process] = count }
            : [];

    private static EntityRef Of(string name) =>
        EntityRef.TryParse(name, Kinds.Component, EntityRef.DefaultNamespace, out var which) ? which : EntityRef.Of(Kinds.Component, "unknown");
}
