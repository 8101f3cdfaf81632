using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Sets a secret, as <c>axle secret set</c> does. Its value is in no output and no log; a run after a crash may set the same
/// value once more, as a further version.
/// </summary>
internal sealed class SecretSet(Func<ISecretDesk> desk) : ITemplateAction
{
    private const string Set = "set";

    public string Id => "axle:secret:set";

    public string Description => "Sets a secret of a component, a team or the organisation.";

    public JsonObject InputSchema => Schema.Object(
        ["name", "value"],
        ("name", Schema.Text("Its name.")),
        ("value", Schema.Text("Its value: ${{ secrets.NAME }}.")),
        ("component", Schema.Text("Of this component.")),
        ("environment", Schema.Text("With a component: only there.")),
        ("team", Schema.Text("Of this group instead.")),
        ("organisation", Schema.Flag("Of everybody instead.")));

    public JsonObject OutputSchema => Schema.Object(
        [],
        ("name", Schema.Text("Its name.")),
        ("scope", Schema.Text("Whose it is.")),
        ("version", Schema.Number("Of its value, from 1.")));

    public IReadOnlyList<ActionExample> Examples => [new("Gives a component the token that was asked for.", """
        steps:
          - action: axle:secret:set
            id: token
            name: Keep the token
            input:
              component: ${{ parameters.name }}
              name: PAYMENT_TOKEN
              value: ${{ secrets.token }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (run.State[Set] is JsonObject before)
        {
            return new ActionResult((JsonObject)before.DeepClone());
        }

        if (Address(run.Input).TryGet(out var address, out var unclear)
            && (await desk().SetAsync(run.Input.Text("name")!, address, run.Input.Text("value") ?? "", run.Caller, stop)).TryGet(out var secret, out unclear))
        {
            var output = new JsonObject { ["name"] = secret.Name, ["scope"] = secret.Scope, ["version"] = secret.Version };
            await run.RememberAsync(Set, output);
            run.Log($"{secret.Name} has version {secret.Version}");
            return new ActionResult(output);
        }

        return unclear;
    }

    /// <summary>Names may be refs, as earlier steps give them.</summary>
    private static Result<SecretAddress> Address(JsonObject input)
    {
        if (!Ref(input, "component", Kinds.Component).TryGet(out var component, out var wrong) || !Ref(input, "team", Kinds.Group).TryGet(out var team, out wrong))
        {
            return wrong;
        }

        return new SecretAddress(component?.Name, input.Text("environment"), team?.Name, input.Flag("organisation") ? true : null, (component ?? team)?.Namespace);
    }

    private static Result<EntityRef?> Ref(JsonObject input, string name, string kind) =>
        input.Text(name) is not { Length: > 0 } text ? Result<EntityRef?>.Of(null)
        : EntityRef.TryParse(text, kind, EntityRef.DefaultNamespace, out var which) ? Result<EntityRef?>.Of(which)
        : ActionErrors.Input($"'{text}' names no {kind.ToLowerInvariant()}.");
}
