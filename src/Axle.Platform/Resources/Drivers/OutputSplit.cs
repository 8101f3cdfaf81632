using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// Parts a provisioner's outputs into open and secret ones. Secret is what the provisioner or the type says, what is named
/// like a secret, and what contains one: an address with a password in it, or a text made with a password of the state.
/// </summary>
internal static partial class OutputSplit
{
    /// <summary>Shorter values are found everywhere by chance.</summary>
    private const int ValueMin = 6;

    public static (IReadOnlyDictionary<string, JsonElement> Open, IReadOnlyDictionary<string, string> Secret) Of(ProvisionerSpec provisioner, JsonObject outputs, IEnumerable<string> secretValues)
    {
        var known = secretValues.Where(value => value.Length >= ValueMin).ToHashSet(StringComparer.Ordinal);
        var secret = outputs.Where(output => ResourceTypes.IsSecret(provisioner, output.Key)).ToDictionary(output => output.Key, output => Text(output.Value));
        known.UnionWith(secret.Values.Where(value => value.Length >= ValueMin));

        var open = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in outputs.Where(output => !secret.ContainsKey(output.Key)))
        {
            if (Reveals(value, known))
            {
                secret[name] = Text(value);
            }
            else if (value is not null)
            {
                open[name] = JsonSerializer.SerializeToElement(value);
            }
        }

        return (open, secret);
    }

    /// <summary>Every text in a value that stands under a name which says secret.</summary>
    public static IEnumerable<string> SecretTexts(JsonNode? value, bool underSecret = false) => value switch
    {
        JsonObject map => map.SelectMany(entry => SecretTexts(entry.Value, underSecret || ResourceTypes.SaysSecret(entry.Key))),
        JsonArray list => list.SelectMany(item => SecretTexts(item, underSecret)),
        JsonValue text when underSecret => [Text(text)],
        _ => [],
    };

    /// <summary>Whether a text has one of the secret values in it.</summary>
    public static bool Holds(string text, IEnumerable<string> secretValues) =>
        Login().IsMatch(text) || secretValues.Any(value => value.Length >= ValueMin && text.Contains(value, StringComparison.Ordinal));

    private static bool Reveals(JsonNode? value, HashSet<string> known) => value switch
    {
        JsonObject map => map.Any(entry => ResourceTypes.SaysSecret(entry.Key) || Reveals(entry.Value, known)),
        JsonArray list => list.Any(item => Reveals(item, known)),
        null => false,
        _ => Holds(Text(value), known),
    };

    private static string Text(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : value?.ToJsonString() ?? "";

    // A user and a password in an address.
    [GeneratedRegex(@"://[^/@\s:]*:[^/@\s]+@")]
    private static partial Regex Login();
}
