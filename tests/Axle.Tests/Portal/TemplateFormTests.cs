using System.Net;
using System.Text.RegularExpressions;
using Axle.Platform.Source;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Portal;

/// <summary>The form of a template, page by page, as a browser without scripts goes through it.</summary>
public sealed partial class TemplateFormTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Template = """
        apiVersion: scaffolder.backstage.io/v1beta3
        kind: Template
        metadata: {name: everything, namespace: shop, title: 'All <b>of</b> it', description: '<script>alert(1)</script>'}
        spec:
          type: demo
          owner: group:default/platform
          parameters:
            - title: Basics
              required: [name]
              properties:
                name: {type: string, pattern: '^[a-z]+$', errorMessage: 'Only small letters.'}
                region: {type: string, enum: [eu, us], ui:enumNames: ['Europe <i>x</i>', America], ui:widget: radio}
                rows: {type: array, items: {type: array, items: {type: string}}}
                database: {type: boolean, default: false}
              dependencies:
                database:
                  oneOf:
                    - properties: {database: {const: false}}
                    - properties: {database: {const: true}, engine: {type: string, title: Engine, enum: [postgres, mysql]}}
            - title: Credentials
              properties:
                token: {type: string, ui:field: Secret}
                word: {type: string, ui:widget: password, maxLength: 20}
          steps:
            - {id: say, name: Say it, action: 'debug:log', input: {message: 'word ${{ parameters.word }} token ${{ secrets.token }}'}}
          output:
            links: [{title: Bad, url: 'javascript:alert(1)'}, {title: Good, url: 'https://example.com/x'}]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_come_through_all_pages_and_no_page_holds_a_secret()
    {
        using var admin = server.Admin();
        using var applied = await admin.PostAsync("/api/apply", new StringContent(Template, System.Text.Encoding.UTF8, "application/yaml"), Stop);
        Assert.Equal(HttpStatusCode.OK, applied.StatusCode);

        // 1. Hostile texts are text; what has no field is asked as JSON.
        var first = await (await admin.GetAsync("/templates/shop/everything", Stop)).Content.ReadAsStringAsync(Stop);
        Assert.DoesNotContain("<script>alert", first, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>x", first, StringComparison.Ordinal);
        Assert.Contains("Europe &lt;i&gt;", first, StringComparison.Ordinal);
        Assert.Contains("class=\"json\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Engine", first, StringComparison.Ordinal);

        // 2. What does not fit is said beside it, in the template's words; what applies changes.
        var (refused, wrong) = await NextAsync(admin, first, "next", ("answer/name", "NOT"), ("answer/database", "true"), ("answer/region", "us"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused);
        Assert.Contains("Only small letters.", wrong, StringComparison.Ordinal);
        Assert.Contains("value=\"NOT\"", wrong, StringComparison.Ordinal);
        Assert.Contains("Engine", wrong, StringComparison.Ordinal);

        // 3. Secrets stay where they are, also after a refusal and in a preview.
        var (_, second) = await NextAsync(admin, wrong, "next", ("answer/name", "fine"), ("answer/database", "true"), ("answer/region", "us"), ("answer/engine", "mysql"));
        Assert.Contains("Credentials", second, StringComparison.Ordinal);
        var (tooLong, still) = await NextAsync(admin, second, "next", ("answer/token", "s3cr3t-token"), ("answer/word", "hidden-word-that-is-too-long"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, tooLong);
        var (reviewed, review) = await NextAsync(admin, still, "next", ("answer/token", ""), ("answer/word", "hidden-word"));
        Assert.Equal(HttpStatusCode.OK, reviewed);
        Assert.Contains("mysql", review, StringComparison.Ordinal);
        var (_, preview) = await NextAsync(admin, review, "preview");
        Assert.Contains("id=\"preview\"", preview, StringComparison.Ordinal);
        foreach (var html in new[] { still, review, preview })
        {
            Assert.DoesNotContain("s3cr3t-token", html, StringComparison.Ordinal);
            Assert.DoesNotContain("hidden-word", html, StringComparison.Ordinal);
            Assert.DoesNotContain("javascript:", html, StringComparison.Ordinal);
        }

        Assert.Contains("https://example.com/x", preview, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pickers_offer_what_the_catalogue_has_for_this_person()
    {
        using var admin = server.Admin();
        using var jane = await server.UserAsync("jane", ["pick-team"]);
        await ApplyAsync(admin, """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: {name: pick-mine, tags: [zz-tag]}
            spec: {type: service, lifecycle: production, owner: pick-team}
            ---
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: {name: pick-other}
            spec: {type: service, lifecycle: production, owner: platform}
            ---
            apiVersion: backstage.io/v1alpha1
            kind: API
            metadata: {name: pick-api}
            spec: {type: openapi, lifecycle: production, owner: pick-team, definition: 'openapi: 3.0.0'}
            ---
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: pick}
            spec:
              type: demo
              parameters:
                - properties:
                    owned: {type: string, title: Owned, ui:field: OwnedEntityPicker, ui:options: {allowedKinds: [Component], allowArbitraryValues: false}}
                    any: {type: string, title: Any, ui:field: EntityPicker, ui:options: {defaultKind: Component, catalogFilter: [{kind: Component, 'metadata.name': [pick-mine, pick-other]}, {kind: API, 'metadata.name': pick-api}]}}
                    owner: {type: string, title: Owner, ui:field: OwnerPicker}
                    mine: {type: string, title: Mine, ui:field: MyGroupsPicker}
                    tags: {type: array, title: Tags, ui:field: EntityTagsPicker, ui:options: {showCounts: true, helperText: As they are used}}
                    name: {type: string, title: Name, ui:field: EntityNamePicker}
                    fixed: {type: string, default: so, ui:readonly: true}
                    strange: {type: string, ui:field: VendorsOwn}
                    flagged: {type: string, title: Flagged, ui:backstage: {featureFlag: not-on}}
                - title: Hidden page
                  ui:backstage: {featureFlag: not-on}
                  properties: {never: {type: string, title: Never}}
              steps: []
            """);

        // 1. What is offered.
        var page = await (await jane.GetAsync("/templates/pick", Stop)).Content.ReadAsStringAsync(Stop);
        Assert.Equal(["component:default/pick-mine"], Offers(page, "answer/owned"));
        Assert.Equal(["api:default/pick-api", "component:default/pick-mine", "component:default/pick-other", "…"], Offers(page, "answer/any"));
        Assert.Equal("group:default/pick-team", Offers(page, "answer/owner")[0]);
        Assert.Equal(["group:default/pick-team"], Offers(page, "answer/mine"));
        Assert.Contains("zz-tag (1)", page, StringComparison.Ordinal);
        Assert.Contains("As they are used", page, StringComparison.Ordinal);
        Assert.Contains("VendorsOwn, which this portal does not have", page, StringComparison.Ordinal);
        Assert.Contains("readonly", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Flagged", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Hidden page", page, StringComparison.Ordinal);

        // 2. What is no name is refused by the form; what is typed becomes a whole ref; what is fixed stays.
        (string, string)[] answers = [("answer/any", "…"), ("answer/any#other", "elsewhere"), ("answer/fixed", "changed"), ("answer/tags", "zz-tag"), ("answer/tags#other", "new-tag")];
        var (refused, wrong) = await NextAsync(jane, "pick", page, "next", [.. answers, ("answer/name", "no name")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused);
        Assert.Contains("Must be 1 to 63 letters", wrong, StringComparison.Ordinal);
        var (_, review) = await NextAsync(jane, "pick", wrong, "next", [.. answers, ("answer/name", "a-name")]);
        Assert.Contains("component:default/elsewhere", review, StringComparison.Ordinal);
        Assert.Contains("<dd>so</dd>", review, StringComparison.Ordinal);
        Assert.Contains("zz-tag (1), new-tag", review, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_added_filled_and_taken_out_and_the_review_hides_what_it_is_told_to()
    {
        using var admin = server.Admin();
        await ApplyAsync(admin, """
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: records}
            spec:
              type: demo
              parameters:
                - properties:
                    rows: {type: array, title: Endpoint, maxItems: 2, items: {type: object, required: [path], properties: {path: {type: string, title: Path, pattern: '^/'}, method: {type: string, title: Method, default: GET}}}}
                    masked: {type: string, title: Account, ui:backstage: {review: {mask: '***', name: The account}}}
                    unshown: {type: string, title: Unshown, default: quiet, ui:backstage: {review: {show: false}}}
                    email: {type: string, format: email}
                    where: {type: string, title: Where, ui:field: RepoUrlPicker, ui:options: {allowedHosts: [github.com], requestUserCredentials: {secretsKey: USER_TOKEN}}}
              steps:
                - {id: say, action: 'debug:log', input: {message: 'rows ${{ parameters.rows | dump }} where ${{ parameters.where }} token ${{ secrets.USER_TOKEN }}.'}}
            """);

        var page = await (await admin.GetAsync("/templates/records", Stop)).Content.ReadAsStringAsync(Stop);
        Assert.Contains("type=\"email\"", page, StringComparison.Ordinal);
        Assert.Contains("None yet.", page, StringComparison.Ordinal);
        (_, page) = await NextAsync(admin, "records", page, "add:rows", []);
        (_, page) = await NextAsync(admin, "records", page, "add:rows", [("answer/rows/0/path", "/first"), ("answer/rows/0/method", "GET")]);
        Assert.Contains("value=\"/first\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"add:rows\"", page, StringComparison.Ordinal);
        (var status, page) = await NextAsync(admin, "records", page, "next", [("answer/rows/0/path", "/first"), ("answer/rows/1/path", "second")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        (_, page) = await NextAsync(admin, "records", page, "drop:rows/0", [("answer/rows/0/path", "/first"), ("answer/rows/1/path", "/second"), ("answer/rows/1/method", "PUT")]);
        Assert.DoesNotContain("/first", page, StringComparison.Ordinal);
        (status, page) = await NextAsync(admin, "records", page, "next", [("answer/rows/0/path", "/second"), ("answer/rows/0/method", "PUT"), ("answer/masked", "DE-123"), ("answer/unshown", "quiet"),
            ("answer/where#host", "github.com"), ("answer/where#owner", "shop"), ("answer/where#repo", "orders"), ("answer/where#token", "tok-en-of-jane")]);

        Assert.Equal(HttpStatusCode.OK, status);
        var shown = page[page.IndexOf("class=\"reviewed\"", StringComparison.Ordinal)..];
        Assert.Contains("Path: /second, Method: PUT", shown, StringComparison.Ordinal);
        Assert.Contains("<dt>The account</dt>", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("DE-123", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Unshown", shown, StringComparison.Ordinal);
        Assert.Contains("with your token", shown, StringComparison.Ordinal);
        var (_, preview) = await NextAsync(admin, "records", page, "preview", []);
        Assert.Contains("github.com?owner=shop&amp;repo=orders token ***.", preview, StringComparison.Ordinal);
        Assert.DoesNotContain("tok-en-of-jane", page + preview, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_is_proposed_of_the_repository_that_was_named()
    {
        using var admin = server.Admin();
        var repositories = server.Services.GetRequiredService<IRepositories>();
        Assert.True((await repositories.CreateAsync("with-branches", Stop)).Ok);
        Assert.True((await repositories.CommitAsync("with-branches", [new("a", "a"u8.ToArray())], "first", "a", Stop)).Ok);
        await ApplyAsync(admin, """
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: branches}
            spec:
              type: demo
              parameters:
                - properties:
                    repoUrl: {type: string, ui:field: RepoUrlPicker}
                    branch: {type: string, title: Branch, ui:field: RepoBranchPicker}
              steps: []
            """);

        var page = await (await admin.GetAsync("/templates/branches", Stop)).Content.ReadAsStringAsync(Stop);
        Assert.DoesNotContain("q-branch-offers", page, StringComparison.Ordinal);
        var own = new Uri(server.Services.GetRequiredService<Axle.Platform.PlatformOptions>().PublicUrl).Authority;
        Assert.Contains($"<option value=\"{own}\">", page, StringComparison.Ordinal);
        (_, page) = await NextAsync(admin, "branches", page, "again", [("answer/repoUrl#host", own), ("answer/repoUrl#repo", "with-branches")]);

        Assert.Contains("<datalist id=\"q-branch-offers\"><option value=\"main\">", page, StringComparison.Ordinal);
    }

    private static async Task ApplyAsync(HttpClient client, string yaml)
    {
        using var applied = await client.PostAsync("/api/apply", new StringContent(yaml, System.Text.Encoding.UTF8, "application/yaml"), Stop);
        Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>The values of a select, without the empty one.</summary>
    private static IReadOnlyList<string> Offers(string page, string name)
    {
        var from = page.IndexOf($"name=\"{name}\"", StringComparison.Ordinal);
        var select = page[from..page.IndexOf("</select>", from, StringComparison.Ordinal)];
        return [.. Option().Matches(select).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Where(value => value.Length > 0)];
    }

    [GeneratedRegex("""<option value="([^"]*)""")]
    private static partial Regex Option();

    private static Task<(HttpStatusCode Status, string Html)> NextAsync(HttpClient client, string page, string go, params (string Name, string Value)[] answers) =>
        NextAsync(client, "shop/everything", page, go, answers);

    private static async Task<(HttpStatusCode Status, string Html)> NextAsync(HttpClient client, string template, string page, string go, (string Name, string Value)[] answers)
    {
        var carried = Hidden().Matches(page).Select(match => KeyValuePair.Create(match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)));
        using var answer = await client.PostAsync($"/templates/{template}", new FormUrlEncodedContent([.. carried, new("go", go), .. answers.Select(one => KeyValuePair.Create(one.Name, one.Value))]), Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]+)" value="([^"]*)""")]
    private static partial Regex Hidden();
}
