using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;
using Axle.Platform.Templates.Actions;
using Axle.Tests.Delivery;
using Axle.Tests.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates.Actions;

/// <summary>Axle's own verbs as steps of a template: with the rights of whoever began the task, on the real store.</summary>
public sealed class VerbTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_environment_is_made_once_and_only_by_those_who_may()
    {
        await using var host = await ActionsHost.StartAsync(more: services => services.AddEnvironments());
        var admin = host.Jane with { User = EntityRef.Of("user", "root"), Role = Role.Admin };
        const string Input = """{"name": "preview", "order": 2, "autoDeploy": true, "description": "For previews"}""";

        // Jane would make one in the platform's name.
        var refused = await host.RefusedAsync("axle:environment:create", Input);
        Assert.Equal(403, refused.Status);
        Assert.Null(host.Entities.Find(EntityRef.Of(Kinds.Environment, "preview")));

        var output = await host.MustAsync("axle:environment:create", Input, caller: admin);
        Assert.Equal("environment:default/preview", output["entityRef"]!.GetValue<string>());
        var made = host.Entities.Find(EnvironmentKind.Instance, EntityRef.Of(Kinds.Environment, "preview"))!;
        Assert.Equal((2, true, false, "process", "For previews"), (made.Spec.Order, made.Spec.AutoDeploy, made.Spec.Production, made.Spec.Engine, made.Metadata.Description));

        // A run after a crash finds its own; another task does not take it over.
        await host.MustAsync("axle:environment:create", Input, caller: admin);
        host.State = [];
        Assert.Equal("templates.environment_exists", (await host.RefusedAsync("axle:environment:create", Input, caller: admin)).Code);
        Assert.Equal(422, (await host.RefusedAsync("axle:environment:create", """{"name": "late", "order": 0}""", caller: admin)).Status);
    }

    [Fact]
    public async Task A_secret_is_set_once_by_those_who_may_and_is_in_no_output()
    {
        await using var host = await DeliveryHost.StartAsync();
        var desk = host.Services.GetRequiredService<ISecretDesk>();
        var step = new Step(new SecretSet(() => desk), """{"component": "component:default/orders", "name": "PAYMENT_TOKEN", "value": "very-secret"}""");

        Assert.Equal(403, (await step.RunAsync(DeliveryHost.Joe)).Error!.Status);

        var output = (await step.RunAsync(DeliveryHost.Jane)).Value.Output;
        Assert.Equal(("PAYMENT_TOKEN", 1), (output["name"]!.GetValue<string>(), output["version"]!.GetValue<int>()));
        Assert.DoesNotContain("very-secret", output.ToJsonString() + string.Join(' ', step.Log), StringComparison.Ordinal);
        Assert.Equal("very-secret", host.Services.GetRequiredService<ISecrets>().For(DeliveryHost.Orders, "staging").Value["PAYMENT_TOKEN"].Reveal());

        // Again after a crash: the same answer, and no further version.
        Assert.Equal(1, (await step.RunAsync(DeliveryHost.Jane)).Value.Output["version"]!.GetValue<int>());
        Assert.Single(desk.Find("PAYMENT_TOKEN", new SecretAddress("orders")).Value.Versions);

        // A name that is none, and a scope that is not clear.
        Assert.Equal(404, (await new Step(new SecretSet(() => desk), """{"component": "nobody", "name": "A", "value": "b"}""").RunAsync(DeliveryHost.Jane)).Error!.Status);
        Assert.False((await new Step(new SecretSet(() => desk), """{"name": "A", "value": "b"}""").RunAsync(DeliveryHost.Jane)).Ok);
    }

    [Fact]
    public async Task A_resource_is_made_and_waited_for()
    {
        var server = new FakeLogins();
        await using var host = await DeliveryHost.StartAsync(further: services => services.AddSingleton<IResourceDriver>(server));
        var desk = host.Services.GetRequiredService<IResourceDesk>();
        await host.Entities.PutAsync(Server.TestServer.Json(Kinds.Group, "team-shop", """{"type": "team", "children": []}"""), "test", stop: Stop);
        var step = new Step(new ResourceCreate(() => desk), """{"type": "fake", "id": "orders-db", "owner": "team-shop"}""");

        Assert.Equal("resources.not_member", (await step.RunAsync(DeliveryHost.Joe)).Error!.Code);

        var output = await step.DoneAsync(DeliveryHost.Jane);
        Assert.Equal(ResourcePhases.Ready, output["phase"]!.GetValue<string>());
        var made = desk.Find(output["name"]!.GetValue<string>())!;
        Assert.Equal(("fake", "staging", "group:team-shop"), (made.Type, made.Environment, made.Owner));
        Assert.Single(desk.All());

        // Nobody makes what nothing can make.
        Assert.False((await new Step(new ResourceCreate(() => desk), """{"type": "spaceship", "id": "one", "owner": "team-shop"}""").RunAsync(DeliveryHost.Jane)).Ok);
    }

    [Fact]
    public async Task A_deploy_waits_for_the_first_build_and_until_it_serves()
    {
        await using var host = await DeliveryHost.StartAsync();
        var step = new Step(new DeployRelease(() => host.Delivery, TimeProvider.System), """{"component": "orders"}""");

        // 1. Nothing is built yet.
        var early = (await step.RunAsync(DeliveryHost.Jane)).Value;
        Assert.NotNull(early.LookAgain);
        Assert.Contains("first build", early.Waiting, StringComparison.Ordinal);

        // 2. There is a release, which only its owners deploy.
        await host.BuildAsync("aaaaaaa");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));
        Assert.Equal(403, (await step.RunAsync(DeliveryHost.Joe)).Error!.Status);
        Assert.Contains("until orders v1 serves", (await step.RunAsync(DeliveryHost.Jane)).Value.Waiting, StringComparison.Ordinal);

        // 3. It serves.
        host.Engine.Succeed("orders.staging");
        var output = await step.DoneAsync(DeliveryHost.Jane);
        Assert.Equal(("staging", "v1"), (output["environment"]!.GetValue<string>(), output["release"]!.GetValue<string>()));
        Assert.Equal("deployment:default/orders.staging", output["entityRef"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_deploy_whose_build_or_rollout_fails_says_why()
    {
        await using var host = await DeliveryHost.StartAsync();
        var step = new Step(new DeployRelease(() => host.Delivery, TimeProvider.System), """{"component": "orders"}""");
        await host.FailBuildAsync("aaaaaaa");
        Assert.Contains("The step 'tsc' failed", (await step.RunAsync(DeliveryHost.Jane)).Error!.Message, StringComparison.Ordinal);

        await host.BuildAsync("bbbbbbb");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));
        Assert.NotNull((await step.RunAsync(DeliveryHost.Jane)).Value.LookAgain);
        host.Engine.Fail("orders.staging", "It exited with 1.");
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Failed);
        var failed = (await step.RunAsync(DeliveryHost.Jane)).Error!;
        Assert.Equal(("templates.not_deployed", "component:orders does not serve in staging: It exited with 1."), (failed.Code, failed.Message));
    }

    /// <summary>One step of a task, run as often as the task's engine would.</summary>
    private sealed class Step(ITemplateAction action, string input)
    {
        private readonly JsonObject _state = [];

        public List<string> Log { get; } = [];

        public Task<Result<ActionResult>> RunAsync(Caller caller) => action.RunAsync(
            new ActionRun
            {
                TaskId = "task-1",
                StepId = "step-1",
                Input = (JsonObject)JsonNode.Parse(input)!,
                Workspace = new Workspace(Path.GetTempPath()),
                Log = Log.Add,
                Caller = caller,
                Origin = new TemplateOrigin(EntityRef.Of("template", "sample"), null, null),
                Parameters = [],
                State = (JsonObject)_state.DeepClone(),
                RememberAsync = (name, value) =>
                {
                    _state[name] = value?.DeepClone();
                    return Task.CompletedTask;
                },
            },
            Stop);

        /// <summary>Asks again until it waits no more.</summary>
        public async Task<JsonObject> DoneAsync(Caller caller)
        {
            var output = (JsonObject?)null;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            while (output is null)
            {
                var result = await RunAsync(caller);
                Assert.True(result.Ok, result.ToString());
                output = result.Value.LookAgain is null ? result.Value.Output : null;
                await Task.Delay(10, patience.Token);
            }

            return output;
        }
    }
}
