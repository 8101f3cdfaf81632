using System.Net;
using System.Text.RegularExpressions;
using Axle.Tests.Server;

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
                rows: {type: array, items: {type: object, properties: {a: {type: string}}}}
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

    private static async Task<(HttpStatusCode Status, string Html)> NextAsync(HttpClient client, string page, string go, params (string Name, string Value)[] answers)
    {
        var carried = Hidden().Matches(page).Select(match => KeyValuePair.Create(match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)));
        using var answer = await client.PostAsync("/templates/shop/everything", new FormUrlEncodedContent([.. carried, new("go", go), .. answers.Select(one => KeyValuePair.Create(one.Name, one.Value))]), Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]+)" value="([^"]*)""")]
    private static partial Regex Hidden();
}
