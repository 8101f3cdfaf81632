using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Axle.Agent.Logs;

/// <summary>The ways in which programs write a value: as it is, line by line, in Base64, in an address, in JSON.</summary>
internal static partial class SecretForms
{
    /// <summary>Shorter values are ordinary words too often.</summary>
    public const int LengthMin = 6;

    /// <summary>Longer forms are looked for in pieces, so that a bounded part of a line is enough to tell.</summary>
    public const int LengthMax = 1024;

    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Each form once, longest first.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> values)
    {
        var forms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values.Where(value => value.Length >= LengthMin))
        {
            foreach (var form in Whole(value).Concat(Lines(value)))
            {
                forms.UnionWith(Pieces(form));
            }
        }

        return [.. forms.OrderByDescending(form => form.Length).ThenBy(form => form, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Whole(string value) => [value, .. Base64(value), .. Address(value), .. Json(value)];

    /// <summary>Logs are lines, so a key of many lines is never seen whole.</summary>
    private static IEnumerable<string> Lines(string value) =>
        value.Contains('\n', StringComparison.Ordinal) ? value.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= LengthMin) : [];

    /// <summary>Also as a part of something longer, such as <c>user:password</c>: what comes before moves the letters by a third.</summary>
    private static IEnumerable<string> Base64(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        var whole = Convert.ToBase64String(bytes);
        foreach (var text in (string[])[whole, whole.TrimEnd('=')])
        {
            yield return text;
            yield return Safe(text);
        }

        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var own = text[((8 * before + 5) / 6)..(8 * (before + bytes.Length) / 6)];
            yield return own;
            yield return Safe(own);
        }

        static string Safe(string text) => text.Replace('+', '-').Replace('/', '_');
    }

    private static IEnumerable<string> Address(string value)
    {
        string[] all = [Uri.EscapeDataString(value), Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal), WebUtility.UrlEncode(value), Script(value)];
        return all.Concat(all.Select(form => Escaped().Replace(form, match => match.Value.ToLowerInvariant())));

        // As encodeURIComponent does.
        static string Script(string value) => Left().Replace(Uri.EscapeDataString(value), match => Uri.UnescapeDataString(match.Value));
    }

    private static IEnumerable<string> Json(string value)
    {
        string[] all = [JsonSerializer.Serialize(value)[1..^1], JsonSerializer.Serialize(value, s_relaxed)[1..^1], Ascii(value)];
        return all
            .Concat(all.Select(form => Unicode().Replace(form, match => match.Value.ToLowerInvariant())))
            .Concat(all.Select(form => form.Replace("/", "\\/", StringComparison.Ordinal)));
    }

    /// <summary>As most languages write JSON: quotes and control characters by name, all that is not ASCII by number.</summary>
    private static string Ascii(string value) => Unicode().Replace(
        string.Concat(JsonSerializer.Serialize(value, s_relaxed)[1..^1].Select(letter => letter < 0x80 ? letter.ToString() : $"\\u{(int)letter:x4}")),
        match => match.Value.ToLowerInvariant());

    private static IEnumerable<string> Pieces(string form)
    {
        var count = (form.Length + LengthMax - 1) / LengthMax;
        var size = (form.Length + count - 1) / count;
        for (var start = 0; start < form.Length; start += size)
        {
            yield return form[start..Math.Min(form.Length, start + size)];
        }
    }

    [GeneratedRegex("%[0-9A-F]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex Escaped();

    [GeneratedRegex("%(21|27|28|29|2A)", RegexOptions.CultureInvariant)]
    private static partial Regex Left();

    [GeneratedRegex(@"\\u[0-9A-Fa-f]{4}", RegexOptions.CultureInvariant)]
    private static partial Regex Unicode();
}
