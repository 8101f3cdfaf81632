using System.Globalization;
using System.Text;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>Changes a document before it is read, as Score's own tools do: a whole file merged in, or single properties.</summary>
internal static class Overrides
{
    /// <summary>Names in a property's path; no workload is deeper.</summary>
    private const int PathMax = 16;

    /// <summary>Mappings are merged, an empty value deletes its key, anything else replaces.</summary>
    public static YamlValue Merge(YamlValue into, YamlValue with)
    {
        if (into is not YamlMap map || with is not YamlMap changes)
        {
            return with;
        }

        var result = map.Entries.ToList();
        foreach (var change in changes.Entries)
        {
            var at = result.FindIndex(e => e.Key == change.Key);
            var deletes = change.Value is YamlScalar { Type: ScalarType.Null };
            if (at < 0 && !deletes)
            {
                result.Add(change);
            }
            else if (at >= 0 && deletes)
            {
                result.RemoveAt(at);
            }
            else if (at >= 0)
            {
                result[at] = result[at] with { Value = Merge(result[at].Value, change.Value) };
            }
        }

        return map with { Entries = result };
    }

    /// <summary>Sets one property: <c>a.b.0=value</c>, where the value is YAML; nothing after <c>=</c> deletes; the index -1 appends; <c>\.</c> is a dot in a key.</summary>
    public static Result<YamlValue> Set(YamlValue root, string property)
    {
        var equals = property.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return Refuse(property, "a property override is written path=value");
        }

        YamlValue? value = null;
        if (equals + 1 < property.Length)
        {
            var problems = new List<Problem>();
            value = StrictYaml.Read(property[(equals + 1)..], null, problems);
            if (value is null || problems.Count > 0)
            {
                return Refuse(property, $"its value {problems[0].Message}");
            }

            value = value is YamlScalar { Type: ScalarType.Null } ? null : WithoutPlaces(value);
        }

        var path = SplitPath(property[..equals]);
        if (path.Count > PathMax)
        {
            return Refuse(property, $"its path has {path.Count} names, and at most {PathMax} are read");
        }

        try
        {
            return Set(root, path, value);
        }
        catch (OverrideException e)
        {
            return Refuse(property, e.Message);
        }
    }

    internal static IReadOnlyList<string> SplitPath(string path)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            switch (path[i])
            {
                case '\\' when i + 1 < path.Length && path[i + 1] is '.' or '\\':
                    part.Append(path[++i]);
                    break;
                case '.':
                    parts.Add(part.ToString());
                    part.Clear();
                    break;
                default:
                    part.Append(path[i]);
                    break;
            }
        }

        return [.. parts, part.ToString()];
    }

    private static YamlValue Set(YamlValue node, IReadOnlyList<string> path, YamlValue? value) => node switch
    {
        YamlMap map => SetKey(map, path, value),
        YamlList list => SetItem(list, path, value),
        _ => throw new OverrideException($"'{path[0]}' stands inside {node.Describe()}, which has no parts"),
    };

    private static YamlMap SetKey(YamlMap map, IReadOnlyList<string> path, YamlValue? value)
    {
        var entries = map.Entries.ToList();
        var at = entries.FindIndex(e => e.Key == path[0]);
        var replaced = path.Count > 1 ? Set(at < 0 ? new YamlMap([], null) : entries[at].Value, [.. path.Skip(1)], value) : value;
        if (replaced is null)
        {
            entries.RemoveAll(e => e.Key == path[0]);
        }
        else if (at >= 0)
        {
            entries[at] = entries[at] with { Value = replaced };
        }
        else
        {
            entries.Add(new YamlEntry(path[0], null, replaced));
        }

        return map with { Entries = entries };
    }

    private static YamlList SetItem(YamlList list, IReadOnlyList<string> path, YamlValue? value)
    {
        if (!int.TryParse(path[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            throw new OverrideException($"'{path[0]}' is no index of a list");
        }

        var items = list.Items.ToList();
        if (index == -1 && path.Count == 1 && value is not null)
        {
            return list with { Items = [.. items, value] };
        }

        if (index < 0 || index >= items.Count)
        {
            throw new OverrideException($"the list has {items.Count} items, so the index {index} is out of range");
        }

        if (path.Count > 1)
        {
            items[index] = Set(items[index], [.. path.Skip(1)], value);
        }
        else if (value is null)
        {
            items.RemoveAt(index);
        }
        else
        {
            items[index] = value;
        }

        return list with { Items = items };
    }

    // Line 1 of a command line's value is no place in the file.
    private static YamlValue WithoutPlaces(YamlValue value) => value switch
    {
        YamlMap map => new YamlMap([.. map.Entries.Select(e => new YamlEntry(e.Key, null, WithoutPlaces(e.Value)))], null),
        YamlList list => new YamlList([.. list.Items.Select(WithoutPlaces)], null),
        _ => value with { Place = null },
    };

    private static Error Refuse(string property, string why) =>
        ScoreErrors.Invalid(null, [new Problem(why, Path: Field.Shorten(property.Split('=')[0]))]);

    private sealed class OverrideException(string message) : Exception(message);
}
