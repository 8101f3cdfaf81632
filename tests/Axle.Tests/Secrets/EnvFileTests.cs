using Axle.Platform.Secrets;
using CsCheck;

namespace Axle.Tests.Secrets;

public sealed class EnvFileTests
{
    [Theory]
    [InlineData("A=1", "A", "1")]
    [InlineData("  export  A = 1  ", "A", "1")]
    [InlineData("A=one two # three", "A", "one two")]
    [InlineData("A=one#two", "A", "one#two")]
    [InlineData("A=", "A", "")]
    [InlineData("A=a=b=c", "A", "a=b=c")]
    [InlineData("A='$HOME # \"x\"' # why", "A", "$HOME # \"x\"")]
    [InlineData("A=\"a\\nb\\t\\\"c\\\" \\$d \\\\ \\x\"", "A", "a\nb\t\"c\" $d \\ \\x")]
    [InlineData("A=\"one\r\ntwo\"", "A", "one\ntwo")]
    [InlineData("A=$(rm -rf /)", "A", "$(rm -rf /)")]
    [InlineData("\uFEFFA=1", "A", "1")]
    public void A_line_is_read_as_people_mean_it(string text, string name, string value)
    {
        var (entries, problems) = EnvFile.Parse(text);
        Assert.Empty(problems);
        Assert.Equal((name, value), (Assert.Single(entries).Name, entries[0].Value));
    }

    [Theory]
    [InlineData("# only\n\nwrong\n", 3)]
    [InlineData("A=1\n=2", 2)]
    [InlineData("A=1\n\nB='never", 3)]
    [InlineData("A='x' y", 1)]
    public void A_mistake_is_named_by_its_line(string text, int line)
    {
        var (_, problems) = EnvFile.Parse(text);
        Assert.Equal(line, Assert.Single(problems).Line);
    }

    [Fact]
    public void Whatever_is_quoted_comes_back() => Gen.String[Gen.Char["abc \"'\\$#=\n\t"], 0, 30].Sample(value =>
    {
        var quoted = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var (entries, problems) = EnvFile.Parse($"BEFORE=1\nA=\"{quoted}\"\nAFTER=2\n");
        Assert.Empty(problems);
        Assert.Equal([("BEFORE", "1"), ("A", value), ("AFTER", "2")], entries.Select(entry => (entry.Name, entry.Value)));
    });

    [Fact]
    public void No_text_makes_it_fail() => Gen.String.Sample(text => EnvFile.Parse(text));
}
