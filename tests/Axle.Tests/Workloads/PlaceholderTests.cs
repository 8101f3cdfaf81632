using System.Text.RegularExpressions;
using Axle.Platform.Workloads;
using CsCheck;

namespace Axle.Tests.Workloads;

public sealed partial class PlaceholderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("abc", "abc")]
    [InlineData("$abc", "$abc")]
    [InlineData("abc $$ abc", "abc $ abc")]
    [InlineData("${a.b}", "<a.b>")]
    [InlineData("$${a.b}", "${a.b}")]
    [InlineData("$$${a.b}", "$<a.b>")]
    [InlineData("$$$${a.b}", "$${a.b}")]
    [InlineData("$$$$${a.b}", "$$<a.b>")]
    [InlineData("$${any *(^&(* thing}", "${any *(^&(* thing}")]
    [InlineData("${}", "<>")]
    [InlineData("${open", "${open")]
    [InlineData("$${open", "${open")]
    [InlineData("a$", "a$")]
    [InlineData("a$$", "a$")]
    [InlineData("a$$$", "a$$")]
    [InlineData("${a.b}${c.d}", "<a.b><c.d>")]
    [InlineData("${a.b}}", "<a.b>}")]
    [InlineData("${a{b}", "<a{b>")]
    [InlineData("$x${a.b}$", "$x<a.b>$")]
    public void Dollars_are_read_as_the_specification_says(string text, string expected) =>
        Assert.Equal(expected, Placeholders.Expand(text, p => $"<{p.Text}>"));

    [Theory]
    [InlineData("resources.db.host", "resources|db|host")]
    [InlineData(@"metadata.annotations.example\.com/key", "metadata|annotations|example.com/key")]
    [InlineData(@"a\.b", "a.b")]
    [InlineData(@"a\b", @"a\b")]
    [InlineData("", "")]
    public void A_backslash_keeps_a_dot_inside_a_part(string text, string parts) =>
        Assert.Equal(parts, string.Join('|', Placeholders.Find($"${{{text}}}").Single().Parts));

    [Theory]
    [InlineData("metadata.name", true)]
    [InlineData("resources.db", true)]
    [InlineData(@"metadata.annotations.a\.b/c", true)]
    [InlineData("metadata", false)]
    [InlineData("", false)]
    [InlineData("a b.c", false)]
    [InlineData("metadata.", false)]
    [InlineData(".name", false)]
    [InlineData("metadata..name", false)]
    [InlineData("metadata.name\n", false)]
    [InlineData("resources.db.port١", false)]
    [InlineData("env.NAME", false)]
    public void Only_known_roots_and_plain_names_are_well_formed(string text, bool wellFormed) =>
        Assert.Equal(wellFormed, Placeholders.Find($"${{{text}}}").Single().Mistake is null);

    [Fact]
    public void Text_with_every_dollar_doubled_expands_to_itself() =>
        Gen.String[Gen.Char["${}a.\\\n"], 0, 20].Where(t => !DollarInBraces().IsMatch(t)).Sample(text =>
            Placeholders.Expand(text.Replace("$", "$$", StringComparison.Ordinal), _ => "!") == text);

    [Fact]
    public void Expanding_each_placeholder_to_itself_changes_nothing_where_nothing_is_escaped() =>
        Gen.String[Gen.Char["${}a"], 0, 20].Where(t => !t.Contains("$$", StringComparison.Ordinal)).Sample(text =>
            Placeholders.Expand(text, p => p.ToString()) == text);

    [Fact]
    public void A_long_text_of_open_placeholders_costs_one_pass()
    {
        var text = string.Concat(Enumerable.Repeat("${", 500_000));
        Assert.Equal(text, Placeholders.Expand(text, _ => "!"));
    }

    // What stands inside braces is copied as it is, so there a doubled dollar stays doubled.
    [GeneratedRegex(@"\{[^}]*\$[^}]*\}")]
    private static partial Regex DollarInBraces();
}
