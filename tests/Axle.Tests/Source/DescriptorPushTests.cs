using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Source;

/// <summary>A component's own repository keeps the catalogue up to date: real git against the real server.</summary>
public sealed class DescriptorPushTests : IAsyncLifetime
{
    private readonly TestServer _server = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-clone-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Descriptor => Path.Combine(_folder, "catalog-info.yaml");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        using var admin = _server.Admin();
        using var jane = await _server.UserAsync("jane", ["shop"]);
        using var other = await _server.UserAsync("joe", ["other"]);
        using var made = await jane.PostAsJsonAsync("/api/create", new CreateRequest("static-site", "orders", "shop", Description: "Takes orders."), Stop);
        await made.ReadAsync<CreateAnswer>();
        await GitAsync("clone", "--quiet", Remote(jane), ".");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_a_push_changes_in_the_file_changes_in_the_catalogue_and_nothing_else_does()
    {
        // Somebody has changed the component here.
        var before = Find("orders")!;
        Assert.Equal("Takes orders.", before.Metadata.Description);
        var labelled = before with { Metadata = before.Metadata with { Labels = new Dictionary<string, string> { ["tier"] = "1" } } };
        Assert.True((await _server.Entities.PutAsync(labelled, "user:default/jane", stop: Stop)).Ok);

        await ChangeAsync(text => text.Replace("metadata:\n", "metadata:\n  title: Orders\n", StringComparison.Ordinal).Replace("lifecycle: production", "lifecycle: deprecated\n  team-lead: jane", StringComparison.Ordinal));
        Assert.Contains("component:orders updated", await PushAsync(), StringComparison.Ordinal);

        var after = Find("orders")!;
        Assert.Equal(("Orders", "Takes orders.", "1"), (after.Metadata.Title, after.Metadata.Description, after.Metadata.Labels["tier"]));
        Assert.Equal(("deprecated", "jane", "group:default/shop"), (after.Spec.GetProperty("lifecycle").GetString(), after.Spec.GetProperty("team-lead").GetString(), after.Spec.GetProperty("owner").GetString()));
        Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        foreach (var kept in (string[])[Annotations.Repository, Annotations.SourceLocation, Annotations.SourceTemplate, "backstage.io/techdocs-ref"])
        {
            Assert.Equal(before.Metadata.Annotations[kept], after.Metadata.Annotations[kept]);
        }

        // What is taken out of the file goes; another file changes nothing.
        await ChangeAsync(text => text.Replace("  title: Orders\n", "", StringComparison.Ordinal).Replace("\n  team-lead: jane", "", StringComparison.Ordinal));
        await PushAsync();
        after = Find("orders")!;
        Assert.Null(after.Metadata.Title);
        Assert.False(after.Spec.TryGetProperty("team-lead", out _));
        await File.WriteAllTextAsync(Path.Combine(_folder, "README.md"), "other", Stop);
        Assert.DoesNotContain("catalog-info.yaml:", await PushAsync(), StringComparison.Ordinal);
        Assert.Equal(after.Metadata.Generation, Find("orders")!.Metadata.Generation);
    }

