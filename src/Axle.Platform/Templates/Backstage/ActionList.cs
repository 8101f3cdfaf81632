using System.Text.Json.Nodes;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>The actions, as Backstage lists them.</summary>
internal static class ActionList
{
    public static IResult Get(ActionTable actions) => TypedResults.Ok(new JsonArray([.. actions.All.Values.OrderBy(action => action.Id, StringComparer.InvariantCulture).Select(action => new JsonObject
    {
        ["id"] = action.Id,
        ["description"] = action.Description,
        ["examples"] = new JsonArray([.. action.Examples.Select(example => new JsonObject { ["description"] = example.Description, ["example"] = example.Example })]),
        ["schema"] = new JsonObject { ["input"] = action.InputSchema.DeepClone(), ["output"] = action.OutputSchema.DeepClone() },
    })]));
}
