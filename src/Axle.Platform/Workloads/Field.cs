using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// One value of a document on its way into a record: knows its path and place, and writes down each mistake instead of
/// stopping, so that a person sees all of them at once.
/// </summary>
public sealed partial class Field(YamlValue value, string path, Place? place, ICollection<Problem> problems)
{
    public YamlValue Value => value;

    public string Path => path;

    public Place? Place => value.Place ?? place;

    public void Report(string message) => Report(message, Place);

    public void Report(string message, Place? at, string? under = null) =>
        problems.Add(new Problem(message, at?.File, at?.Line, at?.Column, under ?? (path.Length == 0 ? null : path)));

    /// <summary>The value's entries; null, and reported, when it is something else.</summary>
    public Fields? Map()
    {
        if (value is YamlMap map)
        {
            return new Fields(map, this, problems);
        }

        ReportType("a mapping", IsEmpty ? "leave the key out, or write {}" : null);
        return null;
    }

    public IReadOnlyList<Field>? List()
    {
        if (value is YamlList list)
        {
            return [.. list.Items.Select((item, i) => new Field(item, $"{path}.{i}", place, problems))];
        }

        ReportType("a list", IsEmpty ? "leave the key out, or write []" : null);
        return null;
    }

    /// <summary>Text only: a bare number or boolean is refused, because readers differ on how it would be spelled.</summary>
    public string? Text()
    {
        if (value is YamlScalar { Type: ScalarType.Text } text)
        {
            if (!text.Text.Contains('\0', StringComparison.Ordinal))
            {
                return text.Text;
            }

            // Neither a variable nor an argument nor a path can carry it.
            Report("must not contain the character U+0000");
            return null;
        }

        ReportType("text", value is not YamlScalar ? null : IsEmpty ? "write \"\" for empty text" : "put it in quotes");
        return null;
    }

    /// <summary>Text of a certain form.</summary>
    public string? Text(Regex form, string expected)
    {
        // A number in a place with a narrow form is safe to echo and the commonest mistake of all.
        if (value is YamlScalar { Type: ScalarType.Integer or ScalarType.Float } number)
        {
            ReportType("text", $"put it in quotes: \"{Shorten(number.Text)}\"");
            return null;
        }

        if (Text() is not { } text)
        {
            return null;
        }

        if (form.IsMatch(text))
        {
            return text;
        }

        Report($"'{Shorten(text)}' is no {expected}");
        return null;
    }

    public string? OneOf(params ReadOnlySpan<string> allowed)
    {
        if (Text() is not { } text)
        {
            return null;
        }

        foreach (var each in allowed)
        {
            if (text == each)
            {
                return text;
            }
        }

        Report($"'{Shorten(text)}' is not one of {string.Join(", ", allowed!)}");
        return null;
    }

    public string? NotEmpty(string what)
    {
        var text = Text();
        if (text is "")
        {
            Report($"{what} must not be empty");
            return null;
        }

        return text;
    }

    public bool? Boolean()
    {
        if (value is YamlScalar { Type: ScalarType.Boolean } scalar)
        {
            return ScalarTypes.IsTrue(scalar.Text);
        }

        ReportType("true or false", value is YamlScalar { Type: ScalarType.Text, Text: "true" or "false" } ? "without quotes" : null);
        return null;
    }

    public int? Port()
    {
        if (value is not YamlScalar { Type: ScalarType.Integer } scalar)
        {
            ReportType("a number", value is YamlScalar { Type: ScalarType.Text } text && ScalarTypes.OfPlain(text.Text) == ScalarType.Integer ? "without quotes" : null);
            return null;
        }

        if (scalar.Integer is >= 1 and <= 65535)
        {
            return (int)scalar.Integer;
        }

        Report($"{Shorten(scalar.Text)} is no port: ports go from 1 to 65535");
        return null;
    }

    private bool IsEmpty => value is YamlScalar { Type: ScalarType.Null };

    private void ReportType(string expected, string? hint) =>
        Report($"must be {expected}, and is {value.Describe()}{(hint is null ? "" : ": " + hint)}");

    /// <summary>User text for a message: bounded, on one line.</summary>
    public static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings("\\n");
        return line.Length <= 60 ? line : line[..57] + "...";
    }

    /// <summary>The path of an entry, in brackets where its key is not a plain name.</summary>
    public static string Join(string path, string key) =>
        !PlainKey().IsMatch(key) ? $"{path}[\"{Shorten(key)}\"]" : path.Length == 0 ? key : $"{path}.{key}";

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z")]
    private static partial Regex PlainKey();
}

/// <summary>The entries of a mapping, taken one by one; what nobody took is unknown.</summary>
public sealed class Fields(YamlMap map, Field owner, ICollection<Problem> problems)
{
    public IEnumerable<(string Key, Field Value)> All => map.Entries.Select(e => (e.Key, Of(e)));

    public Place? PlaceOf(string key) => map.Find(key)?.Place ?? owner.Place;

    public bool Has(string key) => map.Find(key) is not null;

    public bool Find(string key, [NotNullWhen(true)] out Field? field)
    {
        field = map.Find(key) is { } entry ? Of(entry) : null;
        return field is not null;
    }

    /// <summary>As <see cref="Find"/>; a missing key is reported.</summary>
    public bool Require(string key, [NotNullWhen(true)] out Field? field)
    {
        if (Find(key, out field))
        {
            return true;
        }

        owner.Report($"the key '{key}' is missing");
        return false;
    }

    /// <summary>Reports every key but these, with the nearest one.</summary>
    public void Only(params string[] known)
    {
        foreach (var entry in map.Entries.Where(e => !known.Contains(e.Key)))
        {
            var hint = Nearest.To(entry.Key, known) is { } meant ? $"did you mean '{meant}'?" : $"known here: {string.Join(", ", known)}";
            owner.Report($"unknown key '{Field.Shorten(entry.Key)}'; {hint}", entry.Place ?? owner.Place, Field.Join(owner.Path, entry.Key));
        }
    }

    /// <summary>Every entry as a record, keys checked; entries with mistakes are left out.</summary>
    public IReadOnlyDictionary<string, T> Each<T>(Regex keyForm, string expectedKey, Func<string, Field, T?> read)
        where T : class
    {
        var result = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, field) in All)
        {
            if (!keyForm.IsMatch(key))
            {
                owner.Report($"'{Field.Shorten(key)}' is no {expectedKey}", PlaceOf(key), field.Path);
            }

            if (read(key, field) is { } value)
            {
                result[key] = value;
            }
        }

        return result;
    }

    // An empty value has its mark after the colon or on the next line; the key is where a person would look.
    private Field Of(YamlEntry entry)
    {
        var value = entry.Value is YamlScalar { Type: ScalarType.Null } nothing ? nothing with { Place = entry.Place } : entry.Value;
        return new Field(value, Field.Join(owner.Path, entry.Key), entry.Place ?? owner.Place, problems);
    }
}

/// <summary>Finds what someone probably meant.</summary>
public static class Nearest
{
    private const int DistanceMax = 3;

    public static string? To(string word, IEnumerable<string> known) =>
        word.Length > 64 ? null : known
            .Select(k => (Word: k, Distance: Distance(word.ToUpperInvariant().Replace("_", "", StringComparison.Ordinal), k.ToUpperInvariant())))
            .Where(k => k.Distance <= Math.Min(DistanceMax, Math.Max(1, k.Word.Length / 2)))
            .OrderBy(k => k.Distance)
            .Select(k => k.Word)
            .FirstOrDefault();

    // Levenshtein's, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
