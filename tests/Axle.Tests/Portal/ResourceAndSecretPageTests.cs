using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Portal;

/// <summary>The pages of resources and secrets through the real host: who may press what, and that no value ever shows.</summary>
public sealed partial class ResourceAndSecretPageTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/resources", "Resources")]
    [InlineData("/resources?type=none&environment=nowhere&owner=nobody&q=x", "Resources")]
    [InlineData("/secrets", "Secrets")]
    [InlineData("/secrets?q=%22%3E%3Cscript%3E", "Secrets")]
    public async Task A_page_has_one_heading_and_every_field_has_a_name(string path, string heading)
    {
        var (status, html) = await GetAsync(server.Admin(), path);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(heading, Assert.Single(Heading().Matches(html)).Value, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        foreach (Match field in Fields().Matches(html))
        {
            var id = Regex.Match(field.Value, "\\sid=\"([^\"]+)\"").Groups[1].Value;
            Assert.True(field.Value.Contains("aria-label=", StringComparison.Ordinal) || field.Value.Contains("type=\"hidden\"", StringComparison.Ordinal) || (id.Length > 0 && html.Contains($"for=\"{id}\"", StringComparison.Ordinal)), field.Value);
        }
    }

    [Theory]
    [InlineData("/resources/nothing")]
    [InlineData("/resources/a%20b%3Cscript%3E")]
    [InlineData("/secrets/organisation/NOTHING")]
    [InlineData("/secrets/team/default/nobody/KEY")]
    [InlineData("/secrets/own/resourceclaim/default/db/login")]
    [InlineData("/secrets/x")]
    [InlineData("/secrets?component=nobody")]
    public async Task What_is_not_there_is_a_page_with_the_status_404(string path)
    {
        var (status, html) = await GetAsync(server.Admin(), path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Single(Heading().Matches(html));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_can_be_deleted_by_its_owners_and_comes_back_by_undo()
    {
        using var jane = await server.UserAsync("jane-r", ["team-r"]);
        using var other = await server.UserAsync("joe-r", ["team-other"]);
        await ClaimAsync("gone-db.staging", "team-r");

        // Nobody else; and not without the tick.
        Assert.DoesNotContain("/resources/gone-db.staging/delete", (await GetAsync(other, "/resources/gone-db.staging")).Html, StringComparison.Ordinal);
        Assert.StartsWith("/resources/gone-db.staging?error=", await PressAsync(other, "/resources/gone-db.staging/delete", ("sure", "true")), StringComparison.Ordinal);
        Assert.StartsWith("/resources/gone-db.staging?error=", await PressAsync(jane, "/resources/gone-db.staging/delete"), StringComparison.Ordinal);
        Assert.Null(Claim("gone-db.staging").Spec.Removal);

        // Its owner, and back.
        Assert.Contains("/resources/gone-db.staging/delete", (await GetAsync(jane, "/resources/gone-db.staging")).Html, StringComparison.Ordinal);
        Assert.StartsWith("/resources/gone-db.staging?done=", await PressAsync(jane, "/resources/gone-db.staging/delete", ("sure", "true")), StringComparison.Ordinal);
        Assert.NotNull(Claim("gone-db.staging").Spec.Removal);
        var (_, html) = await GetAsync(jane, "/resources/gone-db.staging");
        Assert.Contains("action=\"/resources/gone-db.staging/undo\"", html, StringComparison.Ordinal);
        Assert.Contains("axle undo gone-db.staging", html, StringComparison.Ordinal);
        Assert.DoesNotContain("/resources/gone-db.staging/undo", (await GetAsync(other, "/resources/gone-db.staging")).Html, StringComparison.Ordinal);
        Assert.StartsWith("/resources/gone-db.staging?done=", await PressAsync(jane, "/resources/gone-db.staging/undo"), StringComparison.Ordinal);
        Assert.Null(Claim("gone-db.staging").Spec.Removal);
        Assert.Contains("jane-r on gone-db.staging: delete it", (await GetAsync(jane, "/resources/gone-db.staging")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_use_is_not_deleted_by_the_tick_for_what_is_not()
    {
        using var jane = await server.UserAsync("jane-u", ["team-u"]);
        await server.Entities.PutAsync(TestServer.Component("user-of-it", "group:default/team-u"), "system:test", stop: Stop);
        await ClaimAsync("used-db.staging", "team-u", "user-of-it");

        Assert.Contains("used%20by", await PressAsync(jane, "/resources/used-db.staging/delete", ("sure", "true")), StringComparison.Ordinal);
        Assert.Null(Claim("used-db.staging").Spec.Removal);
        Assert.StartsWith("/resources/used-db.staging?done=", await PressAsync(jane, "/resources/used-db.staging/delete", ("force", "true")), StringComparison.Ordinal);
        Assert.NotNull(Claim("used-db.staging").Spec.Removal);
    }

    [Fact]
    public async Task A_resource_shows_on_the_pages_of_its_list_owner_environment_and_component_and_in_the_palette()
    {
        using var jane = await server.UserAsync("jane-l", ["team-l"]);
        await server.Entities.PutAsync(TestServer.Component("lister", "group:default/team-l"), "system:test", stop: Stop);
        await ClaimAsync("listed-db.staging", "team-l", "lister");

        const string Link = "href=\"/resources/listed-db.staging\"";
        foreach (var path in new[] { "/resources", "/resources?owner=team-l&environment=staging&type=kafka-topic", "/resources?q=listed", "/groups/team-l", "/components/lister" })
        {
            Assert.True((await GetAsync(jane, path)).Html.Contains(Link, StringComparison.Ordinal), path);
        }

        foreach (var path in new[] { "/resources?owner=platform", "/resources?environment=production", "/resources?type=postgres", "/resources?q=nothing-like-it" })
        {
            Assert.False((await GetAsync(jane, path)).Html.Contains(Link, StringComparison.Ordinal), path);
        }

        Assert.Contains("href=\"/resources?environment=staging\"", (await GetAsync(jane, "/environments")).Html, StringComparison.Ordinal);
        Assert.Contains("/resources/listed-db.staging", await jane.GetStringAsync("/portal/commands?q=listed", Stop), StringComparison.Ordinal);
        Assert.Contains("\"/resources\"", await jane.GetStringAsync("/portal/commands?q=resour", Stop), StringComparison.Ordinal);
        Assert.Contains("\"/secrets\"", await jane.GetStringAsync("/portal/commands?q=secre", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_page_address_or_file_holds_a_value_whatever_is_done_with_it()
    {
        const string Value = "needle-portal-4Kd8";
        var values = new[] { "1", "2", "3", "4", "5" }.Select(number => Value + number).ToArray();
        using var admin = server.Admin();
        await server.UserAsync("jane-v", ["team-v"]);
        await server.Entities.PutAsync(TestServer.Component("keeper", "group:default/team-v"), "system:test", stop: Stop);
        await ClaimAsync("keeper.db.staging", "team-v", "keeper");
        await server.Services.GetRequiredService<ISecrets>().KeepAsync(EntityRef.Of(Kinds.ResourceClaim, "keeper.db.staging"), "login", 1, new SecretValue(JsonSerializer.Serialize(new { username = "u", password = values[0] })), Stop);

        // Everything that the forms can do, also what is refused.
        admin.DefaultRequestHeaders.Add("Idempotency-Key", "portal-1");
        var said = new List<string> { await PressAsync(admin, "/secrets/set", ("name", "KEY"), ("scope", "component/default/keeper"), ("value", values[1])) };
        admin.DefaultRequestHeaders.Remove("Idempotency-Key");
        foreach (var (path, fields) in new (string, (string, string)[])[]
        {
            ("set", [("name", "KEY"), ("scope", "component/default/keeper"), ("value", values[2])]),
            ("set", [("name", "THERE"), ("scope", "component/default/keeper"), ("environment", "staging"), ("value", values[3])]),
            ("set", [("name", values[4]), ("scope", "component/default/keeper"), ("value", "x")]),
            ("set", [("name", "key"), ("scope", "component/default/keeper"), ("value", values[4])]),
            ("set", [("name", "KEY"), ("scope", "team/default/nobody"), ("value", values[4])]),
            ("set", [("name", "KEY"), ("scope", "own/resourceclaim/default/keeper.db.staging"), ("value", values[4])]),
            ("set", [("name", "KEY"), ("scope", "organisation"), ("environment", "staging"), ("value", values[4])]),
            ("set", [("name", "KEY"), ("value", values[4])]),
            ("set", [("name", "KEY"), ("scope", "component/default/keeper"), ("value", values[4] + "\0")]),
            ("rollback", [("name", "KEY"), ("scope", "component/default/keeper")]),
            ("rotate", [("name", "KEY"), ("scope", "component/default/keeper")]),
            ("rollback", [("name", "KEY"), ("scope", "component/default/keeper"), ("version", "1")]),
            ("unset", [("name", "THERE"), ("scope", "component/default/keeper/staging")]),
            ("restore", [("name", "THERE"), ("scope", "component/default/keeper/staging")]),
        })
        {
            said.Add(await PressAsync(admin, "/secrets/" + path, fields));
        }

        Assert.DoesNotContain(said, address => address.Contains(Value, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(8, said.Count(address => address.Contains("?done=", StringComparison.Ordinal)));

        // Every page that knows of them, the addresses that the forms led to, and what the platform wrote.
        string[] pages =
        [
            "/", "/resources", "/resources/keeper.db.staging", "/secrets", "/secrets?component=keeper", "/secrets/component/default/keeper/KEY", "/secrets/component/default/keeper/staging/THERE",
            "/components/keeper", "/groups/team-v", "/environments", "/activity", "/portal/commands?q=KEY", .. said,
        ];
        foreach (var page in pages)
        {
            var (_, html) = await GetAsync(admin, page);
            Assert.False(html.Contains(Value, StringComparison.OrdinalIgnoreCase), page);
        }

        Assert.Contains("KEY", (await GetAsync(admin, "/components/keeper")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(server.Folder, "*", SearchOption.AllDirectories), file => Bytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Value)) >= 0);
        Assert.Equal(values[1], server.Services.GetRequiredService<ISecrets>().For(EntityRef.Of(Kinds.Component, "keeper"), "production").Value["KEY"].Reveal());
    }

    [Fact]
    public async Task Secrets_are_changed_by_owners_only_and_the_others_see_no_form()
    {
        using var jane = await server.UserAsync("jane-s", ["team-s"]);
        using var other = await server.UserAsync("joe-s", ["team-t"]);
        using var viewer = await server.UserAsync("vera-s", ["team-s"], role: "viewer");
        await server.Entities.PutAsync(TestServer.Component("sealed-one", "group:default/team-s"), "system:test", stop: Stop);

        Assert.StartsWith("/secrets/component/default/sealed-one/KEY?done=", await PressAsync(jane, "/secrets/set", ("name", "KEY"), ("scope", "component/default/sealed-one"), ("value", "first-value")), StringComparison.Ordinal);
        foreach (var verb in new[] { "set", "rotate", "rollback", "unset", "restore" })
        {
            Assert.Contains("?error=", await PressAsync(other, $"/secrets/{verb}", ("name", "KEY"), ("scope", "component/default/sealed-one"), ("value", "stolen")), StringComparison.Ordinal);
        }

        Assert.Contains("?error=", await PressAsync(jane, "/secrets/set", ("name", "KEY"), ("scope", "organisation"), ("value", "for-all")), StringComparison.Ordinal);
        var page = "/secrets/component/default/sealed-one/KEY";
        Assert.Contains("action=\"/secrets/rotate\"", (await GetAsync(jane, page)).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/secrets/", (await GetAsync(other, page)).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("method=\"post\" action=\"/secrets/", (await GetAsync(viewer, "/secrets")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"organisation\"", (await GetAsync(jane, "/secrets")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("component/default/sealed-one\"", Form(await GetAsync(other, "/secrets")), StringComparison.Ordinal);
        using var answer = await viewer.PostAsync("/secrets/set", new FormUrlEncodedContent([]), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);

        static string Form((HttpStatusCode Status, string Html) page) => page.Html[page.Html.IndexOf("id=\"set\"", StringComparison.Ordinal)..];
    }

    [Fact]
    public async Task The_form_of_a_value_keeps_browsers_from_remembering_it()
    {
        await server.UserAsync("jane-f", ["team-f"]);

        var input = Regex.Match((await GetAsync(server.Admin(), "/secrets")).Html, "<input[^>]*name=\"value\"[^>]*>").Value;

        Assert.Contains("type=\"password\"", input, StringComparison.Ordinal);
        Assert.Contains("autocomplete=\"new-password\"", input, StringComparison.Ordinal);
        Assert.DoesNotContain(" value=", input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sealed_the_pages_say_so_and_offer_no_form()
    {
        var alone = new TestServer();
        await alone.StartAsync();
        try
        {
            await alone.Entities.PutAsync(TestServer.Component("orders", "group:default/platform"), "system:test", stop: Stop);
            await alone.StopAsync();
            File.Delete(Path.Combine(alone.Folder, "keys", "master.key"));
            await alone.StartAsync();
            using var admin = alone.Admin();

            foreach (var path in new[] { "/secrets", "/components/orders" })
            {
                var (status, html) = await GetAsync(admin, path);
                Assert.Equal(HttpStatusCode.OK, status);
                Assert.Contains("The master key is missing", html, StringComparison.Ordinal);
                Assert.DoesNotContain("action=\"/secrets/", html, StringComparison.Ordinal);
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(admin, "/secrets/organisation/KEY")).Status);
            Assert.Contains("?error=", await PressAsync(admin, "/secrets/set", ("name", "KEY"), ("scope", "organisation"), ("value", "x")), StringComparison.Ordinal);
        }
        finally
        {
            await alone.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("organisation")]
    [InlineData("team/default/shop")]
    [InlineData("component/other/orders")]
    [InlineData("component/default/orders/production")]
    public void A_scope_is_read_back_as_it_is_written(string path)
    {
        var address = SecretAddress.Of(path)!;
        var written = address switch
        {
            { Organisation: true } => SecretScope.Organisation,
            { Team: { } team } => SecretScope.Team(EntityRef.Of(Kinds.Group, team, address.Namespace)),
            _ => SecretScope.Component(EntityRef.Of(Kinds.Component, address.Component!, address.Namespace), address.Environment),
        };
        Assert.Equal(path, written.Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("team/shop")]
    [InlineData("organisation/staging")]
    [InlineData("component/default/orders/staging/more")]
    [InlineData("own/resourceclaim/default/orders.db.staging")]
    public void What_is_no_scope_of_peoples_secrets_is_no_address(string? path) => Assert.Null(SecretAddress.Of(path));

    /// <summary>A claim of a type that nobody provides here: it stays as it is written.</summary>
    private async Task ClaimAsync(string name, string owner, params string[] consumers)
    {
        var spec = new ResourceClaimSpec
        {
            Uid = $"kafka-topic.default#{name}",
            Type = "kafka-topic",
            Environment = EntityRef.Of(Kinds.Environment, "staging"),
            Owner = EntityRef.Of(Kinds.Group, owner),
            Consumers = [.. consumers.Select(consumer => EntityRef.Of(Kinds.Component, consumer))],
        };
        var put = await server.Entities.PutAsync(ResourceKinds.Claim.Make(ResourceKinds.Claim.Ref(name), spec), "system:test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
    }

    private Entity<ResourceClaimSpec, ResourceClaimStatus> Claim(string name) => server.Entities.Find(ResourceKinds.Claim, ResourceKinds.Claim.Ref(name))!;

    private static async Task<(HttpStatusCode Status, string Html)> GetAsync(HttpClient client, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        using var answer = await client.SendAsync(request, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Where the form leads; its answer has no body.</summary>
    private static async Task<string> PressAsync(HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        using var answer = await client.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Stop);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync(Stop));
        return answer.Headers.Location!.OriginalString;
    }

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    [GeneratedRegex("<h1.*?</h1>", RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex("<(input|select|textarea)\\b[^>]*>")]
    private static partial Regex Fields();
}
