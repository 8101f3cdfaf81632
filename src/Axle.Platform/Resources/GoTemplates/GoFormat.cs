using System.Globalization;
using System.Numerics;
using System.Text;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Go's <c>fmt</c>: how values look as text, and <c>printf</c>.</summary>
internal static class GoFormat
{
    private const int WidthMax = 10_000;

    /// <summary>As <c>%v</c>.</summary>
    public static string Text(object? value, Work work)
    {
        if (value is string text)
        {
            return text;
        }

        var output = new StringBuilder();
        Write(output, 'v', new Flags(), value, work, 0);
        return output.ToString();
    }

    /// <summary>As <c>Sprint</c>: a space between two values that are no text.</summary>
    public static string Print(IReadOnlyList<object?> values, Work work)
    {
        var output = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0 && values[i] is not string && values[i - 1] is not string)
            {
                output.Append(' ');
            }

            output.Append(Text(values[i], work));
        }

        work.SpendText(output.Length);
        return output.ToString();
    }

    public static string PrintLine(IReadOnlyList<object?> values, Work work) => string.Join(' ', values.Select(value => Text(value, work))) + "\n";

    /// <summary>As <c>Sprintf</c>, mistakes included: they show in the text as in Go.</summary>
    public static string Printf(string format, IReadOnlyList<object?> values, Work work)
    {
        var output = new StringBuilder();
        var next = 0;
        var reordered = false;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                output.Append(format[i]);
                continue;
            }

            var flags = new Flags();
            i = ReadFlags(format, i + 1, flags);
            var badIndex = false;
            i = ReadIndex(format, i, values.Count, ref next, ref reordered, ref badIndex);
            i = ReadNumber(format, i, values, ref next, out flags.Width, out var badWidth);
            if (flags.Width is < 0)
            {
                (flags.Width, flags.Minus, flags.Zero) = (-flags.Width, true, false);
            }

            var badPrecision = false;
            if (i < format.Length && format[i] == '.')
            {
                i = ReadIndex(format, i + 1, values.Count, ref next, ref reordered, ref badIndex);
                i = ReadNumber(format, i, values, ref next, out flags.Precision, out badPrecision);
                flags.Precision = flags.Precision is < 0 ? null : flags.Precision ?? (badPrecision ? null : 0);
            }

            i = ReadIndex(format, i, values.Count, ref next, ref reordered, ref badIndex);
            output.Append(badWidth ? "%!(BADWIDTH)" : "").Append(badPrecision ? "%!(BADPREC)" : "");
            if (i >= format.Length)
            {
                output.Append("%!(NOVERB)");
                break;
            }

            var verb = char.IsHighSurrogate(format[i]) && i + 1 < format.Length ? format.Substring(i++, 2) : format[i].ToString();
            if (verb == "%")
            {
                output.Append('%');
            }
            else if (badIndex)
            {
                output.Append("%!").Append(verb).Append("(BADINDEX)");
            }
            else if (next >= values.Count)
            {
                output.Append("%!").Append(verb).Append("(MISSING)");
            }
            else
            {
                Write(output, verb.Length == 1 ? verb[0] : '\uFFFD', flags, values[next++], work, 0, verb);
            }

            work.SpendText(output.Length);
        }

        if (!reordered && next < values.Count)
        {
            var extra = values.Skip(next).Select(value => value is null ? "<nil>" : $"{GoValues.TypeOf(value)}={Text(value, work)}");
            output.Append("%!(EXTRA ").AppendJoin(", ", extra).Append(')');
        }

        work.SpendText(output.Length);
        return output.ToString();
    }

    /// <summary>As <c>strconv.Quote</c>.</summary>
    public static string Quote(string text)
    {
        var output = new StringBuilder("\"", text.Length + 2);
        foreach (var rune in text.EnumerateRunes())
        {
            output.Append(QuotedRune(rune, '"'));
        }

        return output.Append('"').ToString();
    }

    /// <summary>A number as Go prints it: <c>g</c> with the fewest digits that say which number it is.</summary>
    public static string Float(double number) => FormatFloat('g', new Flags(), number);

    private static string QuotedRune(Rune rune, char quote) => rune.Value switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        '\\' => "\\\\",
        var c when c == quote => $"\\{quote}",
        < ' ' or 0x7f => $"\\x{rune.Value:x2}",
        _ when IsPrintable(rune) => rune.ToString(),
        <= 0xFFFF => $"\\u{rune.Value:x4}",
        _ => $"\\U{rune.Value:x8}",
    };

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static int ReadFlags(string format, int i, Flags flags)
    {
        for (; i < format.Length; i++)
        {
            switch (format[i])
            {
                case '-':
                    (flags.Minus, flags.Zero) = (true, false);
                    break;
                case '+':
                    flags.Plus = true;
                    break;
                case '#':
                    flags.Sharp = true;
                    break;
                case ' ':
                    flags.Space = true;
                    break;
                case '0':
                    flags.Zero = !flags.Minus;
                    break;
                default:
                    return i;
            }
        }

        return i;
    }

    // "[2]": which value is next.
    private static int ReadIndex(string format, int i, int count, ref int next, ref bool reordered, ref bool bad)
    {
        if (i >= format.Length || format[i] != '[')
        {
            return i;
        }

        reordered = true;
        var end = format.IndexOf(']', i);
        if (end < 0)
        {
            bad = true;
            return i + 1;
        }

        if (int.TryParse(format.AsSpan(i + 1, end - i - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index >= 1 && index <= count)
        {
            next = index - 1;
        }
        else
        {
            bad = true;
        }

        return end + 1;
    }

    private static int ReadNumber(string format, int i, IReadOnlyList<object?> values, ref int next, out int? number, out bool bad)
    {
        (number, bad) = (null, false);
        if (i < format.Length && format[i] == '*')
        {
            number = next < values.Count && values[next] is long given and >= -WidthMax and <= WidthMax ? (int)given : null;
            bad = number is null;
            next++;
            return i + 1;
        }

        var start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
        {
            i++;
        }

        if (i > start)
        {
            number = i - start <= 5 && int.Parse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture) is var read and <= WidthMax ? read : throw new TemplateException($"a width or precision of printf is more than {WidthMax}");
        }

        return i;
    }

    private static void Write(StringBuilder output, char verb, Flags flags, object? value, Work work, int depth, string? spelled = null)
    {
        work.Enter(depth);
        work.SpendText(output.Length > Work.TextMax ? output.Length : 1);
        switch (verb, value)
        {
            case ('T', _):
                Pad(output, GoValues.TypeOf(value), flags);
                break;
            case ('v', null):
                Pad(output, "<nil>", flags);
                break;
            case (_, null):
                output.Append("%!").Append(spelled ?? verb.ToString()).Append("(<nil>)");
                break;
            case ('v' or 't', bool yes):
                Pad(output, yes ? "true" : "false", flags);
                break;
            case ('v' or 'd' or 'b' or 'o' or 'O' or 'x' or 'X' or 'c' or 'q' or 'U', long number):
                Pad(output, Integer(verb, flags, number), flags);
                break;
            case ('v', double number):
                Pad(output, FormatFloat('g', flags, number), flags, numeric: double.IsFinite(number));
                break;
            case ('e' or 'E' or 'f' or 'F' or 'g' or 'G', double number):
                Pad(output, FormatFloat(verb, flags, number), flags, numeric: double.IsFinite(number));
                break;
            case ('v' or 's' or 'q' or 'x' or 'X', string text):
                Pad(output, String(verb, flags, text), flags);
                break;
            case (_, GoList list):
                output.Append('[');
                Separated(output, list, (item, _) => Write(output, verb, flags, item, work, depth + 1, spelled));
                output.Append(']');
                break;
            case (_, GoMap map):
                output.Append("map[");
                Separated(output, map.Sorted, (key, _) =>
                {
                    Write(output, verb, flags, key, work, depth + 1, spelled);
                    output.Append(':');
                    Write(output, verb, flags, map[key], work, depth + 1, spelled);
                });
                output.Append(']');
                break;
            case (_, GoStruct known):
                output.Append('{');
                Separated(output, known.Fields, (field, _) =>
                {
                    output.Append(flags.Plus ? field.Key + ":" : "");
                    Write(output, verb, flags, field.Value, work, depth + 1, spelled);
                });
                output.Append('}');
                break;
            default:
                output.Append("%!").Append(spelled ?? verb.ToString()).Append('(').Append(GoValues.TypeOf(value)).Append('=');
                Write(output, 'v', new Flags(), value, work, depth + 1);
                output.Append(')');
                break;
        }
    }

    private static void Separated<T>(StringBuilder output, IEnumerable<T> items, Action<T, int> write)
    {
        var i = 0;
        foreach (var item in items)
        {
            output.Append(i == 0 ? "" : " ");
            write(item, i++);
        }
    }

    private static string String(char verb, Flags flags, string text)
    {
        if (flags.Precision is { } most && verb is not ('x' or 'X'))
        {
            text = string.Concat(text.EnumerateRunes().Take(most).Select(rune => rune.ToString()));
        }

        return verb switch
        {
            'q' when flags.Sharp && !text.Contains('`', StringComparison.Ordinal) && text.All(c => c == '\t' || !char.IsControl(c)) => $"`{text}`",
            'q' => Quote(text),
            'x' or 'X' => Hex(verb, flags, Encoding.UTF8.GetBytes(text)),
            _ => text,
        };
    }

    private static string Hex(char verb, Flags flags, byte[] bytes)
    {
        var each = bytes.Take(flags.Precision ?? int.MaxValue).Select(b => b.ToString(verb == 'x' ? "x2" : "X2", CultureInfo.InvariantCulture));
        var prefix = flags.Sharp ? $"0{verb}" : "";
        return flags.Space ? string.Join(' ', each.Select(b => prefix + b)) : string.Concat(each) is { Length: > 0 } all ? prefix + all : "";
    }

    private static string Integer(char verb, Flags flags, long number)
    {
        switch (verb)
        {
            case 'c':
                return Character(number).ToString();
            case 'q':
                return $"'{QuotedRune(Character(number), '\'')}'";
            case 'U':
                return $"U+{number:X4}";
        }

        var size = BigInteger.Abs(number);
        var digits = verb switch
        {
            'b' => size.ToString("B", CultureInfo.InvariantCulture).TrimStart('0'),
            'o' or 'O' => Octal(size),
            'x' => size.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'),
            'X' => size.ToString("X", CultureInfo.InvariantCulture).TrimStart('0'),
            _ => size.ToString(CultureInfo.InvariantCulture),
        };
        digits = digits.Length == 0 ? "0" : digits;
        if (flags.Precision is { } least)
        {
            digits = least == 0 && number == 0 ? "" : digits.PadLeft(least, '0');
        }

        var prefix = (verb, flags.Sharp) switch
        {
            ('O', _) => "0o",
            ('x', true) => "0x",
            ('X', true) => "0X",
            ('b', true) => "0b",
            ('o', true) when !digits.StartsWith('0') => "0",
            _ => "",
        };
        var sign = number < 0 ? "-" : flags.Plus ? "+" : flags.Space ? " " : "";

        // Zeros go between the sign and the digits, and only where no precision is given.
        if (flags.Zero && flags.Precision is null && flags.Width is { } width)
        {
            digits = digits.PadLeft(width - sign.Length, '0');
        }

        return sign + prefix + digits;
    }

    private static string Octal(BigInteger size)
    {
        var digits = new StringBuilder();
        for (; size > 0; size /= 8)
        {
            digits.Insert(0, (int)(size % 8));
        }

        return digits.ToString();
    }

    private static Rune Character(long number) => number is >= 0 and <= 0x10FFFF && Rune.TryCreate((int)number, out var rune) ? rune : Rune.ReplacementChar;

    private static string FormatFloat(char verb, Flags flags, double number)
    {
        var sign = double.IsNegative(number) && !double.IsNaN(number) ? "-" : flags.Plus ? "+" : flags.Space ? " " : "";
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? (flags.Plus ? "+NaN" : "NaN") : (sign.Length == 0 ? "+" : sign) + "Inf";
        }

        var size = Math.Abs(number);
        var digits = verb switch
        {
            'f' or 'F' => size.ToString($"F{flags.Precision ?? 6}", CultureInfo.InvariantCulture),
            'e' or 'E' => Exponential(size, flags.Precision ?? 6, verb),
            _ => General(size, flags.Precision, verb == 'G' ? 'E' : 'e'),
        };
        if (flags.Zero && flags.Width is { } width)
        {
            digits = digits.PadLeft(width - sign.Length, '0');
        }

        return sign + digits;
    }

    private static string Exponential(double size, int precision, char letter)
    {
        var (digits, exponent) = Split(size.ToString($"E{precision}", CultureInfo.InvariantCulture));
        return Exponential(digits, exponent, letter);
    }

    private static string Exponential(string digits, int exponent, char letter) =>
        $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";

    // The fewest digits, or as many as the precision says, without zeros at the end.
    private static string General(double size, int? precision, char letter)
    {
        var (digits, exponent) = Split(precision is null ? Shortest(size) : size.ToString($"E{Math.Max(1, precision.Value) - 1}", CultureInfo.InvariantCulture));
        digits = digits.TrimEnd('0') is { Length: > 0 } some ? some : "0";
        var limit = precision is null ? 6 : precision.Value == 0 ? 1 : precision.Value;
        if (precision is not null && limit > digits.Length && digits.Length >= exponent + 1)
        {
            limit = digits.Length;
        }

        if (exponent < -4 || exponent >= limit)
        {
            return Exponential(digits, exponent, letter);
        }

        return exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
            : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    // In the form of "E": one digit, a point, the rest, and the exponent.
    private static string Shortest(double size)
    {
        for (var precision = 0; precision < 17; precision++)
        {
            var text = size.ToString($"E{precision}", CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) == size)
            {
                return text;
            }
        }

        return size.ToString("E16", CultureInfo.InvariantCulture);
    }

    private static (string Digits, int Exponent) Split(string text)
    {
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        return (text[..mark].Replace(".", "", StringComparison.Ordinal), int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    private static void Pad(StringBuilder output, string text, Flags flags, bool numeric = true)
    {
        var missing = (flags.Width ?? 0) - text.EnumerateRunes().Count();
        if (missing <= 0)
        {
            output.Append(text);
        }
        else if (flags.Minus)
        {
            output.Append(text).Append(' ', missing);
        }
        else
        {
            output.Append(flags.Zero && numeric ? '0' : ' ', missing).Append(text);
        }
    }

    private sealed class Flags
    {
        public bool Minus;
        public bool Plus;
        public bool Sharp;
        public bool Space;
        public bool Zero;
        public int? Width;
        public int? Precision;
    }
}
