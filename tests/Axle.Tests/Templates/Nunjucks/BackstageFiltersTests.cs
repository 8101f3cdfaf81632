using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>The four filters that Backstage adds.</summary>
public sealed class BackstageFiltersTests
{
    private static readonly Dictionary<string, string> s_hosts = new()
    {
        ["github.com"] = "github",
        ["gitlab.com"] = "gitlab",
        ["bitbucket.org"] = "bitbucketCloud",
        ["dev.azure.com"] = "azure",
        ["git.corp:8443"] = "gitea",
    };

    private static readonly TemplateLanguage s_language = new(new Capabilities(BackstageFilters.All(s_hosts.GetValueOrDefault), []));

    private static readonly TemplateContext s_context = TemplateContext.From(JsonNode.Parse("""{"entity": {"kind": "API", "metadata": {"name": "x", "links": [{"url": "u"}], "a.b": 1}, "x.y": 2}}""")!.AsObject()).Value;

    public static TheoryData<string, string?> Cases => new()
    {
        { "'github.com?owner=shop&repo=orders' | parseRepoUrl", """{"host":"github.com","owner":"shop","repo":"orders"}""" },
        { "'GitHub.com?repo=%2Forders%2F&owner=a+b&owner=c' | parseRepoUrl", """{"host":"github.com","owner":"a b","repo":"orders"}""" },
        { "'gitlab.com?project=p' | parseRepoUrl", """{"host":"gitlab.com","project":"p"}""" },
        { "'gitlab.com?owner=o&repo=r' | parseRepoUrl", """{"host":"gitlab.com","owner":"o","repo":"r"}""" },
        { "'bitbucket.org?workspace=w&project=p&repo=r' | parseRepoUrl", """{"host":"bitbucket.org","repo":"r","workspace":"w","project":"p"}""" },
        { "'dev.azure.com?organization=o&project=p&repo=r' | parseRepoUrl", """{"host":"dev.azure.com","repo":"r","organization":"o","project":"p"}""" },
        { "'git.corp:8443?repo=r' | parseRepoUrl", """{"host":"git.corp:8443","repo":"r"}""" },
        { "'github.com?owner=shop' | parseRepoUrl", null },
        { "'bitbucket.org?repo=r&project=p' | parseRepoUrl", null },
        { "'elsewhere.io?owner=o&repo=r' | parseRepoUrl", null },
        { "'' | parseRepoUrl", null },
        { "missing | parseRepoUrl", null },

        { "'github.com?owner=shop&repo=orders' | projectSlug", "\"shop/orders\"" },

        { "'component:default/orders' | parseEntityRef", """{"kind":"component","namespace":"default","name":"orders"}""" },
        { "'user:jane' | parseEntityRef", """{"kind":"user","namespace":"default","name":"jane"}""" },
        { "'jane' | parseEntityRef({defaultKind: 'User', defaultNamespace: 'people'})", """{"kind":"User","namespace":"people","name":"jane"}""" },
        { "'shop/a:b' | parseEntityRef({defaultKind: 'Group'})", """{"kind":"Group","namespace":"shop","name":"a:b"}""" },
        { "{kind: 'API', name: 'x'} | parseEntityRef", """{"kind":"API","namespace":"default","name":"x"}""" },
        { "'jane' | parseEntityRef", null },
        { "':jane' | parseEntityRef", null },
        { "'user:/jane' | parseEntityRef", null },
        { "'user:' | parseEntityRef", null },
        { "missing | parseEntityRef", null },

        { "entity | pick('kind')", "\"API\"" },
        { "entity | pick('metadata.links[0].url')", "\"u\"" },
        { "entity | pick('metadata[\"name\"]')", "\"x\"" },
        { "entity | pick(['metadata', 'a.b'])", "1" },
        { "entity | pick('x.y')", "2" },
        { "entity | pick('metadata.nosuch.more', 'else')", "\"else\"" },
        { "'user:jane' | parseEntityRef | pick('name')", "\"jane\"" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_filter_does_what_it_does_in_backstage(string expression, string? expected)
    {
        var rendered = s_language.Render($"${{{{ {expression} | dump }}}}", s_context);

        Assert.Equal(expected is null ? "templates.refused" : null, rendered.Error?.Code);
        Assert.Equal(expected ?? "", rendered.Ok ? rendered.Value : "");
    }
}