    [Fact]
    public async Task Further_entities_come_change_and_go_with_the_file()
    {
        const string More = "---\napiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: orders-db\nspec:\n  type: database\n  owner: group:shop\n";
        await ChangeAsync(text => text + More);
        Assert.Contains("resource:orders-db created", await PushAsync(), StringComparison.Ordinal);
        Assert.Equal("database", Find("orders-db", "Resource")!.Spec.GetProperty("type").GetString());

        await ChangeAsync(text => text.Replace("type: database", "type: cache", StringComparison.Ordinal));
        await PushAsync();
        Assert.Equal("cache", Find("orders-db", "Resource")!.Spec.GetProperty("type").GetString());

        await ChangeAsync(text => text.Replace(More.Replace("database", "cache", StringComparison.Ordinal), "", StringComparison.Ordinal));
        Assert.Contains("resource:orders-db removed", await PushAsync(), StringComparison.Ordinal);
        Assert.Null(Find("orders-db", "Resource"));
        Assert.NotNull(Find("orders"));

        // What has left the file once stays away, and the next push finds nothing to do.
        await ChangeAsync(text => text + "# nothing\n");
        Assert.DoesNotContain("catalog-info.yaml:", await PushAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrators_push_makes_nobody_an_administrator()
    {
        // Anybody of the team may have written the commits that an administrator pushes.
        await ChangeAsync(text => text + "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: intruder\n  annotations:\n    axle.dev/role: admin\nspec:\n  memberOf: [platform]\n");
        await GitAsync("remote", "set-url", "origin", $"http://admin:{_server.AdminToken}@{_server.Address.Authority}/git/orders.git");
        Assert.Contains("is not taken over", await PushAsync(), StringComparison.Ordinal);
        Assert.Null(Find("intruder", "User"));

        // What the team may do, its push does, whoever sends it.
        await ChangeAsync(text => Replaced(text[..text.IndexOf("---\n", StringComparison.Ordinal)], "metadata:\n", "metadata:\n  title: Orders\n"));
        await PushAsync();
        Assert.Equal("Orders", Find("orders")!.Metadata.Title);
        Assert.Equal("user:default/admin", (await _server.Entities.HistoryAsync(EntityRef.Of("component", "orders"), 1, Stop))[0].Actor);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_told_with_its_place_and_stays_until_it_is_corrected()
    {
        await ChangeAsync(text => text.Replace("metadata:\n", "metadata:\n  title: Orders\n", StringComparison.Ordinal).Replace("tags: [", "tags: [Not A Tag, ", StringComparison.Ordinal));
        var told = await PushAsync();
        Assert.Contains("catalog-info.yaml is not taken over", told, StringComparison.Ordinal);
        Assert.Matches(@"catalog-info\.yaml:\d+:\d+: metadata\.tags", told);
        var entity = Find("orders")!;
        Assert.Null(entity.Metadata.Title);
        Assert.Matches(@"^catalog-info\.yaml:\d+:\d+: metadata\.tags", entity.Metadata.Annotations[Annotations.DescriptorProblem]);

        await ChangeAsync(text => text.Replace("Not A Tag, ", "", StringComparison.Ordinal));
        await PushAsync();
        entity = Find("orders")!;
        Assert.Equal("Orders", entity.Metadata.Title);
        Assert.False(entity.Metadata.Annotations.ContainsKey(Annotations.DescriptorProblem));

        await ChangeAsync(_ => "a: [\n");
        Assert.Contains("catalog-info.yaml:2:1", await PushAsync(), StringComparison.Ordinal);
        Assert.Equal("Orders", Find("orders")!.Metadata.Title);
    }

    [Theory]
    [InlineData("the owner", "owner: group:default/shop", "owner: group:default/other", "cannot give component:orders to group:other")]
    [InlineData("a user", "kind: Component", "kind: User\nmetadata: {name: intruder}\nspec: {memberOf: [platform]}\n---\napiVersion: backstage.io/v1alpha1\nkind: Component", "user:intruder")]
    public async Task A_push_may_not_do_more_than_the_components_owner(string what, string from, string to, string says)
    {
        await ChangeAsync(text => Replaced(text, from, to));
        var told = await PushAsync();
        Assert.True(told.Contains("is not taken over", StringComparison.Ordinal) && told.Contains(says, StringComparison.Ordinal), $"{what}: {told}");
        Assert.Equal("group:default/shop", Find("orders")!.Spec.GetProperty("owner").GetString());
        Assert.Null(Find("intruder", "User"));
    }

    [Fact]
    public async Task A_name_that_another_one_has_is_not_taken_and_the_component_keeps_its_own()
    {
        Assert.True((await _server.Entities.PutAsync(TestServer.Component("taken", "group:shop"), "user:default/jane", stop: Stop)).Ok);
        await ChangeAsync(text => Replaced(text, "name: orders", "name: sales") + "---\n" + Replaced(text, "name: orders", "name: taken"));
        var told = await PushAsync();
        Assert.Contains("component:orders keeps its name", told, StringComparison.Ordinal);
        Assert.Contains("component:taken is not taken", told, StringComparison.Ordinal);
        Assert.NotNull(Find("orders"));
        Assert.Null(Find("sales"));
        Assert.False(Find("taken")!.Metadata.Annotations.ContainsKey(Annotations.DescribedAt));
    }

    [Fact]
    public async Task The_file_applied_by_hand_keeps_where_the_component_comes_from()
    {
        var before = Find("orders")!;
        await ChangeAsync(text => text.Replace("metadata:\n", "metadata:\n  title: By hand\n", StringComparison.Ordinal));
        using var admin = _server.Admin();
        using var applied = await admin.PostAsync("/api/apply", new StringContent(await File.ReadAllTextAsync(Descriptor, Stop)), Stop);
        Assert.Equal("updated", (await applied.ReadAsync<ApplyAnswer>()).Items.Single().Outcome);
        var after = Find("orders")!;
        Assert.Equal("By hand", after.Metadata.Title);
        Assert.Equal(before.Metadata.Annotations.OrderBy(pair => pair.Key), after.Metadata.Annotations.OrderBy(pair => pair.Key));
    }

    [Fact]
    public async Task A_location_of_the_same_file_adds_nothing_and_complains_of_nothing()
    {
        using var admin = _server.Admin();
        var url = _server.Services.GetRequiredService<Axle.Platform.PlatformOptions>().PublicUrl;
        using var registered = await admin.PostAsJsonAsync("/api/catalog/locations", new { type = "url", target = $"{url}/git/orders.git" }, Stop);
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        var location = _server.Entities.Query(new EntityQuery { Kinds = [Kinds.Location], All = true }).Items.Single(one => one.Spec.ToString().Contains("/git/orders.git", StringComparison.Ordinal));
        for (var tries = 0; tries < 200 && location.Status.ValueKind != JsonValueKind.Object; tries++)
        {
            await Task.Delay(50, Stop);
            location = _server.Entities.Find(location.Ref)!;
        }

        Assert.Equal("Ready", location.Status.GetProperty("phase").GetString());
        Assert.NotNull(DescribedAt.Of(Find("orders")!));
    }

    private static string Replaced(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    private Entity? Find(string name, string kind = "Component") => _server.Entities.Find(EntityRef.Of(kind, name));

    private async Task ChangeAsync(Func<string, string> change) => await File.WriteAllTextAsync(Descriptor, change(await File.ReadAllTextAsync(Descriptor, Stop)), Stop);

    private string Remote(HttpClient user) => $"http://jane:{user.DefaultRequestHeaders.Authorization!.Parameter}@{_server.Address.Authority}/git/orders.git";

    /// <summary>What git shows who pushes, until the build begins: nobody builds here.</summary>
    private async Task<string> PushAsync()
    {
        await GitAsync("commit", "--quiet", "-am", "change", "--allow-empty");
        var (seen, buffer) = (new StringBuilder(), new byte[4096]);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var push = Git(["push", "origin", "HEAD"]) with
        {
            Errors = async (errors, stop) =>
            {
                while (await errors.ReadAsync(buffer, stop) is var read and > 0)
                {
                    seen.Append(Encoding.UTF8.GetString(buffer, 0, read));
                    if (seen.ToString().Contains("Building orders", StringComparison.Ordinal))
                    {
                        await enough.CancelAsync();
                    }
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ProgramRunner(TimeProvider.System).RunAsync(push, enough.Token));
        return seen.ToString();
    }

    private async Task GitAsync(params string[] arguments)
    {
        var end = await new ProgramRunner(TimeProvider.System).RunAsync(Git(arguments), Stop);
        Assert.True(end.Ok, $"git {string.Join(' ', arguments)}: {end.Output}{end.Errors}");
    }

    private ProgramCall Git(string[] arguments) =>
        new("git", ["-c", "user.name=Jane", "-c", "user.email=jane@shop.test", "-c", "commit.gpgsign=false", .. arguments])
        {
            Folder = _folder,
            TimeMax = TimeSpan.FromSeconds(60),
            Variables = new Dictionary<string, string>(ProgramRunner.BasicVariables) { ["HOME"] = _folder, ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_TERMINAL_PROMPT"] = "0" },
        };
}
