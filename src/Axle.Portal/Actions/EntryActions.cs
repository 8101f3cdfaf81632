using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>The buttons of an entry: the star, which is one's own, and reading its file again.</summary>
internal static class EntryActions
{
    public static void MapEntryActions(this IEndpointRouteBuilder routes)
    {
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        var entry = routes.MapGroup("/catalog/{namespace}/{kind}/{name}").DisableAntiforgery().Requires(Verb.Read).ExcludeFromDescription();
        entry.MapPost("/star", async (string @namespace, string kind, string name, HttpRequest http, Caller caller, ICatalogDesk desk, CancellationToken stop) =>
        {
            var form = await Pressed.FormAsync(http, stop);
            var which = new EntityRef(kind, @namespace, name);
            var starred = await desk.StarAsync(which, form["on"] != "false", caller, stop);
            var back = IsPage(form["back"]) ? form["back"].ToString() : Links.ToEntry(which);
            return starred.Error is { } error ? new Pressed(null, error).To(back) : TypedResults.LocalRedirect($"~{back}");
        });
        entry.MapPost("/refresh", (string @namespace, string kind, string name, ICatalogDesk desk, IEntityStore entities) =>
        {
            var which = new EntityRef(kind, @namespace, name);
            var pressed = entities.Find(which) is { } entity && desk.Refresh(entity)
                ? new Pressed("Its file is being read again", null)
                : new Pressed(null, new Error("portal.no_file", $"{which.Short} is described by no file that could be read again.", $"axle describe {which.Short}", 422));
            return pressed.To(Links.ToEntry(which));
        });
    }

    /// <summary>A page of ours, by its path alone.</summary>
    private static bool IsPage(string? path) =>
        path is ['/', .. var rest] && (rest.Length == 0 || (rest[0] is not ('/' or '\\') && rest.All(one => char.IsAsciiLetterOrDigit(one) || one is '/' or '-' or '_' or '.' or '%')));
}
