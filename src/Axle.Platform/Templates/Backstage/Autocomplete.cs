using System.Text.Json.Nodes;
using Axle.Platform.Secrets;
using Axle.Platform.Templates.Actions;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>What a form of Backstage completes while one types: a person's repositories, owners and branches at a host.</summary>
internal static class Autocomplete
{
    public static async Task<IResult> Post(string provider, string resource, HttpRequest request, HostLists lists, CancellationToken stop)
    {
        if (!(await ScaffolderErrors.BodyAsync(request, stop)).TryGet(out var body, out var malformed))
        {
            return malformed.ToScaffolder();
        }

        if (body["token"] is not JsonValue given || !given.TryGetValue<string>(out var token) || token.Length == 0)
        {
            return ScaffolderErrors.Input("Missing token query parameter").ToScaffolder();
        }

        return (await lists.AskAsync(provider, resource, new SecretValue(token), body["context"] as JsonObject ?? [], stop)).TryGet(out var found, out var refused)
            ? TypedResults.Ok(new JsonObject { ["results"] = new JsonArray([.. found.Select(Of)]) })
            : refused.ToScaffolder();
    }

    private static JsonObject Of(HostEntry entry)
    {
        var one = new JsonObject();
        if (entry.Title is not null)
        {
            one["title"] = entry.Title;
        }

        one["id"] = entry.Id;
        return one;
    }
}
