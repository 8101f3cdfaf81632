using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates;
using CsCheck;

namespace Axle.Tests.Templates;

public sealed class ExpressionTests
{
    private static readonly JsonObject s_variables = new()
    {
        ["values"] = new JsonObject { ["name"] = "my-shop", ["count"] = 3, ["on"] = true, ["empty"] = "", ["nothing"] = null, ["say"] = "a \"b\"\n", ["odd key"] = "x" },
    };

    [Theory]
    [InlineData("plain $ {{ text }}", "plain $ {{ text }}")]
    [InlineData("${{ values.name }}", "my-shop")]
    [InlineData("${{values.name}}", "my-shop")]
    [InlineData("a ${{ values.name }} b ${{ values.count }}", "a my-shop b 3")]
    [InlineData("${{ values.name | upper }}", "MY-SHOP")]
    [InlineData("${{ values.name | replace('-', ' ') | title }}", "My Shop")]
    [InlineData("${{ values.name | replace(\"-\", \"}}\") }}", "my}}shop")]
    [InlineData("${{ 'ABC' | lower }}", "abc")]
    [InlineData("${{ values.say | dump }}", "\"a \\\"b\\\"\\n\"")]
    [InlineData("${{ values.say | trim }}", "a \"b\"")]
    [InlineData("${{ values.on | dump }} ${{ values.on }}", "true true")]
    [InlineData("${{ values.missing | default('x') }}", "x")]
    [InlineData("${{ values.nothing | default(4) }}", "4")]
    [InlineData("${{ values.empty | default('x') }}", "")]
    [InlineData("${{ values.empty | default('x', true) }}", "x")]
    [InlineData("${{ values['odd key'] }}", "x")]
    [InlineData("${{ '${{' }} secrets.TOKEN }}", "${{ secrets.TOKEN }}")]
    [InlineData("${{ 'it\\'s' }}", "it's")]
    public void Expressions_become_text(string text, string expected)
    {
        var problems = new List<Problem>();

        Assert.Equal(expected, TemplateText.Render(text, s_variables, "file", problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("${{ values.nam }}", 1, 5, "'values.nam' has no value; known here: values.name")]
    [InlineData("a\nb ${{ values.name | shout }}", 2, 21, "no filter 'shout'; there are lower")]
    [InlineData("${{ values.name", 1, 16, "the text ends")]
    [InlineData("${{ values.name ! }}", 1, 17, "found '!'")]
    [InlineData("${{ }}", 1, 5, "a name such as values.name")]
    [InlineData("${{ values. }}", 1, 13, "a name after the dot")]
    [InlineData("${{ 'open }}", 1, 5, "quotes do not close")]
    [InlineData("${{ values.name | replace('a') }}", 1, 19, "takes 2 arguments and got 1")]
    [InlineData("${{ values.name | upper(1) }}", 1, 19, "takes 0 arguments and got 1")]
    [InlineData("${{ values.name | default(values) }}", 1, 27, "expected text in quotes")]
    [InlineData("${{ values.nothing }}", 1, 5, "has no value")]
    public void A_mistake_has_its_place(string text, int line, int column, string words)
    {
        var problems = new List<Problem>();

        TemplateText.Render(text, s_variables, "file", problems);

        var problem = Assert.Single(problems);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Equal(("file", line, column), (problem.File, problem.Line, problem.Column));
    }

    [Fact]
    public void One_expression_alone_keeps_its_type()
    {
        var problems = new List<Problem>();

        Assert.True(TemplateText.Evaluate(" ${{ values.on }} ", s_variables, "file", problems, null)!.GetValue<bool>());
        Assert.Equal("3 ", TemplateText.Evaluate("${{ values.count }} ${{ values.empty }}", s_variables, "file", problems, null)!.GetValue<string>());
    }

    [Fact]
    public void No_text_makes_the_renderer_throw_or_run_on() =>
        Gen.String[Gen.Char["${} |.()'\"\\,aupper1-[]\n"], 0, 40].Sample(text =>
        {
            TemplateText.Render("${{" + text, s_variables, "file", []);
            return true;
        });
}
