using System.Globalization;
using System.Numerics;
using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>JavaScript's numbers as text, and text as numbers.</summary>
internal static class JsNumber
{
    private const double PlainIntegerMax = 1e15;

    /// <summary>2^53: from here on doubles are more than one apart, or about to be.</summary>
    private const double ExactWholeMax = 9007199254740992;

    /// <summary>As <c>String(number)</c>: the shortest digits that give the same number again.</summary>
    public static string ToText(double number)
    {
        if (Math.Abs(number) < PlainIntegerMax && Math.Truncate(number) == number)
        {
            return ((long)number).ToString(CultureInfo.InvariantCulture);
        }

        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        }

        var (digits, point) = Shortest(Math.Abs(number));
        var sign = number < 0 ? "-" : "";
        return point switch
        {
            > 21 or <= -6 => $"{sign}{Scientific(digits, point)}",
            <= 0 => $"{sign}0.{new string('0', -point)}{digits}",
            _ when digits.Length <= point => $"{sign}{digits}{new string('0', point - digits.Length)}",
            _ => $"{sign}{digits[..point]}.{digits[point..]}",
        };
    }

    /// <summary>As <c>Number(text)</c>.</summary>
    public static double FromText(string text)
    {
        var trimmed = JsText.Trim(text);
        if (trimmed.Length == 0)
        {
            return 0;
        }

        if (trimmed.Length > 2 && trimmed[0] == '0' && RadixOf(trimmed[1]) is > 0 and var radix)
        {
            return WholeNumber(trimmed.AsSpan(2), radix, out var used) is var whole && used == trimmed.Length - 2 ? whole : double.NaN;
        }

        return DecimalPrefix(trimmed, out var length) is var number && length == trimmed.Length ? number : double.NaN;
    }

    /// <summary>As <c>parseFloat(text)</c>: the longest beginning that is a number.</summary>
    public static double ParseFloat(string text)
    {
        var trimmed = JsText.TrimStart(text);
        var number = DecimalPrefix(trimmed, out var length);
        return length == 0 ? double.NaN : number;
    }

    /// <summary>As <c>parseInt(text, radix)</c>.</summary>
    public static double ParseInt(string text, double radixGiven)
    {
        var rest = JsText.TrimStart(text).AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        var radix = ToInt32(radixGiven);
        if (radix is 0 or 16 && rest.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            rest = rest[2..];
        }

        radix = radix == 0 ? 10 : radix;
        if (radix is < 2 or > 36)
        {
            return double.NaN;
        }

        var whole = WholeNumber(rest, radix, out var used);
        return used == 0 ? double.NaN : negative ? -whole : whole;
    }

    /// <summary>As <c>number.toFixed(digits)</c>.</summary>
    public static string ToFixed(double number, double digitsGiven)
    {
        var digits = Digits(digitsGiven, 0, "toFixed");
        if (!double.IsFinite(number) || Math.Abs(number) >= 1e21)
        {
            return ToText(number);
        }

        var text = RoundedHalfUp(Math.Abs(number), digits);
        return number < 0 ? "-" + text : text;
    }

    /// <summary>As <c>number.toExponential(digits)</c>.</summary>
    public static string ToExponential(double number, double? digitsGiven)
    {
        var digits = digitsGiven is null ? 0 : ToInteger(digitsGiven.Value);
        if (!double.IsFinite(number))
        {
            return ToText(number);
        }

        if (digitsGiven is null)
        {
            var (shortest, point) = number == 0 ? ("0", 1) : Shortest(Math.Abs(number));
            return (number < 0 ? "-" : "") + Scientific(shortest, point);
        }

        var checkedDigits = Digits(digits, 0, "toExponential");
        var (exact, place) = Significant(Math.Abs(number), checkedDigits + 1);
        return (number < 0 ? "-" : "") + Scientific(exact, place);
    }

    /// <summary>As <c>number.toPrecision(digits)</c>.</summary>
    public static string ToPrecision(double number, double? digitsGiven)
    {
        if (digitsGiven is null || !double.IsFinite(number))
        {
            return ToText(number);
        }

        var precision = Digits(digitsGiven.Value, 1, "toPrecision");
        var (digits, point) = Significant(Math.Abs(number), precision);
        var sign = number < 0 ? "-" : "";
        var exponent = point - 1;
        if (exponent < -6 || exponent >= precision)
        {
            return sign + Scientific(digits, point);
        }

        return point <= 0 ? $"{sign}0.{new string('0', -point)}{digits}"
            : point >= digits.Length ? sign + digits
            : $"{sign}{digits[..point]}.{digits[point..]}";
    }

    /// <summary>As <c>number.toString(radix)</c>.</summary>
    public static string ToRadix(double number, double radixGiven)
    {
        var radix = ToInteger(radixGiven);
        if (radix is < 2 or > 36)
        {
            throw TemplateFault.Evaluation("toString takes a radix from 2 to 36");
        }

        return radix == 10 || !double.IsFinite(number) ? ToText(number) : InRadix(number, (int)radix);
    }

    /// <summary>As ToIntegerOrInfinity of the standard.</summary>
    public static double ToInteger(double number) => double.IsNaN(number) ? 0 : Math.Truncate(number) + 0.0;

    public static uint ToUInt32(double number)
    {
        if (!double.IsFinite(number))
        {
            return 0;
        }

        var modulo = Math.Truncate(number) % 4294967296d;
        return (uint)(modulo < 0 ? modulo + 4294967296d : modulo);
    }

    /// <summary>As <c>Math.round</c>: halves go up, also below zero.</summary>
    public static double Round(double number)
    {
        var floor = Math.Floor(number);
        var rounded = number - floor >= 0.5 ? floor + 1 : floor;
        return rounded == 0 && (number < 0 || double.IsNegative(number)) ? -0.0 : rounded;
    }

    /// <summary>As <c>**</c>, which differs from IEEE's power where a base of one meets an exponent that is no number.</summary>
    public static double Power(double number, double exponent) =>
        double.IsNaN(exponent) || (Math.Abs(number) == 1 && double.IsInfinity(exponent)) ? double.NaN : Math.Pow(number, exponent);

    private static int ToInt32(double number) => unchecked((int)ToUInt32(number));

    private static int Digits(double given, int min, string method)
    {
        var digits = ToInteger(given);
        return digits >= min && digits <= 100 ? (int)digits : throw TemplateFault.Evaluation($"{method} takes {min} to 100 digits");
    }

    /// <summary>The fewest digits that tell this number from all others, and how many of them stand before the point.</summary>
    private static (string Digits, int Point) Shortest(double magnitude)
    {
        var parts = magnitude.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var whole = parts[0].IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? dot : parts[0].Length;
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return (significant.TrimEnd('0'), whole - (digits.Length - significant.Length) + exponent);
    }

    private static string Scientific(string digits, int point)
    {
        var exponent = point - 1;
        return $"{digits[..1]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Exactly this many significant digits, halves rounded up.</summary>
    private static (string Digits, int Point) Significant(double magnitude, int count)
    {
        if (magnitude == 0)
        {
            return (new string('0', count), 1);
        }

        var scientific = magnitude.ToString("E16", CultureInfo.InvariantCulture);
        var point = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) + 1;
        var (numerator, denominator) = Fraction(magnitude);
        for (; ; point++)
        {
            var scale = count - point;
            var digits = RoundedHalfUp(scale >= 0 ? numerator * BigInteger.Pow(10, scale) : numerator, scale >= 0 ? denominator : denominator * BigInteger.Pow(10, -scale));
            var text = digits.ToString(CultureInfo.InvariantCulture);
            if (text.Length <= count)
            {
                // The estimate of the point was one too high when digits are missing.
                if (text.Length < count)
                {
                    point -= 2;
                    continue;
                }

                return (text, point);
            }
        }
    }

    private static string RoundedHalfUp(double magnitude, int decimals)
    {
        var (numerator, denominator) = Fraction(magnitude);
        var digits = RoundedHalfUp(numerator * BigInteger.Pow(10, decimals), denominator).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
    }

    private static BigInteger RoundedHalfUp(BigInteger numerator, BigInteger denominator) => ((2 * numerator) + denominator) / (2 * denominator);

    /// <summary>The exact value of a finite number.</summary>
    private static (BigInteger Numerator, BigInteger Denominator) Fraction(double magnitude)
    {
        var bits = BitConverter.DoubleToInt64Bits(magnitude);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        mantissa = exponent == 0 ? mantissa : mantissa | 0x10000000000000;
        var power = (exponent == 0 ? 1 : exponent) - 1075;
        return power >= 0 ? (new BigInteger(mantissa) << power, BigInteger.One) : (new BigInteger(mantissa), BigInteger.One << -power);
    }

    /// <summary>Digits until they tell this number from its neighbours, as V8 does it.</summary>
    private static string InRadix(double number, int radix)
    {
        const string Symbols = "0123456789abcdefghijklmnopqrstuvwxyz";
        var magnitude = Math.Abs(number);
        var whole = Math.Floor(magnitude);
        var fraction = magnitude - whole;
        var delta = Math.Max(0.5 * (Math.BitIncrement(magnitude) - magnitude), double.Epsilon);
        var decimals = new List<int>();
        if (fraction >= delta)
        {
            do
            {
                fraction *= radix;
                delta *= radix;
                var digit = (int)fraction;
                decimals.Add(digit);
                fraction -= digit;
                if ((fraction > 0.5 || (fraction == 0.5 && (digit & 1) == 1)) && fraction + delta > 1)
                {
                    whole += CarryInto(decimals, radix);
                    break;
                }
            }
            while (fraction >= delta);
        }

        var text = new StringBuilder();

        // Digits that the number is too coarse to have are zeros.
        for (; whole / radix >= ExactWholeMax; whole /= radix)
        {
            text.Insert(0, '0');
        }

        do
        {
            var digit = whole % radix;
            text.Insert(0, Symbols[(int)digit]);
            whole = (whole - digit) / radix;
        }
        while (whole > 0);

        if (decimals.Count > 0)
        {
            text.Append('.').AppendJoin("", decimals.Select(d => Symbols[d]));
        }

        return (number < 0 ? "-" : "") + text;
    }

    /// <summary>Adds one to the last decimal; the answer is what is carried into the whole number.</summary>
    private static int CarryInto(List<int> decimals, int radix)
    {
        while (decimals.Count > 0)
        {
            var digit = decimals[^1] + 1;
            decimals.RemoveAt(decimals.Count - 1);
            if (digit < radix)
            {
                decimals.Add(digit);
                return 0;
            }
        }

        return 1;
    }

    private static int RadixOf(char letter) => letter switch
    {
        'x' or 'X' => 16,
        'o' or 'O' => 8,
        'b' or 'B' => 2,
        _ => 0,
    };

    private static double WholeNumber(ReadOnlySpan<char> text, int radix, out int used)
    {
        used = 0;
        var small = 0d;
        while (used < text.Length && DigitOf(text[used]) is var digit && digit < radix)
        {
            small = (small * radix) + digit;
            used++;
        }

        if (small < PlainIntegerMax)
        {
            return small;
        }

        // Beyond what doubles add up exactly; a number this long is infinite anyway.
        if (used > 1100)
        {
            return double.PositiveInfinity;
        }

        var whole = BigInteger.Zero;
        foreach (var character in text[..used])
        {
            whole = (whole * radix) + DigitOf(character);
        }

        return double.Parse(whole.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static int DigitOf(char character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'a' and <= 'z' => character - 'a' + 10,
        >= 'A' and <= 'Z' => character - 'A' + 10,
        _ => int.MaxValue,
    };

    /// <summary>The longest beginning that is a decimal number or Infinity; no length where there is none.</summary>
    private static double DecimalPrefix(string text, out int length)
    {
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        if (text.AsSpan(at).StartsWith("Infinity", StringComparison.Ordinal))
        {
            length = at + "Infinity".Length;
            return text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var whole = SkipDigits(text, at);
        var end = whole;
        if (end < text.Length && text[end] == '.')
        {
            end = SkipDigits(text, end + 1);
        }

        var digits = end - at - (end > whole ? 1 : 0);
        if (digits == 0)
        {
            length = 0;
            return double.NaN;
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            var exponent = end + 1 < text.Length && text[end + 1] is '+' or '-' ? end + 2 : end + 1;
            var exponentEnd = SkipDigits(text, exponent);
            end = exponentEnd > exponent ? exponentEnd : end;
        }

        length = end;
        return double.Parse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static int SkipDigits(string text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at;
    }
}
