using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Secrets;

/// <summary>The kind <c>Secret</c>: what the catalogue shows of secrets, which is everything but their values.</summary>
public static class SecretKind
{
    private const int NameMax = 63;
    private const int DigestLength = 10;

    public static readonly EntityKind<SecretSpec, SecretStatus> Instance = new(Contracts.Kinds.AxleApi, Contracts.Kinds.Secret) { Internal = true, Edges = Edges };

    /// <summary>Of a component, or of the thing whose credential it is.</summary>
    public static RelationType Of { get; } = new("secretOf", "hasSecret");

    /// <summary>To teams and components that are given it too.</summary>
    public static RelationType SharedWith { get; } = new("sharedWith", "givenSecret");

    /// <summary>The entity of a secret: readable where it can be, and always unique (entity names know no upper case).</summary>
    internal static EntityRef RefOf(SecretScope scope, string name)
    {
        string[] parts = [.. scope.Path.Split('/').Where((_, i) => scope.Subject is null || i != (scope.IsOwn ? 2 : 1)), name];
        var readable = string.Join('.', parts).ToLowerInvariant();
        var space = scope.Subject?.Namespace ?? EntityRef.DefaultNamespace;
        if (readable.Length <= NameMax && parts.All(part => !part.Contains('.', StringComparison.Ordinal)) && char.IsAsciiLetterOrDigit(readable[^1]) && !name.Contains('-', StringComparison.Ordinal))
        {
            return Instance.Ref(readable, space);
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{scope.Path}|{name}")))[..DigestLength];
        return Instance.Ref($"{readable[..Math.Min(readable.Length, NameMax - DigestLength - 1)].TrimEnd('-', '.', '_')}-{digest}", space);
    }

    private static IEnumerable<Relation> Edges(SecretSpec spec)
    {
        if (spec.Owner is { } owner)
        {
            yield return new Relation("ownedBy", owner);
        }

        if (spec.Of is { } of)
        {
            yield return new Relation(Of.Name, of);
        }

        foreach (var other in spec.SharedWith)
        {
            yield return new Relation(SharedWith.Name, other);
        }
    }
}
