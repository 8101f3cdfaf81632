using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.S3;

/// <summary>
/// An access key of S3. Whoever checks a signature needs the secret as it is, so it is not kept with the server: the server makes
/// it again from the id and its master secret (<c>swift_keys.py</c>, which does the same).
/// </summary>
internal static class AccessKey
{
    private const int SecretBytes = 30;
    private const int IdLength = 18;

    /// <summary>A key that there never was.</summary>
    public static Login New(SecretValue master)
    {
        var id = $"AX{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", IdLength)}";
        return new Login(id, SecretOf(id, master));
    }

    public static SecretValue SecretOf(string id, SecretValue master)
    {
        var code = HMACSHA256.HashData(Encoding.UTF8.GetBytes(master.Reveal()), Encoding.UTF8.GetBytes(id));
        return new SecretValue(Convert.ToBase64String(code[..SecretBytes]).Replace('+', '-').Replace('/', '_'));
    }
}
