using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Servers;

/// <summary>What a claim remembers that is a part of a shared server: a database, a virtual host.</summary>
/// <param name="Server">Ref of the server's claim, as text.</param>
/// <param name="Name">Of the part, and the beginning of its users' names: small letters, digits and <c>_</c>.</param>
internal sealed partial record ServerTenant(string Server, string Name)
{
    private const int NameMax = 48;
    private const int DigestLength = 4;

    [JsonIgnore]
    public EntityRef ServerRef => RefOf(Server);

    /// <summary>The two users that take turns.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Users => [User(1), User(2)];

    /// <summary>Odd versions of the credential are <c>a</c>, even ones <c>b</c>.</summary>
    public string User(int version) => $"{Name}_{(version % 2 == 1 ? 'a' : 'b')}";

    /// <summary>What the claim remembers, or will: a part of the server of its environment.</summary>
    /// <param name="program">See <see cref="ServerClaims.Shared"/>.</param>
    public static ServerTenant Of(Claim claim, string program) =>
        claim.State<ServerTenant>() ?? new ServerTenant(ServerClaims.Shared(program, claim.Spec.Environment).ToString(), NameOf(claim.Ref, claim.Spec.Environment.Name));

    public static EntityRef RefOf(string server) => EntityRef.TryParse(server, Kinds.ResourceClaim, EntityRef.DefaultNamespace, out var which) ? which : throw new InvalidOperationException($"'{server}' is no ref.");

    /// <summary>The server that a claim stands on, for claims of any type; null when it stands on none, or is one itself.</summary>
    public static EntityRef? StandsOn(ResourceClaimStatus status) =>
        status.State.ValueKind == JsonValueKind.Object && status.State.TryGetProperty("server", out var server) && server.ValueKind == JsonValueKind.String
            && EntityRef.TryParse(server.GetString(), Kinds.ResourceClaim, EntityRef.DefaultNamespace, out var which)
            ? which
            : null;

    /// <summary>The same name for the same claim, always; another one for any other.</summary>
    public static string NameOf(EntityRef claim, string environment)
    {
        var name = claim.Name.EndsWith($".{environment}", StringComparison.OrdinalIgnoreCase) ? claim.Name[..^(environment.Length + 1)] : claim.Name;
        var plain = Other().Replace(name.ToLowerInvariant(), "_");
        return $"{(plain.Length <= NameMax ? plain : plain[..NameMax])}_{BoundedName.Digest(claim.ToString(), DigestLength)}";
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
