using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>
/// What templates mean. The expectations in cases.json were checked against Backstage's engine, and the script
/// tests/peers/nunjucks/run checks them again.
/// </summary>
public sealed class LanguageTests
{
    private static readonly TemplateLanguage s_language = new(Capabilities.None);
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonObject s_file = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), "cases.json")))!.AsObject();
    private static readonly TemplateContext s_context = TemplateContext.From(s_file["values"]!.AsObject()).Value;

    public static TheoryData<string> Cases => [.. s_file["cases"]!.AsArray().Select(one => one!.ToJsonString())];

    [Theory, MemberData(nameof(Cases))]
    public void A_template_means_what_it_means_in_backstage(string text)
    {
        var one = JsonNode.Parse(text)!.AsObject();
        var source = one["source"]!.GetValue<string>();
        if (one["value"] is JsonObject expected)
        {
            Assert.Equal(expected.ToJsonString(s_plain), s_language.RenderJson(new JsonObject { ["it"] = source }, s_context));
            return;
        }

        var rendered = s_language.Render(source, s_context, new SyntaxOptions(one["cookiecutter"] is not null, one["trimBlocks"] is not null, one["lstripBlocks"] is not null));
        if (one["refused"] is not null)
        {
            Assert.False(rendered.Ok, rendered.ToString());
        }
        else
        {
            Assert.Equal(one["text"]!.GetValue<string>(), rendered.Value);
        }
    }

    public static TheoryData<string, string, int, int, string> Mistakes => new()
    {
        // template                          code                   line  column  part of the message
        { "a\n  ${{ n || 1 }}",              "templates.syntax",     2,  10, "the name of a filter" },
        { "a\n${{ n }}\n  {% if n %}",       "templates.syntax",     3,   3, "endif" },
        { "{% if n %}\n{% endfor %}",        "templates.syntax",     2,   1, "endfor" },
        { "${{ x.constructor }}",            "templates.syntax",     1,   7, "reserved" },
        { "ab\n\n  ${{ \"x }}",              "templates.syntax",     3,   3, "never closed" },
        { "${{ r/(/ }}",                     "templates.syntax",     1,   5, "regular expression" },
        { "{% include 'x' %}",               "templates.syntax",     1,   1, "loads other templates" },
        { "x\n ${{ n | nosuch }}",           "templates.evaluation", 2,  10, "no filter 'nosuch'" },
        { "x\n ${{ name.nosuch() }}",        "templates.evaluation", 2,  11, "'nosuch' is undefined" },
        { "x\n ${{ n is nosuch }}",          "templates.evaluation", 2,  11, "no test 'nosuch'" },
        { "${{ 1 }}\n${{ 1 in n }}",         "templates.evaluation", 2,   5, "not into a number" },
        { "{% for a, b in [null] %}{% endfor %}", "templates.evaluation", 1, 1, "null" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_with_its_place_and_what_to_do(string source, string code, int line, int column, string message)
    {
        var error = s_language.Render(source, s_context, file: "skeleton/a.txt").Error;

        Assert.NotNull(error);
        Assert.Equal((code, line, column), (error.Code, error.Problems[0].Line, error.Problems[0].Column));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains($"skeleton/a.txt:{line}:{column}", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Next);
    }

    [Fact]
    public void A_template_that_changes_a_list_changes_only_its_own()
    {
        const string Source = "{% set x = list.push(4) %}${{ list }}";

        Assert.Equal("3,1,2,4", s_language.Render(Source, s_context).Value);
        Assert.Equal("3,1,2,4", s_language.Render(Source, s_context).Value);
    }

    [Fact]
    public void A_tree_of_json_is_rendered_string_by_string()
    {
        var tree = JsonNode.Parse("""{"b": ["${{ n }}", "${{ missing }}", "x${{ n }}", 5], "gone": "${{ missing }}", "kept": "${{ n || 1 }}", "10": null, "9": true, "${{ n }}": "name"}""");

        Assert.Equal("""{"9":true,"10":null,"b":[7,null,"x7",5],"kept":"${{ n || 1 }}","${{ n }}":"name"}""", s_language.RenderJson(tree, s_context));
    }

    [Fact]
    public void Values_can_be_added_without_reading_the_others_again()
    {
        var context = s_context.With("steps", JsonNode.Parse("""{"build": {"output": {"url": "u"}}}""")).Value;

        Assert.Equal("u 7", s_language.Render("${{ steps.build.output.url }} ${{ n }}", context).Value);
        Assert.Equal(" 7", s_language.Render("${{ steps.build.output.url }} ${{ n }}", s_context).Value);
    }

    [Fact]
    public void Values_with_reserved_names_are_refused() =>
        Assert.Equal("templates.values", TemplateContext.From(JsonNode.Parse("""{"a": {"constructor": 1}}""")!.AsObject()).Error?.Code);

    [Fact]
    public void A_capability_gets_its_arguments_and_may_refuse()
    {
        var called = 0;
        var language = new TemplateLanguage(new Capabilities(
            [new("shout", arguments => Value.Of($"{arguments[0].Text}{arguments.Count}!"))],
            [new("failure", _ => Value.Of(++called > 1)), new("broken", _ => new Axle.Contracts.Error("x.y", "It is broken.", null, 422))]));

        Assert.Equal("a3! false true", Rendered("${{ 'a' | shout(1, 2) }} ${{ failure() }} ${{ failure() }}").Value);
        Assert.Equal("templates.refused", Rendered("${{ broken() }}").Error?.Code);
        Assert.Equal("templates.evaluation", Rendered("${{ 'a' | shout(x=1) }}").Error?.Code);
        Assert.Equal("templates.evaluation", Rendered("${{ 'a' | shout(range) }}").Error?.Code);
        Assert.Equal("templates.evaluation", Rendered("${{ failure ~ '' }}").Error?.Code);

        Axle.Contracts.Result<string> Rendered(string source) => language.Render(source, s_context);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
