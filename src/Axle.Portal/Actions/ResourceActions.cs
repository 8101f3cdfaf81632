using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>The buttons of a resource's page: the same verbs as the API's, with the caller's rights.</summary>
internal static class ResourceActions
{
    public static void MapResourceActions(this IEndpointRouteBuilder routes)
    {
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        var resource = routes.MapGroup("/resources/{name}").DisableAntiforgery().Requires(Verb.ManageResources).ExcludeFromDescription();
        resource.MapPost("/rotate", async (string name, Caller caller, IResourceDesk desk, CancellationToken stop) =>
            Back(name, Pressed.Of(await desk.RotateAsync(name, new ResourceCommand(), caller, stop), view => $"The credential of {view.Name} is being rotated")));
        resource.MapPost("/undo", async (string name, Caller caller, IResourceDesk desk, CancellationToken stop) =>
            Back(name, Pressed.Of(await desk.UndoAsync(name, caller, stop), view => $"{view.Name} comes back, with its data")));
        resource.MapPost("/delete", async (string name, HttpRequest http, Caller caller, IResourceDesk desk, CancellationToken stop) =>
        {
            var form = await Pressed.FormAsync(http, stop);

            // The browser insists on the tick; who comes without one did not read what follows from it.
            return form["sure"] == "true" || form["force"] == "true"
                ? Back(name, Pressed.Of(await desk.DeleteAsync(name, new ResourceCommand(Force: form["force"] == "true"), caller, stop), view => $"{view.Name} is being switched off; its data is kept for 7 days"))
                : Back(name, new Pressed(null, new Error("portal.not_confirmed", "Nothing was deleted: the tick was missing.", $"axle resource delete {name}", 422)));
        });
    }

    private static IResult Back(string name, Pressed pressed) => pressed.To($"/resources/{Uri.EscapeDataString(name)}");
}
