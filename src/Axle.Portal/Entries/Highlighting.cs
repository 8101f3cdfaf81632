using System.Buffers;

namespace Axle.Portal.Entries;

/// <summary>A stretch of a text.</summary>
/// <param name="Kind">A class of app.css; null for what stands out in no way.</param>
internal readonly record struct Stretch(string Text, string? Kind);

/// <summary>Finds comments, texts, numbers and the words of a language. It understands nothing; it helps the eye.</summary>
internal static class Highlighting
{
    /// <summary>Characters that are coloured; what follows is shown plainly.</summary>
    public const int LengthMax = 60_000;

    private static readonly HashSet<string> s_graphQl =
        ["type", "interface", "union", "enum", "input", "scalar", "directive", "extend", "schema", "implements", "query", "mutation", "subscription", "fragment", "on", "repeatable", "true", "false", "null"];

    private static readonly HashSet<string> s_proto =
        ["syntax", "package", "import", "option", "message", "service", "rpc", "returns", "enum", "oneof", "repeated", "optional", "required", "reserved", "map", "extend", "stream", "edition", "public", "true", "false", "to", "max"];

    private static readonly HashSet<string> s_data = ["true", "false", "null"];

    private static readonly SearchValues<char> s_word = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <param name="language"><c>graphql</c>, <c>proto</c>, or anything else for YAML and JSON.</param>
    public static IEnumerable<Stretch> Of(string text, string language)
    {
        var words = language switch { "graphql" => s_graphQl, "proto" => s_proto, _ => s_data };
        var isData = ReferenceEquals(words, s_data);
        var end = Math.Min(text.Length, LengthMax);
        var (at, plain) = (0, 0);
        while (at < end)
        {
            var (length, kind) = Next(text, at, end, language, words, isData);
            if (kind is not null)
            {
                if (at > plain)
                {
                    yield return new Stretch(text[plain..at], null);
                }

                yield return new Stretch(text.Substring(at, length), kind);
                plain = at + length;
            }

            at += length;
        }

        if (plain < text.Length)
        {
            yield return new Stretch(text[plain..], null);
        }
    }

    private static (int Length, string? Kind) Next(string text, int at, int end, string language, HashSet<string> words, bool isData)
    {
        var rest = text.AsSpan(at, end - at);
        if (language == "proto" ? rest.StartsWith("//") : rest[0] == '#' && (at == 0 || char.IsWhiteSpace(text[at - 1]) || !isData))
        {
            return (rest.IndexOf('\n') is >= 0 and var line ? line : rest.Length, "c");
        }

        if (language == "proto" && rest.StartsWith("/*"))
        {
            return (rest.IndexOf("*/") is >= 0 and var close ? close + 2 : rest.Length, "c");
        }

        if (language == "graphql" && rest.StartsWith("\"\"\""))
        {
            return (rest[3..].IndexOf("\"\"\"") is >= 0 and var close ? close + 6 : rest.Length, "s");
        }

        // In YAML a quote in the middle of a text is a letter.
        if (rest[0] is '"' or '\'' && (!isData || at == 0 || text[at - 1] is ' ' or '\n' or '[' or '{' or ',' or ':'))
        {
            var length = Quoted(rest);
            return (length, isData && at + length < end && text[at + length] == ':' ? "k" : "s");
        }

        if (!s_word.Contains(rest[0]))
        {
            return (1, null);
        }

        var word = rest.IndexOfAnyExcept(s_word) is > 0 and var to ? rest[..to] : rest;
        if (isData && at + word.Length < end && text[at + word.Length] == ':' && IsLineStart(text, at))
        {
            return (word.Length, "k");
        }

        return (word.Length, words.Contains(word.ToString()) ? "w" : char.IsAsciiDigit(word[0]) ? "n" : null);
    }

    private static int Quoted(ReadOnlySpan<char> rest)
    {
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] == '\\')
            {
                at++;
            }
            else if (rest[at] == rest[0])
            {
                return at + 1;
            }
            else if (rest[at] == '\n')
            {
                return at;
            }
        }

        return rest.Length;
    }

    private static bool IsLineStart(string text, int at)
    {
        while (at > 0 && text[at - 1] is (' ' or '-'))
        {
            at--;
        }

        return at == 0 || text[at - 1] == '\n';
    }
}
