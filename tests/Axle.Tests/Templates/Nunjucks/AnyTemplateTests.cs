using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;
using CsCheck;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>What holds for every text that somebody might take for a template.</summary>
public sealed class AnyTemplateTests
{
    private static readonly TemplateContext s_context =
        TemplateContext.From(JsonNode.Parse("""{"a": "text", "b": [3, "1", null, {"c": true}], "c": {"length": 2, "0": "x", "d": {"e": 1.5}}, "d": -7}""")!.AsObject()).Value;

    private static readonly TemplateLanguage s_language = new(Capabilities.None, new RenderLimits { WorkMax = 50_000, TextTotalMax = 4_000_000, PatternTimeMax = TimeSpan.FromMilliseconds(200) });

    private static readonly string[] s_pieces =
    [
        "${{", "}}", "{%", "%}", "{#", "#}", "{{", "-", " ", " ", "\n", "a", "b", "c", "d", "loop", "x", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|", "=", "+", "*", "/", "//", "%", "**", "~", "<", "==",
        "'s'", "\"", "\\", "1", "2.5", "r/a+/g", "r/(", " if ", " else ", " in ", " is ", " not ", " and ", " or ", "if ", "endif", "for x in ", "for x, y in ", "endfor", "else", "elif ", "set ", "endset", "macro m(x)", "endmacro",
        "call m()", "endcall", "filter ", "endfilter", "switch ", "case ", "default", "endswitch", "block b", "endblock", "raw", "endraw", "range", "cycler", "joiner", "constructor",
        .. FilterTable.Known, .. ValueTests.Known, .. TextMethods.All.Keys, .. ArrayMethods.All.Keys, .. NumberMethods.All.Keys,
    ];

    private static readonly Gen<string> s_soup = OneOf(s_pieces).Array[0, 40].Select(string.Concat);

    private static readonly Gen<string> s_expression = Expression(4);

    private static readonly Gen<SyntaxOptions> s_options = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, (cookiecutter, trim, lstrip) => new SyntaxOptions(cookiecutter, trim, lstrip));

    [Fact]
    public void Every_text_is_rendered_or_refused_with_a_place() =>
        Gen.Select(Gen.OneOf(s_soup, Gen.String), s_options).Sample((source, options) =>
        {
            var rendered = s_language.Render(source, s_context, options);
            Assert.True(rendered.Ok || rendered.Error is { Problems: [{ Line: > 0, Column: > 0 }], Next.Length: > 0 });
        });

    [Fact]
    public void Every_expression_is_evaluated_or_refused_with_a_place() =>
        s_expression.Sample(expression =>
        {
            var rendered = s_language.Render($"${{{{ {expression} }}}}", s_context);
            Assert.True(rendered.Ok || rendered.Error is { Problems: [{ Line: 1, Column: > 0 }] });
        });

    [Fact]
    public void Every_string_of_a_step_becomes_a_value_or_stays() =>
        Gen.OneOf(s_soup, s_expression.Select(expression => $"${{{{ {expression} }}}}")).Sample(source =>
            s_language.RenderJson(new JsonArray(source, new JsonObject { ["it"] = source }), s_context));

    [Fact]
    public void Text_without_delimiters_is_written_as_it_is() =>
        Gen.String.Where(text => !text.Contains('{', StringComparison.Ordinal) && !text.Contains("#}", StringComparison.Ordinal)).Sample(text =>
            Assert.Equal(text, s_language.Render(text, s_context).Value));

    [Fact]
    public void An_expression_written_with_all_its_parentheses_means_the_same() =>
        s_expression.Sample(expression =>
        {
            if (Printed.TryPrint(expression) is { } printed)
            {
                Assert.Equal(printed, Printed.TryPrint(printed));
                Assert.Equal(Outcome(expression), Outcome(printed));
            }
        });

    private static string Outcome(string expression) =>
        s_language.Render($"${{{{ {expression} }}}}", s_context) is { Ok: true } rendered ? rendered.Value : "refused";

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static Gen<string> Expression(int depth)
    {
        var leaf = OneOf("a", "b", "c", "d", "missing", "1", "0", "2.5", "'s'", "\"\"", "true", "null", "[]", "b[3].c", "c.d.e", "r/[a-z]/g", "range");
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Expression(depth - 1);
        var operators = OneOf("+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "and", "or", "in", "not in");
        return Gen.OneOf(
            leaf,
            Gen.Select(inner, operators, inner, (left, sign, right) => $"{left} {sign} {right}"),
            Gen.Select(OneOf("not ", "-", "+"), inner, (sign, operand) => sign + operand),
            Gen.Select(inner, OneOf([.. FilterTable.Known.Where(name => name != "random")]), (input, name) => $"{input} | {name}"),
            Gen.Select(inner, OneOf([.. FilterTable.Known.Where(name => name != "random")]), inner, (input, name, argument) => $"{input} | {name}({argument})"),
            Gen.Select(inner, OneOf([.. ValueTests.Known]), (subject, name) => $"{subject} is {name}"),
            Gen.Select(inner, inner, inner, (condition, body, otherwise) => $"{body} if {condition} else {otherwise}"),
            Gen.Select(inner, inner, (first, second) => $"[{first}, {second}]"),
            Gen.Select(inner, inner, (first, second) => $"{{a: {first}, \"b c\": {second} }}"),
            Gen.Select(inner, inner, (target, key) => $"({target})[{key}]"),
            Gen.Select(inner, OneOf([.. TextMethods.All.Keys, .. ArrayMethods.All.Keys]), inner, (target, name, argument) => $"({target}).{name}({argument})"));
    }
}
