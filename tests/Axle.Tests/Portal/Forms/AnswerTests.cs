using System.Text.Json.Nodes;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Form;
using Axle.Portal.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Axle.Tests.Portal.Forms;

/// <summary>What a browser sends, as the value that the template gets; and what a repository's address is made of.</summary>
public sealed class AnswerTests
{
    private static readonly Choice[] s_choices = [new("component:default/a", "The A", "component:default/a"), new("component:default/b", "b", "component:default/b")];

    public static TheoryData<Asked, string, bool, string, string?> Sent => new()
    {
        // asked           schema                                 free   form                                               value
        { Asked.Text,      "{}",                                  false, "x= two words ",                                   "\"two words\"" },
        { Asked.Text,      "{}",                                  false, "x=",                                              null },
        { Asked.Text,      """{"default": "d"}""",                false, "x=",                                              "\"\"" },
        { Asked.YesNo,     "{}",                                  false, "y=1",                                             "false" },
        { Asked.YesNo,     "{}",                                  false, "x=true",                                          "true" },
        { Asked.Number,    """{"type": "integer"}""",             false, "x=8080",                                          "8080" },
        { Asked.Number,    """{"type": "integer"}""",             false, "x=many",                                          "\"many\"" },
        { Asked.Lines,     """{"items": {"type": "number"}}""",   false, "x=1%0D%0A%0D%0A2",                                "[1,2]" },
        { Asked.Choice,    "{}",                                  true,  "x=component:default/a",                           "\"component:default/a\"" },
        { Asked.Choice,    """{"ui:options": {"defaultKind": "Component"}}""", true,  "x=…&x%23other=c",                     "\"component:default/c\"" },
        { Asked.Choice,    """{"ui:options": {"defaultKind": "API", "defaultNamespace": "shop"}}""", true, "x=…&x%23other=c", "\"api:shop/c\"" },
        { Asked.Choice,    "{}",                                  true,  "x=…&x%23other=c",                                 "\"c\"" },
        { Asked.Choice,    "{}",                                  true,  "x=…&x%23other=",                                  null },
        { Asked.Choice,    "{}",                                  false, "x=…&x%23other=c",                                 "\"\\u2026\"" },
        { Asked.Choice,    """{"ui:field": "OwnerPicker"}""",     true,  "x=…&x%23other=shop",                              "\"group:default/shop\"" },
        { Asked.Choice,    """{"ui:field": "OwnerPicker"}""",     true,  "x=…&x%23other=user:jane",                         "\"user:default/jane\"" },
        { Asked.Proposed,  "{}",                                  true,  "x=the+a",                                         "\"component:default/a\"" },
        { Asked.Proposed,  "{}",                                  false, "x=other",                                         "\"other\"" },
        { Asked.Boxes,     "{}",                                  true,  "x=component:default/a&x%23other=c,+component:default/a++d", """["component:default/a","c","d"]""" },
        { Asked.Boxes,     "{}",                                  false, "x=component:default/b&x%23other=c",               """["component:default/b"]""" },
        { Asked.Boxes,     "{}",                                  true,  "x%23other=+",                                     null },
        { Asked.Json,      "{}",                                  false, "x={\"a\":1}",                                     """{"a":1}""" },
        { Asked.Json,      "{}",                                  false, "x={a",                                            "\"{a\"" },
        { Asked.Repository, "{}",                                 false, "x%23host=github.com&x%23owner=a+b&x%23repo=c",    "\"github.com?owner=a%20b\\u0026repo=c\"" },
        { Asked.Repository, """{"ui:options": {"allowedOwners": ["a"]}}""", false, "x%23host=github.com&x%23owner=a",        null },
        { Asked.Repository, """{"ui:options": {"allowedOwners": ["a"]}}""", false, "x%23host=github.com&x%23owner=a&x%23repo=c", "\"github.com?owner=a\\u0026repo=c\"" },
    };

    [Theory, MemberData(nameof(Sent))]
    public void A_sent_answer_becomes_the_value_of_its_type(Asked asked, string schema, bool free, string form, string? expected)
    {
        var question = new Question(new AskedField(["x"], Object(schema), false, []), asked) { Choices = asked is Asked.Choice or Asked.Proposed or Asked.Boxes ? s_choices : [], Free = free };
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(form).ToDictionary(one => "answer/" + one.Key, one => one.Value);

        Assert.Equal(expected, PostedAnswer.Read(question, new FormCollection(fields))?.ToJsonString());
    }

    [Fact]
    public void A_repository_that_has_to_be_named_is_answered_by_what_the_form_chose()
    {
        var question = new Question(new AskedField(["x"], Object("""{"ui:options": {"allowedOwners": ["a"]}}"""), true, []), Asked.Repository);
        var sent = new FormCollection(new Dictionary<string, StringValues> { ["answer/x#host"] = "github.com", ["answer/x#owner"] = "a" });

        Assert.Equal("github.com?owner=a", PostedAnswer.Read(question, sent)!.GetValue<string>());
    }

    [Theory]
    [InlineData("github.com?owner=a&repo=b", "{}", "Host=github.com Owner=a Repository=b")]
    [InlineData("axle.test", "{}", "Host=axle.test Owner Repository")]
    [InlineData("bitbucket.org?workspace=w", "{}", "Host=bitbucket.org Workspace=w Project Repository")]
    [InlineData("git.shop.test", "{}", "Host=git.shop.test Project Repository")]
    [InlineData("dev.azure.com", """{"allowedProjects": ["p", "q"]}""", "Host=dev.azure.com Organization Project[p,q] Repository")]
    [InlineData(null, """{"allowedHosts": ["dev.azure.com", "github.com"], "ownerLabel": "Who", "repoLabel": "What"}""", "Host=dev.azure.com[dev.azure.com,github.com] Who Project What")]
    [InlineData(null, "{}", "Host=axle.test Owner Repository")]
    [InlineData("nobody.knows?workspace=w", "{}", "Host=nobody.knows Owner Repository Workspace=w")]
    public void A_repository_is_made_of_what_its_host_wants(string? answer, string options, string expected)
    {
        var schema = new JsonObject { ["ui:options"] = Object(options) };

        var parts = RepositoryParts.Of(schema, PostedAnswer.Parts(answer), new Known());

        Assert.Equal(expected, string.Join(' ', parts.Select(part => part.Title + (part.Value.Length > 0 ? "=" + part.Value : "") + (part.Allowed.Count > 0 ? $"[{string.Join(',', part.Allowed)}]" : ""))));
    }

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;

    private sealed class Known : IRepositoryHosts
    {
        public IReadOnlyList<string> Offered => ["axle.test", "git.shop.test"];

        public string? KindOf(string host) => host switch { "axle.test" => "axle", "github.com" => "github", "bitbucket.org" => "bitbucketCloud", "git.shop.test" => "bitbucketServer", "dev.azure.com" => "azure", _ => null };

        public Task<IReadOnlyList<string>> BranchesAsync(string repoUrl, string? token, CancellationToken stop) => Task.FromResult<IReadOnlyList<string>>([]);
    }
}
