using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// <c>$text</c>, <c>$json</c> and <c>$yaml</c>: a mapping with just this key stands for the content of another file of the same
/// repository. What such a file brings is taken as it is, and not looked through again.
/// </summary>
internal sealed class Substitutions(TargetReader reader)
{
    /// <summary>Files that the descriptors of one file may bring.</summary>
    private const int FilesMax = 200;

    private static readonly string[] s_keys = ["$text", "$json", "$yaml"];

    /// <summary>Whether a file may have any; reading is not slowed down for those that have none.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> text) => text.IndexOf("$text"u8) >= 0 || text.IndexOf("$json"u8) >= 0 || text.IndexOf("$yaml"u8) >= 0;

    /// <summary>What becomes of each document. One that needs something which could not be had becomes nothing, so that its last good version stays.</summary>
    public async Task<Func<YamlValue, YamlValue?>> PrepareAsync(Uri file, IEnumerable<YamlValue> documents, List<Problem> problems, CancellationToken stop)
    {
        var found = new Dictionary<YamlValue, YamlValue?>(ReferenceEqualityComparer.Instance);
        foreach (var document in documents)
        {
            Collect(document, found);
        }

        if (found.Count > FilesMax)
        {
            problems.Add(new Problem($"has {found.Count} substitutions, and at most {FilesMax} are made", file.AbsoluteUri));
            return _ => null;
        }

        foreach (var map in found.Keys.ToArray())
        {
            var (key, value) = (((YamlMap)map).Entries[0].Key, ((YamlMap)map).Entries[0].Value);
            if ((await ReadAsync(key, value, file, stop)).TryGet(out var content, out var error))
            {
                found[map] = content;
            }
            else
            {
                problems.Add(new Problem($"{key} {error.Message.TrimEnd('.')}", map.Place?.File ?? file.AbsoluteUri, map.Place?.Line, map.Place?.Column));
            }
        }

        return value => Replace(value, found);
    }

    private async Task<Result<YamlValue>> ReadAsync(string key, YamlValue value, Uri file, CancellationToken stop)
    {
        if (value is not YamlScalar { Type: ScalarType.Text, Text: var written } || SourceHosts.Resolve(file, written) is not { Scheme: "http" or "https", UserInfo.Length: 0 } address)
        {
            return new CatalogInputInvalid("needs the address or the relative path of a file.");
        }

        if (!SourceHosts.AreOneSource(file, address))
        {
            return new CatalogInputInvalid($"may bring files of the same repository only, and {address.AbsoluteUri} is in another.");
        }

        if (!(await reader.ReadAsync(address, stop)).TryGet(out var read, out var error))
        {
            return new CatalogInputInvalid($"cannot be replaced: {error.Message}");
        }

        return key switch
        {
            "$json" => Json(read),
            "$yaml" => Yaml(read),
            _ => new YamlScalar(read.Text, ScalarType.Text, value.Place),
        };
    }

    private static Result<YamlValue> Json(TargetText read)
    {
        try
        {
            using var json = JsonDocument.Parse(read.Text, new JsonDocumentOptions { MaxDepth = StrictYaml.DepthMax });
            return YamlValue.From(json.RootElement);
        }
        catch (InvalidOperationException)
        {
            return new CatalogInputInvalid($"cannot be replaced: {read.Target.AbsoluteUri} has text that is not Unicode.");
        }
        catch (JsonException e)
        {
            return new CatalogInputInvalid($"cannot be replaced: {read.Target.AbsoluteUri} is no JSON (line {e.LineNumber + 1}).");
        }
    }

    private static Result<YamlValue> Yaml(TargetText read)
    {
        var wrong = new List<Problem>();
        // As in a descriptor, a block of text that ends with the file has a line end.
        return StrictYaml.Read(read.Text.EndsWith('\n') ? read.Text : read.Text + "\n", read.Target.AbsoluteUri, wrong, anyKeys: true) is { } tree && wrong.Count == 0
            ? tree
            : new CatalogInputInvalid($"cannot be replaced: {wrong[0]}.");
    }

    private static void Collect(YamlValue value, Dictionary<YamlValue, YamlValue?> found)
    {
        switch (value)
        {
            case YamlList list:
                foreach (var item in list.Items)
                {
                    Collect(item, found);
                }

                break;
            case YamlMap { Entries: [{ Key: var key }] } map when s_keys.Contains(key):
                found[map] = null;
                break;
            case YamlMap map when !map.Entries.Any(entry => entry.Key.StartsWith('$')):
                foreach (var entry in map.Entries)
                {
                    Collect(entry.Value, found);
                }

                break;
        }
    }

    private static YamlValue? Replace(YamlValue value, Dictionary<YamlValue, YamlValue?> found)
    {
        switch (value)
        {
            case YamlMap when found.TryGetValue(value, out var content):
                return content;
            case YamlMap map:
                var entries = map.Entries.Select(entry => (entry, Value: Replace(entry.Value, found))).ToList();
                return entries.Exists(one => one.Value is null) ? null : map with { Entries = [.. entries.Select(one => one.entry with { Value = one.Value! })] };
            case YamlList list:
                var items = list.Items.Select(item => Replace(item, found)).ToList();
                return items.Contains(null) ? null : list with { Items = [.. items.OfType<YamlValue>()] };
            default:
                return value;
        }
    }
}
