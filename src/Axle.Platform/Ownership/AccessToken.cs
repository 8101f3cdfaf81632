using System.Security.Cryptography;
using System.Text;

namespace Axle.Platform.Ownership;

/// <summary>
/// The text of a token: <c>axl_pat_&lt;id&gt;_&lt;secret&gt;&lt;checksum&gt;</c>. The secret has 256 bits, so a plain SHA-256 at
/// rest is enough; the checksum lets a scanner, or the server, tell a mistyped token without asking the database.
/// </summary>
internal static class AccessToken
{
    private const string Prefix = "axl_pat_";
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 10;

    // 62^43 > 2^256, and 62^6 > 2^32.
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    public static (string Id, string Text) New()
    {
        var id = RandomNumberGenerator.GetString(Alphabet, IdLength);
        var body = $"{Prefix}{id}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return (id, body + Checksum(body));
    }

    /// <summary>A secret without structure, for cookies and login links.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Alphabet, SecretLength);

    /// <summary>The id inside a well-formed token; null for anything else.</summary>
    public static string? IdOf(string text)
    {
        if (text.Length != Prefix.Length + IdLength + 1 + SecretLength + ChecksumLength
            || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text[Prefix.Length + IdLength] != '_'
            || !string.Equals(Checksum(text[..^ChecksumLength]), text[^ChecksumLength..], StringComparison.Ordinal))
        {
            return null;
        }

        return text.Substring(Prefix.Length, IdLength);
    }

    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Checksum(string body)
    {
        var rest = Crc32(Encoding.ASCII.GetBytes(body));
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            digits[i] = Alphabet[(int)(rest % 62)];
            rest /= 62;
        }

        return new string(digits);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
