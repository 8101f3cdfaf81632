using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Postgres;

/// <summary>What the claim of a database remembers.</summary>
/// <param name="Server">Ref of the server's claim, as text.</param>
/// <param name="Database">Its name, which is also the name of the role that owns everything in it.</param>
internal sealed partial record PostgresState(string Server, string Database)
{
    private const int NameMax = 48;
    private const int DigestLength = 4;

    public EntityRef ServerRef => EntityRef.TryParse(Server, Kinds.ResourceClaim, EntityRef.DefaultNamespace, out var which) ? which : throw new InvalidOperationException($"'{Server}' is no ref.");

    /// <summary>The two users that take turns: odd versions of the credential are <c>a</c>, even ones <c>b</c>.</summary>
    public string User(int version) => $"{Database}_{(version % 2 == 1 ? 'a' : 'b')}";

    /// <summary>The same name for the same claim, always; another one for any other.</summary>
    public static string DatabaseOf(EntityRef claim, string environment)
    {
        var name = claim.Name.EndsWith($".{environment}", StringComparison.OrdinalIgnoreCase) ? claim.Name[..^(environment.Length + 1)] : claim.Name;
        var plain = Other().Replace(name.ToLowerInvariant(), "_");
        return $"{(plain.Length <= NameMax ? plain : plain[..NameMax])}_{BoundedName.Digest(claim.ToString(), DigestLength)}";
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
