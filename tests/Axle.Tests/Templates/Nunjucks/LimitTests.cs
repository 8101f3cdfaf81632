using System.Diagnostics;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>No template makes the platform slow, large or dead.</summary>
public sealed class LimitTests
{
    private static readonly TemplateContext s_context = TemplateContext.From(JsonNode.Parse("""{"a": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "l": [1]}""")!.AsObject()).Value;

    public static TheoryData<string> Hungry => new()
    {
        // steps
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% for x in l %}{% set y = l.push(x) %}{% endfor %}",
        "{% macro m(n) %}${{ m(n + 1) }}{% endmacro %}${{ m(0) }}",
        "{% macro m() %}${{ m() }}${{ m() }}{% endmacro %}${{ m() }}",
        "{% set r = [1] %}{% for i in range(60) %}{% set r = [r, r] %}{% endfor %}${{ r }}",
        "{% set r = [1] %}{% for i in range(60) %}{% set r = [r, r] %}{% endfor %}${{ r | dump }}",
        "{% set r = [1] %}{% for i in range(60) %}{% set r = [r, r] %}{% endfor %}${{ r.flat(100) }}",

        // texts and output
        "{% for i in range(60) %}{% set a = a ~ a %}{% endfor %}",
        "{% for i in range(60) %}{% set a = a | replace('a', a) %}{% endfor %}",
        "{% for i in range(60) %}{% set a = a.replace('a', \"$&$'\") %}{% endfor %}",
        "{% for i in range(900) %}{% set a = a | indent(99999) | nl2br %}${{ a | center(1e) }}{% endfor %}",
        "{% set b = 'x' | center(9999999) %}${{ b }}${{ b }}",
        "{% for i in range(1000) %}{% set b = 'x' | center(9999999) %}{% endfor %}",

        "{% set b = 'x' | center(9999999) %}{% set c = b ~ 'y' %}{% set d = b ~ 'z' %}{% set l = [c] | batch(90000, c) | first %}${{ d in l }}",
        "{% set b = 'x' | center(9999999) %}{% set l = [b] | batch(90000, b) | first %}${{ [l] | urlencode }}${{ l | sort }}${{ l | groupby('') }}",

        // elements
        "${{ range(0, 100000000) | length }}",
        "${{ [1] | batch(1e) }}",
        "${{ [1] | batch(999999999, 'x') }}",
        "${{ [1] | slice(999999999) }}",
        "${{ {length: 99999999999} | reverse }}",
        "${{ {length: 99999999999} | select }}",
        "{% for x in {length: 99999999999} %}{% endfor %}",
        "${{ {}[1:] }}",

        // regular expressions
        "${{ a | replace(r/^(a+)+$/, '') }}",
        "{% for i in range(1000) %}${{ a.replace(r/^(a|aa)+$/, '') }}{% endfor %}",

        // nesting
        "${{ " + new string('(', 100_000) + "1" + new string(')', 100_000) + " }}",
        "${{ " + new string('[', 5_000) + " }}",
        "${{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}",
        "${{ " + string.Concat(Enumerable.Repeat("not ", 100_000)) + "1 }}",
        "${{ a" + string.Concat(Enumerable.Repeat(".b", 100_000)) + " }}",
        "${{ a" + string.Concat(Enumerable.Repeat(" | e", 100_000)) + " }}",
        string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000)),
        string.Concat(Enumerable.Repeat("{% for x, y in l %}", 40)) + "${{ x }}" + string.Concat(Enumerable.Repeat("{% endfor %}", 40)),
    };

    [Theory, MemberData(nameof(Hungry))]
    public void A_hungry_template_is_stopped(string source)
    {
        var began = Stopwatch.GetTimestamp();

        var error = new TemplateLanguage(Capabilities.None).Render(source, s_context).Error;

        Assert.NotNull(error);
        Assert.StartsWith("templates.", error.Code, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"it took {Stopwatch.GetElapsedTime(began)}");
    }

    public static TheoryData<object, string, string> Edges => new()
    {
        // the limit                      just within                 just beyond
        { new RenderLimits { SourceMax = 5 },        "abcde",                    "abcdef" },
        { new RenderLimits { OutputMax = 5 },        "${{ 'abcde' }}",           "${{ 'abcdef' }}" },
        { new RenderLimits { NodesMax = 3 },         "${{ 1 }}",                 "${{ 1 + 1 }}" },
        { new RenderLimits { ElementsMax = 3 },      "${{ range(3) }}",          "${{ range(4) }}" },
        { new RenderLimits { TextMax = 4 },          "${{ 'ab' ~ 'cd' }}",       "${{ 'ab' ~ 'cde' }}" },
        { new RenderLimits { WorkMax = 20 },         "${{ 1 }}",                 "{% for x in range(9) %}${{ x }}{% endfor %}" },
        { new RenderLimits { DepthMax = 8 },         "${{ 1 + 1 }}",             "${{ ((((((((1)))))))) }}" },
        { new RenderLimits { CapabilityCallsMax = 1 }, "${{ one() }}",           "${{ one() + one() }}" },
    };

    [Theory, MemberData(nameof(Edges))]
    public void Every_limit_holds_at_its_edge(object limits, string within, string beyond)
    {
        var language = new TemplateLanguage(new Capabilities([], [new("one", _ => Value.Of(1))]), (RenderLimits)limits);

        Assert.Null(language.Render(within).Error);
        Assert.Equal("templates.too_large", language.Render(beyond).Error?.Code);
    }

    [Fact]
    public void Values_too_large_or_too_deep_are_refused()
    {
        var deep = new JsonObject();
        for (var i = 0; i < 300; i++)
        {
            deep = new JsonObject { ["a"] = deep };
        }

        Assert.Equal("templates.values", TemplateContext.From(deep).Error?.Code);
        Assert.Equal("templates.values", TemplateContext.From(new JsonObject { ["a"] = new JsonArray([.. Enumerable.Range(0, 100_001).Select(i => JsonValue.Create(i))]) }).Error?.Code);
    }

    [Fact]
    public void Who_no_longer_waits_is_told_at_once()
    {
        using var stopping = new CancellationTokenSource();
        stopping.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            new TemplateLanguage(Capabilities.None).RenderFile("{% for a in range(5000) %}${{ a }}{% endfor %}", s_context, SyntaxOptions.Default, stop: stopping.Token));
    }

    [Fact]
    public void A_value_string_that_is_too_hungry_stays()
    {
        const string Source = "${{ range(0, 100000000) }}";

        Assert.Equal($"\"{Source}\"", new TemplateLanguage(Capabilities.None).RenderJson(JsonValue.Create(Source), s_context));
    }
}
