using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Volumes;
using Axle.Platform.Secrets;
using Axle.Tests.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Resources;

/// <summary>What a workload asks for is made, wired and let go with its releases.</summary>
public sealed class ResourceDeliveryTests
{
    private const string WithDatabase = """
        {"apiVersion":"score.dev/v1b1","metadata":{"name":"orders"},"containers":{"main":{"image":".","variables":{"URL":"${resources.db.uri}","HOST":"${resources.db.host}"}}},
         "service":{"ports":{"web":{"port":80,"targetPort":8080}}},"resources":{"db":{"type":"fake"}}}
        """;

    private static readonly EntityRef s_claim = ResourceKinds.Claim.Ref("orders.db.staging");

    [Fact]
    public async Task A_release_waits_for_its_database_and_is_given_it_and_nobody_else_reads_the_password()
    {
        var server = new FakeLogins();
        await using var host = await StartAsync(server);
        await host.BuildAsync("aaaaaaa", WithDatabase);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));

        var applied = host.Engine.Applied["orders.staging"];
        var variables = applied.Groups[0].Containers[0].Variables;
        Assert.Equal(($"fake://a:{server.Users["a"]}@127.0.0.1", "127.0.0.1"), (variables["URL"], variables["HOST"]));
        Assert.Contains(variables["URL"], applied.Redact);

        // The catalogue has it, with its owner and consumer; no file of the platform has the password.
        var resource = host.Entities.Find(ResourceKinds.ResourceRef(s_claim))!;
        Assert.Contains(new Relation("ownedBy", EntityRef.Of("Group", "team-shop")), resource.Relations);
        Assert.Contains(new Relation("dependencyOf", DeliveryHost.Orders), resource.Relations);
        var needle = Encoding.UTF8.GetBytes(server.Users["a"]);
        Assert.DoesNotContain(Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories), file => Read(file).AsSpan().IndexOf(needle) >= 0);
    }

    [Fact]
    public async Task What_a_release_no_longer_asks_for_is_switched_off_once_it_serves_and_comes_back_with_an_older_one()
    {
        var server = new FakeLogins();
        await using var host = await StartAsync(server);
        await ServeAsync(host, "aaaaaaa", 1, WithDatabase);
        Assert.Null(Claim(host).Spec.Removal);

        // 1. The next release does without; the old one serves until it is healthy.
        await host.BuildAsync("bbbbbbb");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v2");
        Assert.Null(Claim(host).Spec.Removal);
        host.Engine.Succeed("orders.staging");
        await DeliveryHost.UntilAsync(() => Claim(host).Status.Phase == ResourcePhases.Removed);
        Assert.Equal((1, 0), (server.Suspended, server.Destroyed));
        Assert.Equal(TimeSpan.FromDays(7), Claim(host).Spec.Removal!.DestroyAt - Claim(host).Spec.Removal!.At);

        // 2. Going back brings it back, with the same login.
        Assert.True((await host.Delivery.RollbackAsync(DeliveryHost.Orders, new RollbackRequest("staging"), DeliveryHost.Jane, TestContext.Current.CancellationToken)).Ok);
        await DeliveryHost.UntilAsync(() => Claim(host) is { Spec.Removal: null, Status.Phase: ResourcePhases.Ready } && host.Engine.Applied["orders.staging"].Release == "v1");
        Assert.Equal($"fake://a:{server.Users["a"]}@127.0.0.1", host.Engine.Applied["orders.staging"].Groups[0].Containers[0].Variables["URL"]);
    }

    [Fact]
    public async Task A_change_that_loses_data_is_refused_until_somebody_accepts_it()
    {
        var server = new FakeLogins();
        await using var host = await StartAsync(server);
        await ServeAsync(host, "aaaaaaa", 1, WithDatabase);

        await host.BuildAsync("bbbbbbb", WithDatabase.Replace("\"type\":\"fake\"", "\"type\":\"fake\",\"params\":{\"locale\":\"de\"}", StringComparison.Ordinal));
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Failure?.Message.Contains("its data lost", StringComparison.Ordinal) == true);
        Assert.Equal((0, "v1"), (server.Destroyed, host.Engine.Applied["orders.staging"].Release));

        var verbs = host.Services.GetRequiredService<ResourceVerbs>();
        Assert.True((await verbs.ReplaceAsync(s_claim.Name, new ResourceCommand(AcceptDataLoss: true), DeliveryHost.Jane, TestContext.Current.CancellationToken)).Ok);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v2");
        Assert.Equal(1, server.Destroyed);
    }

    [Fact]
    public async Task Only_its_owners_manage_a_resource_and_what_is_used_is_not_deleted()
    {
        await using var host = await StartAsync(new FakeLogins());
        await ServeAsync(host, "aaaaaaa", 1, WithDatabase);
        var verbs = host.Services.GetRequiredService<ResourceVerbs>();
        var stop = TestContext.Current.CancellationToken;

        Assert.Equal(403, (await verbs.RotateAsync(s_claim.Name, new ResourceCommand(), DeliveryHost.Joe, stop)).Error!.Status);
        Assert.IsType<StillUsed>((await verbs.DeleteAsync(s_claim.Name, new ResourceCommand(), DeliveryHost.Jane, stop)).Error);
        Assert.Null((await verbs.DeleteAsync(s_claim.Name, new ResourceCommand(Force: true), DeliveryHost.Jane, stop)).Error);
        Assert.Null((await verbs.UndoAsync(null, DeliveryHost.Jane, stop)).Error);
        Assert.IsType<NothingRemoved>((await verbs.UndoAsync(null, DeliveryHost.Jane, stop)).Error);
    }

    [Fact]
    public async Task What_provisioners_share_in_an_environment_is_forgotten_after_its_last_resource()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var host = await StartAsync(new FakeLogins());
        var (secrets, verbs) = (host.Services.GetRequiredService<ISecrets>(), host.Services.GetRequiredService<ResourceVerbs>());
        var preview = EnvironmentKind.Instance.Ref("preview");
        Assert.True((await host.Entities.PutAsync(EnvironmentKind.Instance.Make(preview, new EnvironmentSpec { Order = 3 }), "user:test", stop: stop)).Ok);
        Assert.True((await secrets.KeepAsync(preview, "resources-shared", 1, new SecretValue("{\"password\":\"of them all\"}"), stop)).Ok);
        await secrets.PublishAsync(preview, "resources-shared", 1, "system:test", stop);
        var claim = ResourceKinds.Claim.Ref("scratch-fake.preview");
        Assert.True((await host.Entities.PutAsync(
            ResourceKinds.Claim.Make(claim, new ResourceClaimSpec { Uid = "fake.default#scratch", Type = "fake", Environment = preview }), "user:test", stop: stop)).Ok);
        await DeliveryHost.UntilAsync(() => host.Entities.Find(ResourceKinds.Claim, claim)?.Status.Phase == ResourcePhases.Ready);

        // 1. Gone by force, while a resource can still be brought back.
        Assert.Null((await verbs.DeleteAsync(claim.Name, new ResourceCommand(), DeliveryHost.Admin, stop)).Error);
        Assert.True((await host.Entities.DeleteAsync(preview, "user:test", force: true, stop: stop)).Ok);
        Assert.Null((await verbs.UndoAsync(claim.Name, DeliveryHost.Admin, stop)).Error);
        await DeliveryHost.UntilAsync(() => host.Entities.Find(ResourceKinds.Claim, claim)?.Status.Phase == ResourcePhases.Ready);
        Assert.NotNull(secrets.Own(preview, "resources-shared").Value);

        // 2. The last one is destroyed; that of an environment which stays is kept.
        Assert.True((await secrets.KeepAsync(EnvironmentKind.Instance.Ref("staging"), "resources-shared", 1, new SecretValue("{}"), stop)).Ok);
        Assert.Null((await verbs.DeleteAsync(claim.Name, new ResourceCommand(Now: true), DeliveryHost.Admin, stop)).Error);
        await DeliveryHost.UntilAsync(() => secrets.Own(preview, "resources-shared").Value is null);
        Assert.NotNull(secrets.Own(EnvironmentKind.Instance.Ref("staging"), "resources-shared", 1).Value);
    }

    [Theory]
    [InlineData("${resources.files}", ",\"resources\":{\"files\":{\"type\":\"volume\"}}", "volume.default_orders.files", "orders.files.staging")]
    [InlineData("${resources.files.source}", ",\"resources\":{\"files\":{\"type\":\"volume\",\"id\":\"photos\"}}", "volume.default_photos", "photos-volume.staging")]
    [InlineData("uploads", "", "uploads", "orders.uploads.staging")]
    public async Task A_volume_is_a_resource_whose_removal_is_deferred_when_its_component_goes(string source, string resources, string folder, string name)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var host = await StartAsync(new FakeLogins());
        const string Score = """
            {"apiVersion":"score.dev/v1b1","metadata":{"name":"orders"},"containers":{"main":{"image":".","volumes":{"/data":{"source":"FOLDER"}}}},
             "service":{"ports":{"web":{"port":80,"targetPort":8080}}}MORE}
            """;
        await host.BuildAsync("aaaaaaa", Score.Replace("FOLDER", source, StringComparison.Ordinal).Replace("MORE", resources, StringComparison.Ordinal));
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));
        var volume = host.Engine.Applied["orders.staging"].Groups[0].Containers[0].Volumes.Single();
        Assert.Equal((folder, name), (volume.Source, volume.Volume));
        Assert.Equal(name, VolumeDriver.NameOf(ResourceKinds.Claim.Ref(name)));

        // 1. Its component goes for good: the engine hears of the workload, and not of the volume.
        Assert.True((await host.Entities.DeleteAsync(DeliveryHost.Orders, "user:default/jane", force: true, stop: stop)).Ok);
        ResourceClaimSpec Spec() => host.Entities.Find(ResourceKinds.Claim, ResourceKinds.Claim.Ref(name))!.Spec;
        await DeliveryHost.UntilAsync(() => Spec().Removal is not null && !host.Engine.Applied.ContainsKey("orders.staging"));
        Assert.Equal(TimeSpan.FromDays(7), Spec().Removal!.DestroyAt - Spec().Removal!.At);

        // 2. Undone, it stays until somebody asks for it.
        Assert.Null((await host.Services.GetRequiredService<ResourceVerbs>().UndoAsync(name, DeliveryHost.Jane, stop)).Error);
        await DeliveryHost.UntilAsync(() => host.Entities.Find(ResourceKinds.Claim, ResourceKinds.Claim.Ref(name)) is { Status.Phase: ResourcePhases.Ready, Spec: { Removal: null, Consumers: [] } });
    }

    private static Task<DeliveryHost> StartAsync(FakeLogins server) => DeliveryHost.StartAsync(further: services => services.AddSingleton<IResourceDriver>(server));

    private static Entity<ResourceClaimSpec, ResourceClaimStatus> Claim(DeliveryHost host) => host.Entities.Find(ResourceKinds.Claim, s_claim)!;

    private static async Task ServeAsync(DeliveryHost host, string commit, int number, string score)
    {
        await host.BuildAsync(commit, score);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.TryGetValue("orders.staging", out var applied) && applied.Release == $"v{number}");
        host.Engine.Succeed("orders.staging");
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")?.Status is { Phase: DeploymentPhases.Healthy });
        await DeliveryHost.UntilAsync(() => Claim(host).Status.Phase == ResourcePhases.Ready);
    }

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
