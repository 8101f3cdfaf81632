using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// What PostgreSQL keeps of a password (RFC 5803, SCRAM-SHA-256). Computed here, so that no statement and no server log ever
/// holds the password itself.
/// </summary>
internal static class Scram
{
    private const int Iterations = 4096;
    private const int SaltBytes = 16;

    /// <summary>A password that needs no normalization and no quoting anywhere: letters and digits of 190 bits.</summary>
    public static SecretValue NewPassword() => new(RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 32));

    /// <param name="password">Letters and digits.</param>
    /// <param name="salt">Anything that is not known to others and differs between servers; null makes one of chance.</param>
    public static string Verifier(SecretValue password, byte[]? salt = null)
    {
        var first = salt is null ? RandomNumberGenerator.GetBytes(SaltBytes) : SHA256.HashData(salt)[..SaltBytes];
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Reveal()), first, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(first)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
