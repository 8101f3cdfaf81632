using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
using Axle.Portal.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>
/// The forms of the secrets' pages: the same verbs as the API's, with the caller's rights. A value comes in the body of a
/// request and goes nowhere but to the verb: no answer, address or notice has it.
/// </summary>
internal static class SecretActions
{
    public static void MapSecretActions(this IEndpointRouteBuilder routes)
    {
        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        var secrets = routes.MapGroup("/secrets").DisableAntiforgery().Requires(Verb.WriteSecrets).ExcludeFromDescription();
        secrets.MapPost("/set", (HttpRequest http, Caller caller, ISecretDesk desk, CancellationToken stop) =>
            BackAsync(http, async (name, address, form) => Pressed.Of(await desk.SetAsync(name, address, form["value"].ToString(), caller, stop), view => $"{view.Name} of {view.Of} is version {view.Version}"), stop)).WithMetadata(KeptSecret.InRequest);
        secrets.MapPost("/rotate", (HttpRequest http, Caller caller, ISecretDesk desk, CancellationToken stop) =>
            BackAsync(http, async (name, address, _) => Pressed.Of(await desk.RotateAsync(name, address, caller, stop), view => $"{view.Name} of {view.Of} has a new value: version {view.Version}"), stop));
        secrets.MapPost("/rollback", (HttpRequest http, Caller caller, ISecretDesk desk, CancellationToken stop) =>
            BackAsync(http, async (name, address, form) => Pressed.Of(await desk.RollBackAsync(name, address, Number(form), caller, stop), view => $"{view.Name} of {view.Of} is back at version {view.Version}"), stop));
        secrets.MapPost("/unset", (HttpRequest http, Caller caller, ISecretDesk desk, CancellationToken stop) =>
            BackAsync(http, async (name, address, _) => Pressed.Of(await desk.UnsetAsync(name, address, caller, stop), view => $"{view.Name} of {view.Of} is unset"), stop));
        secrets.MapPost("/restore", (HttpRequest http, Caller caller, ISecretDesk desk, CancellationToken stop) =>
            BackAsync(http, async (name, address, _) => Pressed.Of(await desk.RestoreAsync(name, address, caller, stop), view => $"{view.Name} of {view.Of} is back, as version {view.Version}"), stop));
    }

    private static async Task<IResult> BackAsync(HttpRequest http, Func<string, SecretAddress, IFormCollection, Task<Pressed>> verb, CancellationToken stop)
    {
        var form = await Pressed.FormAsync(http, stop);
        var (name, scope) = (form["name"].ToString(), Scope(form));
        if (SecretAddress.Of(scope) is not { } address)
        {
            return new Pressed(null, new Error("portal.scope", "It is not clear whose secret is meant: an environment goes with a component only.", "axle secret set NAME -c COMPONENT -e ENVIRONMENT", 400)).To("/secrets");
        }

        var pressed = await verb(name, address, form);

        // What was typed as a name and is none may be a value in the wrong field, and the refusal repeats it.
        if (pressed.Error is { Code: "secrets.name" } wrong)
        {
            return new Pressed(null, wrong with { Message = "That cannot name a secret: use letters, digits and underscores, not beginning with a digit." }).To("/secrets");
        }

        return pressed.To(pressed.Error is { Status: 404 or 422 } ? "/secrets" : string.Join('/', Links.ToSecret(scope, name).Split('/').Select(Uri.EscapeDataString)));
    }

    /// <summary>The path of the scope, with the environment when the form asked for one apart.</summary>
    private static string Scope(IFormCollection form) =>
        form["environment"].ToString() is { Length: > 0 } environment ? $"{form["scope"]}/{environment}" : form["scope"].ToString();

    private static int? Number(IFormCollection form) => int.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
