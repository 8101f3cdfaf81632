using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's encodings and digests, and Score's <c>encodeSecretRef</c>.</summary>
internal static class CodingFunctions
{
    /// <summary>Makes the mark that score-k8s replaces by a reference to a Kubernetes secret.</summary>
    public const string SecretReference = "encodeSecretRef";

    public static IEnumerable<Function> All { get; } =
    [
        new("b64enc", 1, 1, a => Convert.ToBase64String(Encoding.UTF8.GetBytes(a.Text(0)))),
        new("b64dec", 1, 1, Decode),
        new("toJson", 1, 1, a => Json(a, escape: true, indent: null)),
        new("toRawJson", 1, 1, a => Json(a, escape: false, indent: null)),
        new("toPrettyJson", 1, 1, a => Json(a, escape: true, indent: "  ")),
        new("fromJson", 1, 1, FromJson),
        new("sha256sum", 1, 1, a => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(a.Text(0))))),
#pragma warning disable CA5350 // A digest that a file asks for by name, and no protection of ours.
        new("sha1sum", 1, 1, a => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(a.Text(0))))),
#pragma warning restore CA5350
        new("adler32sum", 1, 1, a => Adler(Encoding.UTF8.GetBytes(a.Text(0))).ToString(CultureInfo.InvariantCulture)),
        new(SecretReference, 2, 2, a => $"🔐💬{a.Text(0)}_{a.Text(1)}💬🔐"),
    ];

    private static string Decode(Arguments a)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(a.Text(0)));
        }
        catch (FormatException)
        {
            throw a.Wrong("the text is no base64");
        }
    }

    private static object? FromJson(Arguments a)
    {
        try
        {
            return Doubles(GoValues.From(JsonElement.Parse(a.Text(0), new JsonDocumentOptions { MaxDepth = Work.DepthMax })));
        }
        catch (JsonException)
        {
            throw a.Wrong("the text is no JSON");
        }
    }

    // Go's JSON knows only this kind of number.
    private static object? Doubles(object? value)
    {
        switch (value)
        {
            case long number:
                return (double)number;
            case GoList list:
                return new GoList(list.Select(Doubles));
            case GoMap map:
                foreach (var key in map.Keys.ToArray())
                {
                    map[key] = Doubles(map[key]);
                }

                return map;
            default:
                return value;
        }
    }

    private static string Json(Arguments a, bool escape, string? indent)
    {
        var output = new StringBuilder();
        Write(output, a[0], escape, indent, a.Work, 0);
        return output.ToString();
    }

    private static void Write(StringBuilder output, object? value, bool escape, string? indent, Work work, int depth)
    {
        work.Enter(depth);
        work.SpendText(output.Length > Work.TextMax ? output.Length : 1);
        switch (value)
        {
            case null:
                output.Append("null");
                break;
            case bool yes:
                output.Append(yes ? "true" : "false");
                break;
            case long number:
                output.Append(number);
                break;
            case double number:
                output.Append(Number(number));
                break;
            case string text:
                WriteText(output, text, escape);
                break;
            case GoList list:
                Container(output, '[', ']', list, indent, depth, item => Write(output, item, escape, indent, work, depth + 1));
                break;
            default:
                var entries = value is GoMap map ? map.Sorted.Select(key => (Key: key, Value: map[key])) : ((GoStruct)value).Fields.Select(field => (field.Key, field.Value));
                Container(output, '{', '}', entries, indent, depth, entry =>
                {
                    WriteText(output, entry.Key, escape);
                    output.Append(indent is null ? ":" : ": ");
                    Write(output, entry.Value, escape, indent, work, depth + 1);
                });
                break;
        }
    }

    private static void Container<T>(StringBuilder output, char open, char close, IEnumerable<T> items, string? indent, int depth, Action<T> write)
    {
        output.Append(open);
        var any = false;
        foreach (var item in items)
        {
            output.Append(any ? "," : "");
            any = true;
            NewLine(output, indent, depth + 1);
            write(item);
        }

        if (any)
        {
            NewLine(output, indent, depth);
        }

        output.Append(close);
    }

    private static void NewLine(StringBuilder output, string? indent, int depth)
    {
        if (indent is not null)
        {
            output.Append('\n').Insert(output.Length, indent, depth);
        }
    }

    private static string Number(double number)
    {
        if (!double.IsFinite(number))
        {
            throw new TemplateException("JSON has no infinite numbers");
        }

        var (size, text) = (Math.Abs(number), GoFormat.Float(number));
        if ((size == 0 || size is >= 1e-6 and < 1e21) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain))
        {
            return plain.ToString("0.############################", CultureInfo.InvariantCulture);
        }

        // 1e-07 is 1e-7 in JSON.
        return text is [.., 'e', '-', '0', var digit] ? $"{text[..^2]}{digit}" : text;
    }

    // As Go's: < > & and the line separators are escaped, unless raw.
    private static void WriteText(StringBuilder output, string text, bool escape)
    {
        output.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                < ' ' or '\u2028' or '\u2029' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                '<' or '>' or '&' when escape => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => output.Append(c),
            };
        }

        output.Append('"');
    }

    private static long Adler(byte[] bytes)
    {
        const int Prime = 65521;
        var (a, b) = (1L, 0L);
        foreach (var each in bytes)
        {
            a = (a + each) % Prime;
            b = (b + a) % Prime;
        }

        return (b << 16) | a;
    }
}
