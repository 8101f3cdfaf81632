using System.Text;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>What a secret may be called and hold: a name that works as an environment variable, and text that fits into one.</summary>
internal static partial class SecretNames
{
    public const int NameMax = 128;
    public const int ValueBytesMax = 64 << 10;

    public static Error? Refuse(string name) => name.Length <= NameMax && Name().IsMatch(name) ? null : new NameRefused(name);

    public static Error? RefuseValue(string name, string value)
    {
        if (value.Length == 0)
        {
            return new ValueRefused(name, "is empty", "To remove it: axle secret unset " + name);
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            return new ValueRefused(name, "holds a zero byte, which no environment variable can", "Encode it as Base64.");
        }

        return value.Length > ValueBytesMax || Encoding.UTF8.GetByteCount(value) > ValueBytesMax
            ? new ValueRefused(name, $"has more than {ValueBytesMax >> 10} KiB", "Keep what is larger in a file store, and its key here.")
            : null;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Name();
}
