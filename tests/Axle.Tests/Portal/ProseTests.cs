using Axle.Portal.Components;
using CsCheck;

namespace Axle.Tests.Portal;

public sealed class ProseTests
{
    [Theory]
    [InlineData("plain", "p:plain")]
    [InlineData("# Title #\ntext\nmore\n\n- one\n* two\n1. first\n```sh\n# no title\n```\nend", "h:Title p:text\nmore -:one -:two 1:first c:# no title p:end")]
    [InlineData("```\nnever closed\n- x", "c:never closed\n- x")]
    [InlineData("-no item", "p:-no item")]
    [InlineData("", "")]
    public void Blocks_are_told_apart(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', ProseText.Blocks(text).Select(block => $"{block.Kind}:{block.Text}")));

    [Theory]
    [InlineData("**bold** and *slanted* `a*b*c`", "b:bold| : and |i:slanted| : |`:a*b*c")]
    [InlineData("[page](https://a.test/x) https://b.test.", "a:page=https://a.test/x| : |a:https://b.test.=https://b.test./")]
    [InlineData("[run](javascript:alert(1)) [me](javascript:alert)", " :[run](javascript:alert(1)) | :me")]
    [InlineData("snake_case_name 2 * 3 * 4", " :snake_case_name 2 * 3 * 4")]
    [InlineData("<b>html</b>", " :<b>html</b>")]
    public void Marks_are_read_and_only_web_addresses_are_links(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', ProseText.Pieces(line).Select(piece => $"{piece.Kind}:{piece.Text}{(piece.Href is null ? "" : "=" + piece.Href)}")));

    [Fact]
    public void No_text_is_lost_for_it_or_too_much_for_it() => Gen.String[Gen.OneOf(Gen.Char["`*_[]()#-\n\r 1.ab:/htps"], Gen.Char)].Sample(text =>
        Assert.All(ProseText.Blocks(text).SelectMany(block => ProseText.Pieces(block.Text)), piece => Assert.True(piece.Href is null || piece.Href.StartsWith("http", StringComparison.Ordinal) || piece.Href.StartsWith("mailto:", StringComparison.Ordinal))));
}
