using System.Security.Cryptography;
using System.Text;

namespace Axle.Platform.Workloads;

/// <summary>Names made of names: one that would be too long ends in a digest of the whole instead, so that it stays unique.</summary>
public static class BoundedName
{
    private const int DigestLength = 10;

    public static string Of(string name, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length <= lengthMax ? name : $"{name[..(lengthMax - DigestLength - 1)].TrimEnd('-', '.', '_')}-{Digest(name, DigestLength)}";
    }

    /// <summary>A short digest in hexadecimal digits.</summary>
    public static string Digest(string name, int length) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..length];
}
