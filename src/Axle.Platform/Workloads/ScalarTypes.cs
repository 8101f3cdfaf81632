using System.Globalization;
using System.Text.RegularExpressions;

namespace Axle.Platform.Workloads;

/// <summary>
/// Which plain scalars are no text, by YAML 1.2's core schema and, for integers, also YAML 1.1's forms that other
/// readers of Score accept (<c>0b1</c>, <c>0644</c>, <c>1_000</c>).
/// </summary>
public static partial class ScalarTypes
{
    public static ScalarType OfPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarType.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarType.Boolean,
        _ when !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.') => ScalarType.Text,
        _ when Whole().IsMatch(text) => ScalarType.Integer,
        _ when Fraction().IsMatch(text) => ScalarType.Float,
        _ => ScalarType.Text,
    };

    public static bool IsTrue(string text) => text is "true" or "True" or "TRUE";

    /// <summary>Null when the number does not fit.</summary>
    public static long? ReadInteger(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+');
        var negative = digits.StartsWith('-');
        digits = negative ? digits[1..] : digits;
        try
        {
            var value = digits switch
            {
                ['0', 'x', .. var hex] => Convert.ToInt64(hex, 16),
                ['0', 'o', .. var octal] => Convert.ToInt64(octal, 8),
                ['0', 'b', .. var binary] => Convert.ToInt64(binary, 2),
                ['0', >= '0' and <= '7', ..] when digits.All(c => c <= '7') => Convert.ToInt64(digits, 8),
                _ => long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture),
            };
            return negative ? -value : value;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    public static double? ReadDouble(string text) =>
        double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    [GeneratedRegex(@"^[-+]?(0x[0-9a-fA-F_]*[0-9a-fA-F]|0o[0-7_]*[0-7]|0b[01_]*[01]|[0-9]([0-9_]*[0-9])?)\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Fraction();
}
