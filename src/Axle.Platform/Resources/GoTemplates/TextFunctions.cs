using System.Globalization;
using System.Text;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's functions on text. Positions count bytes, as in Go.</summary>
internal static class TextFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("lower", 1, 1, a => a.Text(0).ToLowerInvariant()),
        new("upper", 1, 1, a => a.Text(0).ToUpperInvariant()),
        new("title", 1, 1, a => Title(a.Text(0))),
        new("trim", 1, 1, a => a.Text(0).Trim()),
        new("trimAll", 2, 2, a => a.Text(1).Trim(a.Text(0).ToCharArray())),
        new("trimSuffix", 2, 2, a => a.Text(1) is var text && a.Text(0) is { Length: > 0 } end && text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : a.Text(1)),
        new("trimPrefix", 2, 2, a => a.Text(1) is var text && text.StartsWith(a.Text(0), StringComparison.Ordinal) ? text[a.Text(0).Length..] : a.Text(1)),
        new("nospace", 1, 1, a => string.Concat(a.Text(0).Where(c => !char.IsWhiteSpace(c)))),
        new("repeat", 2, 2, Repeat),
        new("substr", 3, 3, a => Substring(a.Text(2), a.Integer(0), a.Integer(1))),
        new("trunc", 2, 2, a => Truncate(a.Text(1), a.Integer(0))),
        new("contains", 2, 2, a => a.Text(1).Contains(a.Text(0), StringComparison.Ordinal)),
        new("hasPrefix", 2, 2, a => a.Text(1).StartsWith(a.Text(0), StringComparison.Ordinal)),
        new("hasSuffix", 2, 2, a => a.Text(1).EndsWith(a.Text(0), StringComparison.Ordinal)),
        new("quote", 0, Function.Any, a => string.Join(' ', NotNull(a).Select(GoFormat.Quote))),
        new("squote", 0, Function.Any, a => string.Join(' ', NotNull(a).Select(text => $"'{text}'"))),
        new("cat", 0, Function.Any, a => string.Join(' ', NotNull(a))),
        new("indent", 2, 2, a => Indent(a, a.Integer(0), a.Text(1))),
        new("nindent", 2, 2, a => "\n" + Indent(a, a.Integer(0), a.Text(1))),
        new("replace", 3, 3, Replace),
        new("toString", 1, 1, a => a.Loose(0)),
        new("splitList", 2, 2, a => Split(a, a.Text(0), a.Text(1))),
        new("split", 2, 2, a => Numbered(Split(a, a.Text(0), a.Text(1)))),
        new("join", 2, 2, a => string.Join(a.Text(0), ListFunctions.Texts(a, 1))),
        new("snakecase", 1, 1, a => Words(a.Text(0), '_')),
        new("kebabcase", 1, 1, a => Words(a.Text(0), '-')),
        new("typeOf", 1, 1, a => GoValues.TypeOf(a[0])),
        new("typeIs", 2, 2, a => GoValues.TypeOf(a[1]) == a.Text(0)),
        new("kindOf", 1, 1, a => GoValues.KindOf(a[0])),
        new("kindIs", 2, 2, a => GoValues.KindOf(a[1]) == a.Text(0)),
        new("fail", 1, 1, a => throw new TemplateException(a.Text(0))),
    ];

    private static IEnumerable<string> NotNull(Arguments a) => Enumerable.Range(0, a.Count).Where(i => a[i] is not null).Select(a.Loose);

    private static string Title(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            output.Append(output.Length == 0 || char.IsWhiteSpace(output[^1]) ? char.ToUpperInvariant(c) : c);
        }

        return output.ToString();
    }

    private static string Repeat(Arguments a)
    {
        var (count, text) = (Math.Max(0, a.Integer(0)), a.Text(1));
        a.Work.SpendText((long)count * text.Length);
        return new StringBuilder().Insert(0, text, text.Length == 0 ? 0 : count).ToString();
    }

    private static string Substring(string text, int start, int end)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var from = start < 0 ? 0 : start;
        var to = (start < 0 || end >= 0) && end <= bytes.Length ? end : bytes.Length;
        return from <= to && to >= 0 ? Encoding.UTF8.GetString(bytes, from, to - from) : throw new TemplateException($"substr: there is no part from {start} to {end} in a text of {bytes.Length} bytes");
    }

    private static string Truncate(string text, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return count < 0 && bytes.Length + count > 0 ? Encoding.UTF8.GetString(bytes, bytes.Length + count, -count)
            : count >= 0 && bytes.Length > count ? Encoding.UTF8.GetString(bytes, 0, count)
            : text;
    }

    private static string Indent(Arguments a, int spaces, string text)
    {
        spaces = Math.Max(0, spaces);
        a.Work.SpendText(text.Length + ((text.AsSpan().Count('\n') + 1L) * spaces));
        var padding = new string(' ', spaces);
        return padding + text.Replace("\n", "\n" + padding, StringComparison.Ordinal);
    }

    private static string Replace(Arguments a)
    {
        var (old, with, text) = (a.Text(0), a.Text(1), a.Text(2));
        if (old.Length == 0)
        {
            throw a.Wrong("the text to replace is empty");
        }

        a.Work.SpendText(text.Length + ((long)text.AsSpan().Count(old) * Math.Max(0, with.Length - old.Length)));
        return text.Replace(old, with, StringComparison.Ordinal);
    }

    private static GoList Split(Arguments a, string separator, string text)
    {
        a.Work.SpendItems(separator.Length == 0 ? text.Length : text.AsSpan().Count(separator) + 1);
        return new GoList(separator.Length == 0 ? text.EnumerateRunes().Select(rune => rune.ToString()) : text.Split(separator));
    }

    private static GoMap Numbered(GoList parts)
    {
        var map = new GoMap();
        for (var i = 0; i < parts.Count; i++)
        {
            map[string.Create(CultureInfo.InvariantCulture, $"_{i}")] = parts[i];
        }

        return map;
    }

    private static string Words(string text, char between)
    {
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '_' or '-' or ' ')
            {
                output.Append(between);
                continue;
            }

            if (char.IsUpper(text[i]) && i > 0 && (char.IsLower(text[i - 1]) || char.IsDigit(text[i - 1]) || (char.IsUpper(text[i - 1]) && i + 1 < text.Length && char.IsLower(text[i + 1]))))
            {
                output.Append(between);
            }

            output.Append(char.ToLowerInvariant(text[i]));
        }

        return output.ToString();
    }
}
