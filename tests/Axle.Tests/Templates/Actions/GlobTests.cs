using Axle.Platform.Templates.Actions;

namespace Axle.Tests.Templates.Actions;

public sealed class GlobTests
{
    // Each row as npm's fast-glob 3.3.3 answers with { dot: true }.
    [Theory]
    [InlineData("*", "a", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("*", ".a", true)]
    [InlineData("**", "a/b/.c", true)]
    [InlineData("**/*.js", "a.js", true)]
    [InlineData("**/*.js", "a/b/c.js", true)]
    [InlineData("**/*.js", "a/b/c.jsx", false)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "ab/c", false)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("./a/*", "a/b", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[ab].txt", "a.txt", true)]
    [InlineData("[!ab].txt", "c.txt", true)]
    [InlineData("[!ab].txt", "a.txt", false)]
    [InlineData("[id].tsx", "[id].tsx", true)]
    [InlineData("*.{md,txt}", "a.txt", true)]
    [InlineData("*.{md,txt}", "a.js", false)]
    [InlineData("{a,b/{c,d}}/*", "b/d/x", true)]
    [InlineData("a{1..3}", "a2", true)]
    [InlineData("a{1..3}", "a4", false)]
    [InlineData("!(a).txt", "b.txt", true)]
    [InlineData("!(a).txt", "a.txt", false)]
    [InlineData("!(*.d).ts", "a.ts", true)]
    [InlineData("!(*.d).ts", "a.d.ts", false)]
    [InlineData("@(a|b)", "b", true)]
    [InlineData("+(ab).txt", "abab.txt", true)]
    [InlineData("?(x)y", "y", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "axb", false)]
    [InlineData("**.js", "a.js", true)]
    [InlineData("**.js", "a/b.js", false)]
    [InlineData("A", "a", false)]
    public void A_pattern_matches_as_npm_has_it(string pattern, string path, bool matches) => Assert.Equal(matches, new Glob(pattern).Matches(path));

    [Theory]
    [InlineData("!(")]
    [InlineData("[")]
    [InlineData("{a,")]
    [InlineData("a)|(")]
    [InlineData("\\")]
    [InlineData("[[:alpha:]")]
    [InlineData("@(a|!(b)")]
    public void A_broken_pattern_is_only_text_or_matches_nothing(string pattern)
    {
        foreach (var path in new[] { pattern, "a", "a/b" })
        {
            _ = new Glob(pattern).Matches(path);
        }
    }

    [Fact]
    public void A_pattern_that_never_decides_ends_nevertheless()
    {
        Assert.False(new Glob("+(+(+(a|aa)))b").Matches(new string('a', 200)));
        Assert.True(GlobBraces.Expand(string.Concat(Enumerable.Repeat("{a,b}", 30))).Count <= 1000);
    }
}
