using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// Takes a task's secrets out of everything that is written down: the values, what they look like in Base64, JSON and addresses,
/// and what the template makes of them.
/// </summary>
internal sealed class TaskRedaction(ISecrets? secrets)
{
    /// <summary>What stands in a secret's place, as in Backstage's logs.</summary>
    public const string Mark = "***";

    /// <summary>Shorter ones would be found everywhere; they are taken out where they are all that a text says.</summary>
    private const int LengthMin = 2;

    /// <summary>Other forms of short values would be found by chance.</summary>
    private const int FormsFrom = 5;

    /// <summary>A template that makes more different texts of its secrets has all its texts taken out.</summary>
    private const int FormsMax = 20_000;

    private readonly HashSet<string> _forms = new(StringComparer.Ordinal);
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private string[] _longestFirst = [];

    public void Add(IEnumerable<string> values)
    {
        lock (_gate)
        {
            foreach (var value in values.Where(_added.Add))
            {
                _forms.UnionWith(Forms(value));
            }

            if (_forms.Count != _longestFirst.Length)
            {
                _longestFirst = [.. _forms.OrderByDescending(form => form.Length)];
            }
        }
    }

    /// <summary>
    /// Learns from an input rendered with the secrets and the same rendered with <see cref="Mark"/> in their place: a text that differs by
    /// more than the values themselves holds something that was made of them, and is taken out as a whole.
    /// </summary>
    /// <returns>Whether something that is no text was made of them too: numbers and the like cannot be found again in what is written.</returns>
    public bool AddDifferences(JsonNode? with, JsonNode? without)
    {
        var found = new List<string>();
        var others = Compare(with, without, Own, found);
        Add(found);
        return others;
    }

    public string Redact(string text)
    {
        text = Own(text);
        return secrets?.Redact(text) ?? text;
    }

    private string Own(string text)
    {
        var forms = _longestFirst;
        if (forms.Length > FormsMax || (text.Length is > 0 and < LengthMin && IsAdded(text)))
        {
            return Mark;
        }

        foreach (var form in forms)
        {
            if (text.Contains(form, StringComparison.Ordinal))
            {
                text = text.Replace(form, Mark, StringComparison.Ordinal);
            }
        }

        return text;
    }

    private bool IsAdded(string text)
    {
        lock (_gate)
        {
            return _added.Contains(text);
        }
    }

    /// <summary>A copy with every text redacted, names included.</summary>
    public JsonNode? Redact(JsonNode? node) => node switch
    {
        JsonObject record => new JsonObject(record.Select(member => KeyValuePair.Create(Redact(member.Key), Redact(member.Value))).DistinctBy(member => member.Key)),
        JsonArray array => new JsonArray([.. array.Select(Redact)]),
        JsonValue value when value.TryGetValue<string>(out var text) => Redact(text),
        _ => node?.DeepClone(),
    };

    private static bool Compare(JsonNode? with, JsonNode? without, Func<string, string> own, List<string> found)
    {
        var differs = false;
        switch (with)
        {
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (!(without is JsonValue other && other.TryGetValue<string>(out var plain) && (plain == text || plain == own(text))))
                {
                    found.Add(text);
                }

                break;
            case JsonArray array:
                differs = array.Count != (without as JsonArray)?.Count;
                for (var i = 0; i < array.Count; i++)
                {
                    differs |= Compare(array[i], without is JsonArray others && i < others.Count ? others[i] : null, own, found);
                }

                break;
            case JsonObject record:
                differs = without is not JsonObject;
                foreach (var (name, member) in record)
                {
                    var known = without is JsonObject others && others.ContainsKey(name);
                    if (!known)
                    {
                        // A name that only exists with the secrets may be one, unless it only lacks its value.
                        found.AddRange(member is JsonObject or JsonArray ? [name] : []);
                    }

                    differs |= Compare(member, known ? ((JsonObject)without!)[name] : null, own, found);
                }

                break;
            default:
                differs = !JsonNode.DeepEquals(with, without);
                break;
        }

        return differs;
    }

    private static IEnumerable<string> Forms(string value)
    {
        foreach (var plain in (string[])[value, value.Trim(), .. Lines(value)])
        {
            if (plain.Length < LengthMin)
            {
                continue;
            }

            yield return plain;
            if (plain.Length < FormsFrom)
            {
                continue;
            }

            yield return JavaScriptEncoder.Default.Encode(plain);
            yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(plain);
            yield return Uri.EscapeDataString(plain);
            foreach (var coded in Base64(Encoding.UTF8.GetBytes(plain)))
            {
                yield return coded;
                yield return coded.Replace('+', '-').Replace('/', '_');
            }
        }
    }

    private static IEnumerable<string> Lines(string value) =>
        value.Contains('\n', StringComparison.Ordinal) ? value.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= FormsFrom) : [];

    /// <summary>As the value is written alone, and in the midst of other bytes: three places that it can have within a group of three.</summary>
    private static IEnumerable<string> Base64(byte[] bytes)
    {
        yield return Convert.ToBase64String(bytes).TrimEnd('=');
        for (var before = 0; before < 3; before++)
        {
            // Letters that only depend on the value's own bytes.
            var first = (before * 8 + 5) / 6;
            var last = (before + bytes.Length) * 8 / 6;
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]).TrimEnd('=');
            if (last - first >= FormsFrom)
            {
                yield return whole[first..last];
            }
        }
    }
}
