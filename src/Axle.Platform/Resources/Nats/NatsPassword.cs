using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Nats;

/// <summary>What NATS keeps of a password: bcrypt.</summary>
internal static class NatsPassword
{
    /// <summary>The least. A server checks all its clients each time it reads its settings, and 190 bits cannot be searched at any speed.</summary>
    private const int Cost = 4;

    private const int SaltLetters = 21;
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <param name="salt">Anything that differs between servers; null makes one of chance.</param>
    public static string Hash(SecretValue password, byte[]? salt = null)
    {
        var bytes = salt is null ? RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes) : SHA256.HashData(salt);
        var letters = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"$2a${Cost:00}$"));
        for (var index = 0; index < SaltLetters; index++)
        {
            letters.Append(Alphabet[bytes[index] % Alphabet.Length]);
        }

        // The last letter holds two bits only; this one has none of the others.
        return BCrypt.Net.BCrypt.HashPassword(password.Reveal(), letters.Append('.').ToString());
    }
}
