using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Resources.ProvisionerFiles;

/// <summary>What the entity of a provisioner is called: readable, and the same for the same uri, type, class, id and environment.</summary>
internal static partial class ProvisionerNames
{
    private const int LengthMax = 63;
    private const int DigestLength = 8;

    public static string Of(ProvisionerSpec spec)
    {
        var uri = Slug(spec.Uri.Replace("://", "-", StringComparison.Ordinal));
        var parts = new List<string> { uri };
        foreach (var part in new[] { spec.Type, spec.Class, spec.Id, spec.Environment }.OfType<string>().Select(Slug))
        {
            // "template-default-provisioners-redis" says its type already.
            if (part.Length > 0 && !$"-{parts[^1]}".EndsWith($"-{part}", StringComparison.Ordinal))
            {
                parts.Add(part);
            }
        }

        var name = string.Join('-', parts);
        return name.Length <= LengthMax && spec is { Class: null, Id: null, Environment: null } ? name : $"{name[..Math.Min(name.Length, LengthMax - DigestLength - 1)].TrimEnd('-')}-{Digest(spec)}";
    }

    private static string Slug(string text) => NotPlain().Replace(text.ToLowerInvariant(), "-").Trim('-');

    private static string Digest(ProvisionerSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', spec.Uri, spec.Type, spec.Class, spec.Id, spec.Environment))))[..DigestLength];

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotPlain();
}
