namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters for texts.</summary>
internal static class TextFilters
{
    public static Filter[] All { get; } =
    [
        new("capitalize", [], call => call.Like(Capitalized(FilterCall.TextOf(call.TextOrEmpty)))),
        new("center", [], Center),
        new("indent", [], Indent),
        new("lower", [], call => Value.Of(JsText.ToLower(FilterCall.TextOf(call.TextOrEmpty)))),
        new("replace", [], Replace),
        new("title", [], call => call.Like(string.Join(' ', FilterCall.TextOf(call.TextOrEmpty).Split(' ').Select(Capitalized)))),
        new("trim", [], call => call.Like(JsText.Trim(FilterCall.TextOf(call.Input)))),
        new("truncate", [], Truncate),
        new("upper", [], call => Value.Of(JsText.ToUpper(FilterCall.TextOf(call.TextOrEmpty)))),
        new("wordcount", [], WordCount),
    ];

    private static string Capitalized(string text)
    {
        var lower = JsText.ToLower(text);
        return lower.Length == 0 ? "" : JsText.ToUpper(lower[..1]) + lower[1..];
    }

    private static Value Center(FilterCall call)
    {
        var input = call.TextOrEmpty;
        var width = call.Or(0, 80);
        var length = DirectLength(input);
        if (call.Operations.Order(length, width) >= 0)
        {
            return input;
        }

        var spaces = call.Operations.ToNumber(width) - call.Operations.ToNumber(length);
        var centered = new TextBuilder(call.Budget);
        Pad(centered, (spaces / 2) - (spaces % 2));
        centered.Append(call.Operations.ToText(input));
        Pad(centered, spaces / 2);
        return call.Like(centered.ToString());
    }

    private static Value Indent(FilterCall call)
    {
        var input = call.TextOrEmpty;
        var text = FilterCall.TextOf(input);
        if (input.Kind == ValueKind.Text && text.Length == 0)
        {
            return Value.EmptyText;
        }

        var width = call.Operations.ToNumber(call.Or(0, 4));
        var indented = new TextBuilder(call.Budget);
        var first = true;
        foreach (var line in text.Split('\n'))
        {
            if (!first)
            {
                indented.Append('\n');
            }

            if (!first || call[1].IsTruthy)
            {
                Pad(indented, width);
            }

            indented.Append(line);
            first = false;
        }

        return call.Like(indented.ToString());
    }

    private static Value Truncate(FilterCall call)
    {
        var input = call.TextOrEmpty;
        var length = call.Or(0, 255);
        if (call.Operations.Order(DirectLength(input), length) <= 0)
        {
            return input;
        }

        var text = FilterCall.TextOf(input);
        var limit = call.Operations.ToNumber(length);
        var end = TextPlace.Clamped(limit, text.Length);
        if (!call[1].IsTruthy)
        {
            // The last space at or before the limit; a limit that is no number is none.
            var from = double.IsNaN(limit) ? text.Length - 1 : Math.Min(end, text.Length - 1);
            var space = from < 0 ? -1 : text.LastIndexOf(' ', from);
            end = space < 0 ? end : space;
        }

        return call.Like(text[..end] + (call[2].IsNullish ? "..." : call.Operations.ToText(call[2])));
    }

    /// <summary>Null for no words at all.</summary>
    private static Value WordCount(FilterCall call)
    {
        var input = call.TextOrEmpty;
        if (!input.IsTruthy)
        {
            return Value.Null;
        }

        var words = 0;
        var inside = false;
        foreach (var character in FilterCall.TextOf(input))
        {
            var isPart = SourceText.IsNamePart(character);
            words += isPart && !inside ? 1 : 0;
            inside = isPart;
        }

        return words == 0 ? Value.Null : Value.Of(words);
    }

    private static Value Replace(FilterCall call)
    {
        var search = call[0];
        if (search.Kind == ValueKind.Pattern)
        {
            return call.Input.IsText
                ? Value.Of(new PatternValue(search.Pattern.Pattern).Replace(call.Input.Text, call.Operations.ToText(call[1]), call.Budget))
                : throw TemplateFault.Evaluation($"a regular expression replaces in texts, not in {call.Input.Described}");
        }

        if (search.Kind is not (ValueKind.Text or ValueKind.Number))
        {
            return call.Input;
        }

        var input = call.Input.Kind == ValueKind.Number ? Value.Of(call.Operations.ToText(call.Input)) : call.Input;
        return input.IsText ? Replace(call, input, call.Operations.ToText(search)) : input;
    }

    private static Value Replace(FilterCall call, Value input, string search)
    {
        var replaced = new TextBuilder(call.Budget);
        if (search.Length == 0)
        {
            // Between all characters; JavaScript joins by commas where no replacement was given.
            var replacementOfNothing = call.Operations.ToText(call[1]);
            replaced.Append(replacementOfNothing);
            for (var i = 0; i < input.Text.Length; i++)
            {
                replaced.Append(i == 0 ? "" : call[1].IsUndefined ? "," : replacementOfNothing).Append(input.Text[i]);
            }

            return call.Like(replaced.Append(replacementOfNothing).ToString());
        }

        var at = input.Text.IndexOf(search, StringComparison.Ordinal);
        if (at < 0 || call[2] is { Kind: ValueKind.Number, Number: 0 })
        {
            return input;
        }

        var replacement = call.Operations.ToText(call[1]);
        var max = call[2].IsUndefined || call[2] is { Kind: ValueKind.Number, Number: -1 } ? double.PositiveInfinity : call.Operations.ToNumber(call[2]);
        var copied = 0;
        for (var count = 0; at >= 0 && count < max; count++, at = input.Text.IndexOf(search, copied, StringComparison.Ordinal))
        {
            replaced.Append(input.Text.AsSpan(copied, at - copied)).Append(replacement);
            copied = at + search.Length;
        }

        return call.Like(replaced.Append(input.Text.AsSpan(copied)).ToString());
    }

    /// <summary>Spaces up to this bound, as a counting loop would append them.</summary>
    private static void Pad(TextBuilder text, double bound)
    {
        if (bound > 0)
        {
            text.Append(' ', (int)Math.Min(Math.Ceiling(bound), int.MaxValue));
        }
    }

    /// <summary>What the value's own member <c>length</c> says.</summary>
    private static Value DirectLength(Value value) => Operations.Member(value, "length");
}
