using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.S3;

/// <summary>What a claim remembers that is a bucket.</summary>
/// <param name="Server">Ref of the server's claim, as text.</param>
/// <param name="Account">In Swift; there is nothing else in it. Never used again: Swift remembers for a while that an account was deleted.</param>
/// <param name="Bucket">As people see it: small letters, digits and dashes.</param>
internal sealed record BucketState(string Server, string Account, string Bucket)
{
    private const int ChanceLength = 8;

    [JsonIgnore]
    public EntityRef ServerRef => ServerTenant.RefOf(Server);

    /// <param name="program">See <see cref="ServerClaims.Shared"/>.</param>
    public static BucketState New(Claim claim, string program)
    {
        var tenant = ServerTenant.Of(claim, program);
        return new BucketState(tenant.Server, $"{tenant.Name}_{RandomNumberGenerator.GetHexString(ChanceLength, lowercase: true)}", tenant.Name.Replace('_', '-').Trim('-'));
    }
}
