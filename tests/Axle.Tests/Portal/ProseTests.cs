using Axle.Portal.Components;
using Bunit;
using CsCheck;

namespace Axle.Tests.Portal;

/// <summary>Markdown of templates, as a page shows it.</summary>
public sealed class ProseTests : BunitContext
{
    private static readonly string[] s_elements = ["A", "BLOCKQUOTE", "BR", "CODE", "DIV", "EM", "H3", "H4", "HR", "LI", "OL", "P", "PRE", "SPAN", "STRONG", "TABLE", "TBODY", "TD", "TH", "THEAD", "TR", "UL"];

    [Theory]
    [InlineData("plain", "<p class=\"lines\">plain</p>")]
    [InlineData("one\ntwo\n\nthree", "<p class=\"lines\">one\ntwo</p><p class=\"lines\">three</p>")]
    [InlineData("# Title #\ntext\n\n### Less", "<h3>Title</h3><p class=\"lines\">text</p><h4>Less</h4>")]
    [InlineData("- one\n* two\n", "<ul><li>one</li></ul><ul><li>two</li></ul>")]
    [InlineData("1. first\n2. second\n   - inner", "<ol><li>first</li><li>second<ul><li>inner</li></ul></li></ol>")]
    [InlineData("7. seventh", "<ol start=\"7\"><li>seventh</li></ol>")]
    [InlineData("- loose\n\n- list", "<ul><li><p class=\"lines\">loose</p></li><li><p class=\"lines\">list</p></li></ul>")]
    [InlineData("```sh\n# no title\n<b>\n```\nend", "<pre class=\"code\" tabindex=\"0\" aria-label=\"Code\"><code># no title\n&lt;b&gt;</code></pre><p class=\"lines\">end</p>")]
    [InlineData("```\nnever closed\n- x", "<pre class=\"code\" tabindex=\"0\" aria-label=\"Code\"><code>never closed\n- x</code></pre>")]
    [InlineData("~~~ a\" onclick=\"alert(1)\nx\n~~~", "<pre class=\"code\" tabindex=\"0\" aria-label=\"Code\"><code>x</code></pre>")]
    [InlineData("-no item", "<p class=\"lines\">-no item</p>")]
    [InlineData("> said\n> so\n\n---", "<blockquote><p class=\"lines\">said\nso</p></blockquote><hr>")]
    [InlineData("- [x] done\n- [ ] open", "<ul><li><span role=\"img\" aria-label=\"done\">☑</span> done</li><li><span role=\"img\" aria-label=\"to do\">☐</span> open</li></ul>")]
    [InlineData("a | b\n--|-:\n1 | `2`", "<table><thead><tr><th scope=\"col\">a</th><th scope=\"col\" class=\"right\">b</th></tr></thead><tbody><tr><td>1</td><td class=\"right\"><code>2</code></td></tr></tbody></table>")]
    [InlineData("", "")]
    public void Blocks_are_told_apart(string text, string expected) => Show(text).Find(".prose").InnerHtml.MarkupMatches(expected);

    [Theory]
    [InlineData("**bold** and *slanted* `a*b*c`", "<strong>bold</strong> and <em class=\"slant\">slanted</em> <code>a*b*c</code>")]
    [InlineData("[page](https://a.test/x) https://b.test.", "<a class=\"link\" href=\"https://a.test/x\" rel=\"noopener noreferrer\">page</a> <a class=\"link\" href=\"https://b.test/\" rel=\"noopener noreferrer\">https://b.test</a>.")]
    [InlineData("[here](/templates?q=a#b) [top](#top) <me@a.test> www.a.test", "<a class=\"link\" href=\"/templates?q=a#b\" rel=\"noopener noreferrer\">here</a> <a class=\"link\" href=\"#top\" rel=\"noopener noreferrer\">top</a> <a class=\"link\" href=\"mailto:me@a.test\" rel=\"noopener noreferrer\">me@a.test</a> <a class=\"link\" href=\"http://www.a.test/\" rel=\"noopener noreferrer\">www.a.test</a>")]
    [InlineData("snake_case_name 2 * 3 * 4 &amp; \\*", "snake_case_name 2 * 3 * 4 &amp; *")]
    [InlineData("# - 1. <b>html</b>", "# - 1. &lt;b&gt;html&lt;/b&gt;")]
    [InlineData("![a *cat*](https://a.test/cat.png)", "<a class=\"link\" href=\"https://a.test/cat.png\" rel=\"noopener noreferrer\">a <em class=\"slant\">cat</em></a>")]
    [InlineData("[a][1] [b]", "[a][1] [b]")]
    public void Marks_are_read_in_a_line(string line, string expected) => Assert.Equal(expected, Show(line, inline: true).Markup.Trim());

