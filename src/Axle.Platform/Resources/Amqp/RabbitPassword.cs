using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Amqp;

/// <summary>What RabbitMQ keeps of a password (<c>rabbit_password_hashing_sha256</c>).</summary>
internal static class RabbitPassword
{
    public const string Algorithm = "rabbit_password_hashing_sha256";

    private const int SaltBytes = 4;

    /// <param name="salt">Anything that differs between brokers; null makes one of chance.</param>
    public static string Hash(SecretValue password, byte[]? salt = null)
    {
        var first = salt is null ? RandomNumberGenerator.GetBytes(SaltBytes) : SHA256.HashData(salt)[..SaltBytes];
        return Convert.ToBase64String([.. first, .. SHA256.HashData([.. first, .. Encoding.UTF8.GetBytes(password.Reveal())])]);
    }
}
