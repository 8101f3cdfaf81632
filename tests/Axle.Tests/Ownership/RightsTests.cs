using System.Net;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Ownership;

public sealed class RightsTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_writes_and_deletes_what_their_groups_own_and_nothing_else()
    {
        using var jane = await server.UserAsync("rights-jane", ["rights-shop"]);
        using var joe = await server.UserAsync("rights-joe", ["rights-pay"]);
        var orders = TestServer.Component("rights-orders", "rights-shop");
        Assert.Equal(HttpStatusCode.Created, (await jane.PutEntityAsync(orders)).StatusCode);

        var change = await (await joe.PutEntityAsync(orders with { Metadata = orders.Metadata with { Title = "Mine" } })).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Equal("ownership.not_owner", change.Code);
        Assert.Equal("user:rights-joe may not change this entity: component:rights-orders belongs to group:rights-shop.", change.Title);
        Assert.Equal("ownership.not_owner", (await (await joe.DeleteAsync(HttpSteps.Path(orders), Stop)).ProblemAsync(HttpStatusCode.Forbidden)).Code);

        // Neither taking a thing away from its team, nor pushing one onto another team.
        Assert.Equal("ownership.not_owner", (await (await joe.PutEntityAsync(TestServer.Component("rights-orders", "rights-pay"))).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal("catalog.owner_not_yours", (await (await jane.PutEntityAsync(TestServer.Component("rights-orders", "rights-pay"))).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal("catalog.owner_not_yours", (await (await jane.PutEntityAsync(TestServer.Component("rights-new", "rights-pay"))).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal("catalog.owner_needed", (await (await jane.PutEntityAsync(TestServer.Json("Location", "rights-location", """{"target":"https://example.org"}"""))).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await jane.DeleteAsync(HttpSteps.Path(orders), Stop)).StatusCode);
    }

    [Fact]
    public async Task One_foreign_entity_in_a_file_stops_the_whole_file()
    {
        using var jane = await server.UserAsync("file-jane", ["file-shop"]);
        using var answer = await jane.ApplyAsync("""
            [{"apiVersion":"backstage.io/v1alpha1","kind":"Domain","metadata":{"name":"file-own"},"spec":{"owner":"file-shop"}},
             {"apiVersion":"backstage.io/v1alpha1","kind":"Domain","metadata":{"name":"file-foreign"},"spec":{"owner":"platform"}}]
            """);
        Assert.Equal("catalog.owner_not_yours", (await answer.ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Null(server.Entities.Find(EntityRef.Of("Domain", "file-own")));
    }

    [Fact]
    public async Task Nobody_but_an_administrator_touches_users_groups_and_roles()
    {
        using var jane = await server.UserAsync("self-jane", ["self-shop"]);
        foreach (var entity in new[]
        {
            TestServer.Json("User", "self-jane", """{"memberOf":["platform"]}"""),
            TestServer.Json("User", "self-jane", """{"memberOf":["self-shop"]}""", "admin"),
            TestServer.Json("User", "self-new", "{}"),
            TestServer.Json("Group", "self-shop", """{"type":"team","children":[],"parent":"platform"}"""),
            TestServer.Json("Group", "self-shop", """{"type":"team","children":[]}""", "admin"),
            TestServer.Json("Group", "self-new", """{"type":"team","children":["platform"],"members":["self-jane"],"owner":"self-shop"}"""),
        })
        {
            Assert.Equal("catalog.identity", (await (await jane.PutEntityAsync(entity)).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        }

        Assert.Equal("catalog.identity", (await (await jane.DeleteAsync("/api/entities/user/default/admin", Stop)).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        using var admin = server.Admin();
        Assert.Equal(HttpStatusCode.OK, (await admin.PutEntityAsync(TestServer.Json("User", "self-jane", """{"memberOf":["self-shop"]}""", "viewer"))).StatusCode);
        Assert.Equal("ownership.role", (await (await jane.PutEntityAsync(TestServer.Component("self-x", "self-shop"))).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal(HttpStatusCode.OK, (await jane.GetAsync("/api/entities", Stop)).StatusCode);
    }

    [Fact]
    public async Task Membership_reaches_up_through_parents_also_in_a_ring_and_ends_at_once()
    {
        Entity[] groups =
        [
            TestServer.Json("Group", "deep-top", """{"type":"area","children":[]}""", "admin"),
            TestServer.Json("Group", "deep-middle", """{"type":"area","children":["deep-leaf"],"parent":"deep-top"}"""),
            TestServer.Json("Group", "deep-ring", """{"type":"area","children":[],"parent":"deep-leaf","members":["deep-joe"]}"""),
        ];
        using var jane = await server.UserAsync("deep-jane", ["deep-leaf"]);
        using var joe = await server.UserAsync("deep-joe", []);
        Assert.True((await server.Entities.PutAllAsync(groups, "system:test", stop: Stop)).Ok);

        var me = await (await jane.GetAsync("/api/me", Stop)).ReadAsync<Me>();
        Assert.Equal(["group:default/deep-leaf", "group:default/deep-middle", "group:default/deep-top"], me.Groups.Order());
        Assert.Equal("admin", me.Role);

        var ring = TestServer.Json("Group", "deep-leaf", """{"type":"team","children":[],"parent":"deep-ring"}""");
        Assert.True((await server.Entities.PutAsync(ring, "system:test", stop: Stop)).Ok);
        Assert.Contains("group:default/deep-top", (await (await joe.GetAsync("/api/me", Stop)).ReadAsync<Me>()).Groups);

        Assert.True((await server.Entities.PutAsync(TestServer.Json("User", "deep-jane", "{}"), "system:test", stop: Stop)).Ok);
        var after = await (await jane.GetAsync("/api/me", Stop)).ReadAsync<Me>();
        Assert.Empty(after.Groups);
        Assert.Equal("member", after.Role);
    }

    // user's own annotation, the groups', the role
    [Theory]
    [InlineData(null, "", Role.Member)]
    [InlineData(null, "viewer", Role.Viewer)]
    [InlineData(null, "viewer admin", Role.Admin)]
    [InlineData("viewer", "admin", Role.Viewer)]
    [InlineData("ADMIN", "viewer", Role.Admin)]
    [InlineData("2", "", Role.Member)]
    [InlineData("king", "", Role.Member)]
    public void A_users_own_role_wins_over_their_groups(string? own, string groups, Role expected) =>
        Assert.Equal(expected, Roles.Of(
            TestServer.Json("User", "x", "{}", own),
            groups.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(role => TestServer.Json("Group", "g", "{}", role))));

    [Fact]
    public async Task A_platform_without_an_administrator_gets_one_back_with_the_next_start()
    {
        var own = new TestServer();
        await own.InitializeAsync();
        try
        {
            var token = own.AdminToken;
            Assert.True((await own.Entities.DeleteAsync(EntityRef.Of("User", "admin"), "system:test", force: true, stop: Stop)).Ok);
            await own.StopAsync();
            File.Delete(Path.Combine(own.Folder, "admin.token"));
            await own.StartAsync();

            // The user is back and the old token counts; the file stays away until somebody asks for it.
            using var admin = own.Client(token);
            Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/me", Stop)).StatusCode);
            Assert.False(File.Exists(Path.Combine(own.Folder, "admin.token")));

            OwnershipCapability.ResetAdminToken(own.Services.GetRequiredService<Axle.Platform.PlatformOptions>());
            Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/api/me", Stop)).StatusCode);
            using var renewed = own.Admin();
            Assert.Equal(HttpStatusCode.OK, (await renewed.GetAsync("/api/me", Stop)).StatusCode);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(own.Folder, "admin.token")));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(own.Folder, "identity.db")));
            }
        }
        finally
        {
            await own.DisposeAsync();
        }
    }
}
