using System.Globalization;
using System.Text.RegularExpressions;

namespace Axle.Platform.Workloads;

/// <summary>Score's quantities as numbers.</summary>
public static partial class Quantity
{
    /// <summary>Thousandths of a CPU, rounded up; null when the text is no CPU quantity or too large.</summary>
    public static int? CpuMillis(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Cpu().IsMatch(text))
        {
            return null;
        }

        var (number, factor) = text.EndsWith('m') ? (text[..^1], 1m) : (text, 1000m);
        return Scale(number, factor) is { } millis and <= int.MaxValue ? (int)millis : null;
    }

    /// <summary>Bytes, rounded up; null when the text is no memory quantity or too large.</summary>
    public static long? Bytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Memory().IsMatch(text))
        {
            return null;
        }

        var number = text.TrimEnd('i', 'K', 'M', 'G', 'T', 'P', 'E');
        var unit = text[number.Length..];
        var power = unit.Length == 0 ? 0 : "KMGTPE".IndexOf(unit[0], StringComparison.Ordinal) + 1;
        var factor = 1m;
        for (var i = 0; i < power; i++)
        {
            factor *= unit.EndsWith('i') ? 1024 : 1000;
        }

        return Scale(number, factor);
    }

    private static long? Scale(string number, decimal factor)
    {
        try
        {
            return decimal.ToInt64(decimal.Ceiling(decimal.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * factor));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[0-9]+(?:m|\.[0-9]+)?\z")]
    private static partial Regex Cpu();

    [GeneratedRegex(@"^(0\.[0-9]+|[1-9][0-9]*(\.[0-9]+)?)(K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?\z")]
    private static partial Regex Memory();
}