    [Theory]
    [InlineData("[run](javascript:alert(1))")]
    [InlineData("[run](JaVaScRiPt:alert(1))")]
    [InlineData("[run](java\nscript:alert(1))")]
    [InlineData("[run](&#106;avascript:alert&#40;1&#41;)")]
    [InlineData("[run](\u0001javascript:alert(1))")]
    [InlineData("[run]( javascript:alert(1) )")]
    [InlineData("[run](<javascript:alert(1)>)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[run](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[run](vbscript:msgbox)")]
    [InlineData("[run](file:///etc/passwd)")]
    [InlineData("[run](//evil.test/x)")]
    [InlineData("[run](/\\evil.test/x)")]
    [InlineData("[run][x]\n\n[x]: javascript:alert(1)")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("![x](data:image/svg+xml,<svg onload=alert(1)>)")]
    [InlineData("ftp://a.test tel:123")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<!-- --><iframe src=/></iframe>")]
    [InlineData("<details open ontoggle=alert(1)>")]
    [InlineData("[a](javascript:x \"t\" onmouseover=alert(1))")]
    [InlineData("# title {onclick=alert(1)}")]
    [InlineData("a | b\n---|---\n<svg/onload=alert(1)> | [x](javascript:1)")]
    [InlineData("- [x] <input onfocus=alert(1) autofocus>")]
    public void Nothing_of_the_authors_becomes_markup(string text)
    {
        Harmless(text);
        Assert.Empty(Show(text).FindAll("a[href]"));
    }

    [Theory]
    [InlineData("[", 20_000)]
    [InlineData("![", 10_000)]
    [InlineData("*", 20_000)]
    [InlineData("*_", 5_000)]
    [InlineData("*a_", 5_000)]
    [InlineData("**a *b ", 2_500)]
    [InlineData("`", 20_000)]
    [InlineData("<", 20_000)]
    [InlineData("<a", 10_000)]
    [InlineData("> ", 10_000)]
    [InlineData("- ", 10_000)]
    [InlineData("1. ", 6_000)]
    [InlineData("|", 20_000)]
    [InlineData("a|b\n", 5_000)]
    [InlineData("a|b\n-|-\n", 2_500)]
    [InlineData("[a](", 5_000)]
    [InlineData("[a]: b\n", 2_500)]
    [InlineData("&#", 10_000)]
    [InlineData("https://", 2_500)]
    [InlineData("\n\t", 10_000)]
    [InlineData("- [ ] - [x]", 1_800)]
    public void However_often_it_says_so_a_page_comes_of_it(string text, int times)
    {
        Harmless(string.Concat(Enumerable.Repeat(text, times)));
        Harmless(string.Concat(Enumerable.Repeat(text, times)) + string.Concat(Enumerable.Repeat(new string([.. text.Reverse()]), times)));
    }

    [Fact]
    public void Deep_marks_are_text()
    {
        var text = string.Concat(Enumerable.Repeat("*a **b ", 100)) + "end" + string.Concat(Enumerable.Repeat("** *", 100));

        Assert.Contains("end", Show(text).Find(".prose").TextContent, StringComparison.Ordinal);
        Harmless(text);
    }

    [Fact]
    public void Whatever_somebody_writes_only_known_elements_and_harmless_addresses_come_of_it() =>
        Gen.OneOf(
            Gen.String[Gen.OneOf(Gen.Char["`*_[]()#-\n\r 1.ab:/htps|>!<&;~\\\"'{}="], Gen.Char)],
            Gen.Int[0, s_pieces.Length - 1].Array[0, 12].Select(parts => string.Concat(parts.Select(part => s_pieces[part]))))
            .Sample(Harmless, threads: 1, iter: 400);

    private static readonly string[] s_pieces = ["[a](", "javascript:x", ")", "<", ">", "\n", "- ", "# ", "`", "```", "*", "**", "_", "|", "\n---|---\n", "https://a.test", "[x] ", "![", "]", "> ", "&#106;", "\\", "www.", "{", "}", "<b onclick=x>", "    ", "1. "];

    private void Harmless(string text)
    {
        foreach (var inline in new[] { false, true })
        {
            var shown = Show(text, inline);
            Assert.All(shown.FindAll("*"), element =>
            {
                Assert.Contains(element.TagName, s_elements);
                Assert.All(element.Attributes, attribute => Assert.Contains(attribute.Name, (string[])["class", "href", "rel", "tabindex", "aria-label", "role", "scope", "start"]));
                Assert.Contains(element.GetAttribute("class"), (string?[])[null, "prose", "lines", "link", "code", "slant", "right", "centre"]);
                var address = element.GetAttribute("href");
                Assert.True(address is null || address.StartsWith("http", StringComparison.Ordinal) || address.StartsWith("mailto:", StringComparison.Ordinal) || address[0] is '#' || (address[0] == '/' && (address.Length == 1 || address[1] is not ('/' or '\\'))), address);
            });
        }
    }

    private IRenderedComponent<Prose> Show(string text, bool inline = false) => Render<Prose>(given => given.Add(prose => prose.Text, text).Add(prose => prose.Inline, inline));
}
