using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Delivery;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Deploys a component, as <c>axle deploy</c> does, and waits until it serves or has failed. A component that was only just
/// made has no release yet: its first build is waited for.
/// </summary>
internal sealed class DeployRelease(Func<IDelivery> delivery, TimeProvider clock) : ITemplateAction
{
    private const string Since = "since";
    private const string Accepted = "accepted";

    /// <summary>A push's build begins within moments; without any after this time none will come.</summary>
    private static readonly TimeSpan s_buildBeginsMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(2);

    public string Id => "axle:deploy";

    public string Description => "Deploys a component and waits until it serves; the first build of a new one is waited for.";

    public JsonObject InputSchema => Schema.Object(
        ["component"],
        ("component", Schema.Text("Its name or ref.")),
        ("environment", Schema.Text("Where; the first when not given.")),
        ("release", Schema.Text("Which: v7, or a commit; the newest when not given.")),
        ("wait", Schema.Flag("False goes on as soon as the deployment is accepted.")));

    public JsonObject OutputSchema => Schema.Object(
        [],
        ("entityRef", Schema.Text("The deployment.")),
        ("environment", Schema.Text("Where it runs.")),
        ("release", Schema.Text("What runs there: v7.")),
        ("url", Schema.Text("Where it answers, when it does.")));

    public IReadOnlyList<ActionExample> Examples => [new("Deploys what was registered.", """
        steps:
          - action: axle:deploy
            id: deploy
            name: Let it serve
            input:
              component: ${{ steps.register.output.entityRef }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (!EntityRef.TryParse(run.Input.Text("component"), Kinds.Component, EntityRef.DefaultNamespace, out var component))
        {
            return ActionErrors.Input($"'{run.Input.Text("component")}' names no component.");
        }

        if (!delivery().View(component).TryGet(out var view, out var unknown))
        {
            return unknown;
        }

        // 1. Is there anything to deploy yet?
        if (run.State[Accepted] is JsonObject before)
        {
            return Look(run, view, before);
        }

        if (view.Releases.Count == 0 && await BuildAsync(run, component, view) is { } notYet)
        {
            return notYet;
        }

        // 2. Asked for once; asking again for what is being deployed changes nothing.
        var request = new DeployRequest(run.Input.Text("environment"), run.Input.Text("release"));
        if (!(await delivery().DeployAsync(component, request, run.Caller, stop)).TryGet(out var accepted, out var refused))
        {
            return refused;
        }

        run.Log(accepted.Message);
        var asked = new JsonObject { ["environment"] = accepted.Environment, ["generation"] = accepted.Generation, ["number"] = accepted.Number };
        await run.RememberAsync(Accepted, asked);
        return delivery().View(component).TryGet(out view, out unknown) ? Look(run, view, asked) : unknown;
    }

    /// <summary>Null when waiting for a first release leads nowhere; the deployment's own refusal says why then.</summary>
    private async Task<Result<ActionResult>?> BuildAsync(ActionRun run, EntityRef component, ComponentView view)
    {
        switch (view.Builds is [var newest, ..] ? newest.Status : null)
        {
            case { Phase: BuildPhases.Failed or BuildPhases.Cancelled } over:
                return TemplateErrors.BuildOver(component, over);
            case { Phase: BuildPhases.Pending or BuildPhases.Running }:
                return Waits($"Waits for the first build of {component.Name}.");
            case { Phase: BuildPhases.Succeeded }:
                return Waits($"Waits for the first release of {component.Name}.");
            default:
                break;
        }

        var now = clock.GetUtcNow();
        if (!DateTimeOffset.TryParse(run.State.Text(Since), CultureInfo.InvariantCulture, out var since))
        {
            since = now;
            await run.RememberAsync(Since, now.ToString("O", CultureInfo.InvariantCulture));
        }

        if (now - since >= s_buildBeginsMax)
        {
            return null;
        }

        return Waits($"Waits for the first build of {component.Name}.");
    }

    private static Result<ActionResult> Look(ActionRun run, ComponentView view, JsonObject asked)
    {
        // 1. Does anybody wait?
        var (where, generation, release) = (asked.Text("environment")!, (long)asked.Number("generation")!.Value, $"v{asked.Text("number")}");
        var deployment = view.Deployments.FirstOrDefault(one => one.Environment == where);
        var output = new JsonObject { ["entityRef"] = deployment?.Ref.ToString(), ["environment"] = where, ["release"] = release };
        if (run.Input["wait"] is not null && !run.Input.Flag("wait"))
        {
            return new ActionResult(output);
        }

        // 2. Taken away, or asked for something else meanwhile?
        var name = view.Component.Ref;
        if (deployment is null)
        {
            return TemplateErrors.NotDeployed(name, where, "it was taken away meanwhile");
        }

        if (deployment.Release != release)
        {
            return TemplateErrors.NotDeployed(name, where, $"somebody deployed {deployment.Release} instead of {release}");
        }

        // 3. How far is it?
        var status = deployment.Status;
        if (status.ObservedGeneration < generation || status.Phase is DeploymentPhases.Pending or DeploymentPhases.RollingOut)
        {
            return Waits($"Waits until {name.Name} {release} serves in {where}.");
        }

        if (status.Phase != DeploymentPhases.Healthy)
        {
            return TemplateErrors.NotDeployed(name, where, status.Failure?.Message.TrimEnd('.') ?? $"it is {status.Phase}");
        }

        output["url"] = status.Url;
        return new ActionResult(output);
    }

    private static ActionResult Waits(string why) => new([], s_lookAgain, why);
}
