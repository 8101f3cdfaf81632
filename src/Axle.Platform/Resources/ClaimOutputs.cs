using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources;

/// <summary>What a ready claim gives, with its secrets: only for those who are about to hand it to a workload or a person.</summary>
internal sealed class ClaimOutputs(ISecrets secrets, KnownProvisioners provisioners)
{
    /// <summary>Name of the own secret that holds the login of a claim.</summary>
    public const string LoginName = "login";

    /// <summary>Name of the own secret that holds the secret outputs of a claim without logins.</summary>
    public const string OutputsName = "outputs";

    /// <param name="Values">An object.</param>
    /// <param name="Secrets">The values in it that are secret.</param>
    public sealed record Found(JsonElement Values, IReadOnlyList<string> Secrets);

    public Result<Found> Of(Entity<ResourceClaimSpec, ResourceClaimStatus> claim)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in claim.Status.Outputs)
        {
            values[key] = value;
        }

        var closed = new List<string>();
        if (provisioners.DriverOf(claim.Status.Provisioner) is ILoginDriver driver)
        {
            if (!Login(claim.Ref, claim.Status.CredentialVersion).TryGet(out var login, out var error))
            {
                return error;
            }

            var password = login.Password.Reveal();
            foreach (var (key, value) in driver.Outputs(claim.Status, login))
            {
                values[key] = values.GetValueOrDefault(key) ?? value;
                if (value.Contains(password, StringComparison.Ordinal))
                {
                    closed.Add(value);
                }
            }
        }
        else if (claim.Status.SecretOutputs.Count > 0)
        {
            if (!secrets.Own(claim.Ref, OutputsName).TryGet(out var own, out var error))
            {
                return error;
            }

            foreach (var (key, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(own?.Value.Reveal() ?? "{}")!)
            {
                values[key] = value;
                closed.Add(value);
            }
        }

        return new Found(JsonSerializer.SerializeToElement(values, EntityJson.Options), closed);
    }

    /// <summary>One version of a claim's login.</summary>
    public Result<Login> Login(EntityRef claim, int version) =>
        !secrets.Own(claim, LoginName, version).TryGet(out var own, out var error) ? error
        : own is null ? new Error("resources.login_lost", $"The login of {claim.Name}, version {version}, is not in the secret store.", $"axle resource rotate {claim.Name}", 500)
        : Read(own.Value);

    /// <summary>How a login is kept: both parts in one secret, since they change together.</summary>
    public static SecretValue Write(Login login) => new(JsonSerializer.Serialize(new Dictionary<string, string> { ["username"] = login.Username, ["password"] = login.Password.Reveal() }));

    public static Login Read(SecretValue kept)
    {
        var parts = JsonSerializer.Deserialize<Dictionary<string, string>>(kept.Reveal())!;
        return new Login(parts["username"], new SecretValue(parts["password"]));
    }
}
