using Markdig;
using Markdig.Parsers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Axle.Portal.Components;

/// <summary>
/// Reads what templates say in Markdown: CommonMark with tables, lists of tasks and bare addresses. HTML in it is text. What is read is
/// shown by <see cref="Prose"/>, which writes its own elements and nothing of the author's; links lead to the web or into the portal.
/// </summary>
internal static class ProseText
{
    /// <summary>What is nested deeper is shown as text.</summary>
    public const int DepthMax = 16;

    /// <summary>More of one text helps nobody.</summary>
    private const int TextMax = 20_000;

    private static readonly MarkdownPipeline s_blocks = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseTaskLists().UseAutoLinks().Build();
    private static readonly MarkdownPipeline s_line = OneLine();

    /// <param name="inline">Marks within lines only: there are no headings, lists and the like.</param>
    public static MarkdownDocument Read(string text, bool inline = false)
    {
        var some = text.Length > TextMax ? text[..TextMax] + "…" : text;
        try
        {
            return Markdown.Parse(some, inline ? s_line : s_blocks);
        }
        catch (ArgumentException)
        {
            // Nested deeper than the reader goes, which nobody writes to be read.
            return [new ParagraphBlock { Inline = new ContainerInline().AppendChild(new LiteralInline(some)) }];
        }
    }

    /// <summary>The address when it leads to the web, to a mailbox or to a page of the portal; null for everything that could run in the reader's name.</summary>
    public static string? Address(string? url) =>
        url is ['#', ..] or ['/'] or ['/', not ('/' or '\\'), ..] ? url : Spec.LinkAddress(url);

    /// <summary>All that would be read of it, without its marks.</summary>
    public static string Plain(ContainerInline inlines) =>
        string.Concat(inlines.Descendants().Select(one => one switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            AutolinkInline link => link.Url,
            HtmlEntityInline entity => entity.Transcoded.ToString(),
            LineBreakInline => "\n",
            DelimiterInline mark => mark.ToLiteral(),
            _ => "",
        }));

    private static MarkdownPipeline OneLine()
    {
        var builder = new MarkdownPipelineBuilder().DisableHtml().UseAutoLinks();
        builder.BlockParsers.Clear();
        builder.BlockParsers.Add(new ParagraphBlockParser());
        return builder.Build();
    }
}
