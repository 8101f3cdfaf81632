using System.Text.RegularExpressions;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters for HTML and URLs.</summary>
internal static partial class MarkupFilters
{
    /// <summary>Removing a tag may make another one of what was around it; so often is it looked again.</summary>
    private const int StripPassesMax = 8;

    private static readonly JsPattern s_lineEdgeSpaces = JsPattern.Parse("^ +| +$", "gm", 0);
    private static readonly JsPattern s_spaces = JsPattern.Parse(" +", "g", 0);
    private static readonly JsPattern s_windowsLineEnd = JsPattern.Parse("\\r\\n", "g", 0);
    private static readonly JsPattern s_emptyLines = JsPattern.Parse("\\n\\n\\n+", "g", 0);
    private static readonly JsPattern s_whiteSpace = JsPattern.Parse("\\s+", "g", 0);
    private static readonly JsPattern s_lineEnd = JsPattern.Parse("\\r\\n|\\n", "g", 0);

    public static Filter[] All { get; } =
    [
        new("e", [], call => call.Input.Kind == ValueKind.SafeText ? call.Input : Escaped(call)),
        new("escape", [], call => call.Input.Kind == ValueKind.SafeText ? call.Input : Escaped(call)),
        new("forceescape", [], Escaped),
        new("nl2br", [], call => call.Like(Replaced(call.Input.IsNullish ? "" : FilterCall.TextOf(call.Input), s_lineEnd, "<br />\n", call.Budget))),
        new("safe", [], call => call.Input.Kind == ValueKind.SafeText ? call.Input : Value.Of(new SafeText(call.Operations.Render(call.Input)))),
        new("striptags", [], StripTags),
        new("urlencode", [], UrlEncode),
        new("urlize", [], Urlize),
    ];

    private static Value Escaped(FilterCall call)
    {
        var escaped = new TextBuilder(call.Budget);
        foreach (var character in call.Operations.Render(call.Input))
        {
            _ = character switch
            {
                '&' => escaped.Append("&amp;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '\\' => escaped.Append("&#92;"),
                _ => escaped.Append(character),
            };
        }

        return Value.Of(new SafeText(escaped.ToString()));
    }

    /// <summary>Without tags and comments; line ends survive where the argument says so.</summary>
    private static Value StripTags(FilterCall call)
    {
        var text = FilterCall.TextOf(call.TextOrEmpty);
        for (var pass = 0; ; pass++)
        {
            var stripped = Tag().Replace(text, "");
            if (stripped.Length == text.Length)
            {
                break;
            }

            if (pass == StripPassesMax)
            {
                throw TemplateFault.Evaluation("the markup for 'striptags' nests too deep");
            }

            call.Budget.ChargeText(text.Length);
            text = stripped;
        }

        text = JsText.Trim(text);
        if (!call[0].IsTruthy)
        {
            return call.Like(Replaced(text, s_whiteSpace, " ", call.Budget));
        }

        text = Replaced(text, s_lineEdgeSpaces, "", call.Budget);
        text = Replaced(text, s_spaces, " ", call.Budget);
        text = Replaced(text, s_windowsLineEnd, "\n", call.Budget);
        return call.Like(Replaced(text, s_emptyLines, "\n\n", call.Budget));
    }

    /// <summary>A text as it is; records and lists of pairs as a query.</summary>
    private static Value UrlEncode(FilterCall call)
    {
        var encoded = new TextBuilder(call.Budget);
        var pairs = call.Input.Kind switch
        {
            ValueKind.Record => call.Input.Record.Entries.Select(entry => (Name: Value.Of(entry.Key), entry.Value)),
            ValueKind.Array => call.Input.Array.Items.Select(item => (Name: Iteration.Part(item, 0), Value: Iteration.Part(item, 1))),
            _ => [],
        };
        if (call.Input.IsText)
        {
            JsText.EncodeUri(encoded, call.Input.Text);
        }

        var first = true;
        foreach (var (name, value) in pairs)
        {
            encoded.Append(first ? "" : "&");
            first = false;
            JsText.EncodeUri(encoded, call.Operations.ToText(name));
            encoded.Append('=');
            JsText.EncodeUri(encoded, call.Operations.ToText(value));
        }

        return Value.Of(encoded.ToString());
    }

    /// <summary>Makes links of the words that look like addresses.</summary>
    private static Value Urlize(FilterCall call)
    {
        var shown = ShownLength(call);
        var attributes = call[1] is { Kind: ValueKind.Boolean, Boolean: true } ? " rel=\"nofollow\"" : "";
        var linked = new TextBuilder(call.Budget);
        foreach (var (start, end, isSpace) in Words(FilterCall.TextOf(call.Input)))
        {
            var word = call.Input.Text[start..end];
            linked.Append(isSpace ? word : Linked(word, shown, attributes));
        }

        return Value.Of(linked.ToString());
    }

    private static IEnumerable<(int Start, int End, bool IsSpace)> Words(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var isSpace = JsText.IsSpace(text[start]);
            var end = start + 1;
            while (end < text.Length && JsText.IsSpace(text[end]) == isSpace)
            {
                end++;
            }

            yield return (start, end, isSpace);
            start = end;
        }
    }

    private static string Linked(string word, double shown, string attributes)
    {
        var address = WithoutPunctuation(word);
        var label = address[..TextPlace.Clamped(shown, address.Length)];
        return address.StartsWith("http://", StringComparison.Ordinal) || address.StartsWith("https://", StringComparison.Ordinal) ? $"<a href=\"{address}\"{attributes}>{label}</a>"
            : address.StartsWith("www.", StringComparison.Ordinal) ? $"<a href=\"http://{address}\"{attributes}>{label}</a>"
            : Mail().IsMatch(address) ? $"<a href=\"mailto:{address}\">{address}</a>"
            : Domain().IsMatch(address) ? $"<a href=\"http://{address}\"{attributes}>{label}</a>"
            : word;
    }

    /// <summary>One bracket before and one mark behind a word are no part of an address.</summary>
    private static string WithoutPunctuation(string word)
    {
        var start = word[0] is '(' or '<' ? 1 : word.StartsWith("&lt;", StringComparison.Ordinal) ? 4 : 0;
        var rest = word[start..];
        return rest.EndsWith("&gt;", StringComparison.Ordinal) ? rest[..^4] : rest.Length > 0 && rest[^1] is '.' or ',' or ')' ? rest[..^1] : rest;
    }

    private static double ShownLength(FilterCall call)
    {
        if (call[0].IsUndefined || (call[0].Kind == ValueKind.Number && double.IsNaN(call[0].Number)))
        {
            return double.PositiveInfinity;
        }

        var length = call.Operations.ToNumber(call[0]);
        return length > 0 ? length : 0;
    }

    private static string Replaced(string text, JsPattern pattern, string replacement, Budget budget) => new PatternValue(pattern).Replace(text, replacement, budget);

    /// <summary>A tag, whose name nothing but letters and digits may make longer, or a comment.</summary>
    [GeneratedRegex("</?[A-Za-z][A-Za-z0-9]*(?:[^A-Za-z0-9_>][^>]*)?>|<!--[\\s\\S]*?-->", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex("^[A-Za-z0-9_.!#$%&'*+\\-/=?^`{|}~]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Mail();

    [GeneratedRegex("\\.(?:org|net|com)(?::|/|\\z)", RegexOptions.NonBacktracking)]
    private static partial Regex Domain();
}
