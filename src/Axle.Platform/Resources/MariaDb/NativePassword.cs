using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>
/// What MariaDB keeps of a password for <c>mysql_native_password</c>, which every client library speaks. Computed here, so that
/// no statement and no log of statements ever holds the password itself.
/// </summary>
internal static class NativePassword
{
    /// <summary>No password has this digest.</summary>
    public const string Invalid = "invalid";

    [SuppressMessage("Security", "CA5350", Justification = "The protocol's own digest; the passwords have 190 bits, so it cannot be searched.")]
    public static string Hash(SecretValue password) => $"*{Convert.ToHexString(SHA1.HashData(SHA1.HashData(Encoding.UTF8.GetBytes(password.Reveal()))))}";
}
