using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Axle.Platform.Secrets;

/// <summary>
/// Takes secret values out of text: the values themselves, and their Base64, URL-encoded and JSON-escaped forms. One search
/// for all of them at once; a new one is made when a secret changes.
/// </summary>
internal sealed class Redactor(SecretStore store)
{
    /// <summary>Shorter values would be found everywhere by chance.</summary>
    public const int LengthMin = 6;

    private const int LineMin = 16;
    private Search? _search;

    public string Redact(string text)
    {
        var search = Volatile.Read(ref _search);
        if (search is null || !ReferenceEquals(search.Snapshot, store.Snapshot))
        {
            search = Search.Of(store.Snapshot, store.All);
            Volatile.Write(ref _search, search);
        }

        return search.Replace(text);
    }

    /// <summary>Each form in which a value can stand in a text.</summary>
    internal static IEnumerable<string> Forms(string value)
    {
        foreach (var plain in Plain(value).Where(plain => plain.Length >= LengthMin).Distinct())
        {
            yield return plain;
            var bytes = Encoding.UTF8.GetBytes(plain);
            var base64 = Convert.ToBase64String(bytes).TrimEnd('=');
            yield return base64;
            yield return base64.Replace('+', '-').Replace('/', '_');
            yield return Uri.EscapeDataString(plain);
            yield return JavaScriptEncoder.Default.Encode(plain);
            yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(plain);
        }
    }

    /// <summary>The value, the lines of one that has several (a log takes in line by line), and the texts inside a JSON object.</summary>
    private static IEnumerable<string> Plain(string value)
    {
        yield return value;
        if (value.Trim() is var trimmed && trimmed.Length != value.Length)
        {
            yield return trimmed;
        }

        if (value.Contains('\n', StringComparison.Ordinal))
        {
            foreach (var line in value.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= LineMin && !line.StartsWith("-----", StringComparison.Ordinal) && !line.Contains(' ', StringComparison.Ordinal)))
            {
                yield return line;
            }
        }

        foreach (var inner in Inner(value))
        {
            yield return inner;
        }
    }

    // A login is kept as one value: its user's name, host and port are no secret, the rest may be.
    private static List<string> Inner(string value)
    {
        if (value.AsSpan().TrimStart() is not ['{', ..])
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(value);
            return [.. document.RootElement.EnumerateObject()
                .Where(property => property.Value.ValueKind == JsonValueKind.String && !IsPublic(property.Name))
                .Select(property => property.Value.GetString()!)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static bool IsPublic(string field) => field.ToLowerInvariant() is "username" or "user" or "host" or "port" or "name" or "database" or "type" or "version" or "region" or "bucket";

    /// <summary>A search over one state of the store.</summary>
    private sealed class Search
    {
        private readonly SearchValues<string> _values;
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _marks;
        private readonly int[] _lengths;

        private Search(object snapshot, Dictionary<string, string> marks)
        {
            Snapshot = snapshot;
            _values = SearchValues.Create([.. marks.Keys], StringComparison.Ordinal);
            _marks = marks.GetAlternateLookup<ReadOnlySpan<char>>();
            _lengths = [.. marks.Keys.Select(key => key.Length).Distinct().OrderDescending()];
        }

        public object Snapshot { get; }

        public static Search Of(object snapshot, IEnumerable<StoredSecret> secrets)
        {
            var marks = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var secret in secrets)
            {
                foreach (var form in secret.Versions.Select(version => version.Value?.Reveal()).OfType<string>().SelectMany(Forms).Where(form => form.Length >= LengthMin))
                {
                    marks.TryAdd(form, $"[secret {secret.Name}]");
                }
            }

            return new Search(snapshot, marks);
        }

        public string Replace(string text)
        {
            var rest = text.AsSpan();
            var at = rest.IndexOfAny(_values);
            if (at < 0)
            {
                return text;
            }

            var clean = new StringBuilder(text.Length);
            while (at >= 0)
            {
                // Of several that begin here, the longest: what is left of it would tell the rest.
                clean.Append(rest[..at]);
                rest = rest[at..];
                foreach (var length in _lengths)
                {
                    if (length <= rest.Length && _marks.TryGetValue(rest[..length], out var mark))
                    {
                        clean.Append(mark);
                        rest = rest[length..];
                        break;
                    }
                }

                at = rest.IndexOfAny(_values);
            }

            return clean.Append(rest).ToString();
        }
    }
}
