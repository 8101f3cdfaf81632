using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>The buttons of the page of components that are behind their template.</summary>
internal static class DriftActions
{
    public static void MapDriftActions(this IEndpointRouteBuilder routes) =>
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        routes.MapPost("/drift/update", UpdateAsync).DisableAntiforgery().Requires(Verb.Push).ExcludeFromDescription();

    private static async Task<IResult> UpdateAsync(HttpRequest http, Caller caller, ITemplates templates, CancellationToken stop)
    {
        var form = await Pressed.FormAsync(http, stop);
        var request = new TemplateUpdateRequest([.. form["component"].OfType<string>()]);
        return Pressed.Of(await templates.UpdateAsync(request, caller, stop), Said).To(int.TryParse(form["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 1 ? string.Create(CultureInfo.InvariantCulture, $"/drift?page={page}") : "/drift");
    }

    private static string Said(List<TemplateUpdateView> updates) => updates switch
    {
        [] => "Nothing is behind that you may update",
        [var only] => $"{only.Component.Name}: {only.Message}",
        _ => $"{updates.Count(one => one.Branch is not null)} proposed, {updates.Count(one => one.Conflicts.Count > 0)} of them with conflicts to decide; {updates.Count(one => one.Refused)} refused",
    };
}
