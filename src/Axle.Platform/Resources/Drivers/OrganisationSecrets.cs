using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>Secrets of the organisation that a provisioner's configuration names.</summary>
internal static class OrganisationSecrets
{
    /// <summary>The values of a mapping from some name to the name of a secret.</summary>
    /// <param name="field">The mapping in the configuration.</param>
    public static Result<IReadOnlyDictionary<string, string>> Read(ISecrets secrets, Claim claim, string field)
    {
        var config = claim.Provisioner.Config;
        if (config.ValueKind != JsonValueKind.Object || !config.TryGetProperty(field, out var names) || names.ValueKind != JsonValueKind.Object)
        {
            return Result<IReadOnlyDictionary<string, string>>.Of(new Dictionary<string, string>());
        }

        // A claim is no component and has no team here: what it may read is the organisation's and nobody else's.
        var environment = claim.Spec.Environment.Name;
        if (!secrets.For(claim.Ref, environment).TryGet(out var all, out var error))
        {
            return error;
        }

        var values = new Dictionary<string, string>();
        foreach (var each in names.EnumerateObject())
        {
            if (each.Value.ValueKind != JsonValueKind.String || !all.TryGetValue(each.Value.GetString()!, out var value))
            {
                return new NoSuchSecret(each.Value.ToString(), environment);
            }

            values[each.Name] = value.Reveal();
        }

        return values;
    }
}
