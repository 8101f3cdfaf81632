using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates;

/// <summary>What went wrong inside a template's text, and how far into it.</summary>
internal sealed class ExpressionException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}

/// <summary>
/// The inside of <c>${{ … }}</c>: a path or literal, then filters, as in <c>values.name | replace('-', '_') | upper</c>.
/// A subset of Nunjucks without loops or calls, so that rendering always ends. A name without a value is an error, unless
/// the filter <c>default</c> follows: a file with a silent hole is worse than none.
/// </summary>
internal sealed class Expression
{
    private static readonly JsonSerializerOptions s_dumping = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonNode? _literal;
    private readonly IReadOnlyList<string>? _path;
    private readonly IReadOnlyList<Filter> _filters;
    private readonly int _position;

    private Expression(JsonNode? literal, IReadOnlyList<string>? path, IReadOnlyList<Filter> filters, int position) =>
        (_literal, _path, _filters, _position) = (literal, path, filters, position);

    private sealed record Filter(string Name, IReadOnlyList<JsonNode?> Arguments, int Position);

    private sealed record FilterRule(int ArgumentsMin, int ArgumentsMax, Func<JsonNode?, IReadOnlyList<JsonNode?>, JsonNode?> Apply);

    private static readonly Dictionary<string, FilterRule> s_filters = new(StringComparer.Ordinal)
    {
        ["lower"] = new(0, 0, (value, _) => ToText(value).ToLowerInvariant()),
        ["upper"] = new(0, 0, (value, _) => ToText(value).ToUpperInvariant()),
        ["title"] = new(0, 0, (value, _) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(ToText(value).ToLowerInvariant())),
        ["trim"] = new(0, 0, (value, _) => ToText(value).Trim()),
        ["dump"] = new(0, 0, (value, _) => value?.ToJsonString(s_dumping) ?? "null"),
        ["replace"] = new(2, 2, (value, given) => ToText(given[0]) is { Length: > 0 } old ? ToText(value).Replace(old, ToText(given[1]), StringComparison.Ordinal) : ToText(value)),
        ["default"] = new(1, 2, (value, given) => value is null || (given.Count == 2 && IsTrue(given[1]) && !IsTrue(value)) ? given[0]?.DeepClone() : value),
    };

    /// <summary>The value for these variables.</summary>
    /// <exception cref="ExpressionException">A name has no value.</exception>
    public JsonNode? Evaluate(JsonObject variables)
    {
        var value = _path is null ? _literal : Look(variables);
        if (value is null && _path is not null && _filters is not [{ Name: "default" }, ..])
        {
            throw new ExpressionException($"'{string.Join('.', _path)}' has no value; known here: {Known(variables)}", _position);
        }

        foreach (var filter in _filters)
        {
            value = s_filters[filter.Name].Apply(value, filter.Arguments);
        }

        return value?.DeepClone();
    }

    /// <summary>Text stays as it is, anything else becomes JSON, nothing becomes nothing.</summary>
    public static string ToText(JsonNode? value) =>
        value is null ? "" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(s_dumping);

    /// <summary>Reads the expression that starts here, up to its closing braces.</summary>
    /// <returns>It, and the position after the braces.</returns>
    /// <exception cref="ExpressionException">It is none.</exception>
    public static (Expression Expression, int End) Parse(string text, int start)
    {
        var reader = new Reader(text, start);
        var position = reader.SkipSpace();
        var (literal, path) = reader.Primary();
        var filters = new List<Filter>();
        while (reader.Take('|'))
        {
            var at = reader.SkipSpace();
            var name = reader.Name("the name of a filter");
            if (!s_filters.TryGetValue(name, out var rule))
            {
                throw new ExpressionException($"there is no filter '{name}'; there are {string.Join(", ", s_filters.Keys)}", at);
            }

            var arguments = reader.Arguments();
            if (arguments.Count < rule.ArgumentsMin || arguments.Count > rule.ArgumentsMax)
            {
                throw new ExpressionException($"the filter '{name}' takes {rule.ArgumentsMin}{(rule.ArgumentsMax > rule.ArgumentsMin ? $" to {rule.ArgumentsMax}" : "")} arguments and got {arguments.Count}", at);
            }

            filters.Add(new Filter(name, arguments, at));
        }

        return (new Expression(literal, path, filters, position), reader.Close());
    }

    private JsonNode? Look(JsonObject variables)
    {
        JsonNode? value = variables;
        foreach (var key in _path!)
        {
            value = value is JsonObject parts && parts.TryGetPropertyValue(key, out var part) ? part : null;
        }

        return value;
    }

    private static string Known(JsonObject variables) =>
        string.Join(", ", variables.SelectMany(v => v.Value is JsonObject parts ? parts.Select(p => $"{v.Key}.{p.Key}") : [v.Key]).Take(20));

    private static bool IsTrue(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => value.GetValue<string>().Length > 0,
        JsonValueKind.Number => value.ToJsonString() != "0",
        _ => true,
    };

    private sealed class Reader(string text, int at)
    {
        private const int ArgumentsMax = 8;

        public int SkipSpace()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            return at;
        }

        public bool Take(char expected)
        {
            if (SkipSpace() < text.Length && text[at] == expected)
            {
                at++;
                return true;
            }

            return false;
        }

        public int Close()
        {
            if (SkipSpace() + 1 < text.Length && text[at] == '}' && text[at + 1] == '}')
            {
                return at + 2;
            }

            throw Unexpected("'|' or '}}'");
        }

        public (JsonNode? Literal, IReadOnlyList<string>? Path) Primary()
        {
            SkipSpace();
            if (at < text.Length && (text[at] is '\'' or '"' or '-' || char.IsAsciiDigit(text[at])))
            {
                return (Literal(), null);
            }

            var name = Name("a name such as values.name");
            if (name is "true" or "false")
            {
                return (name == "true", null);
            }

            var path = new List<string> { name };
            while (true)
            {
                if (at < text.Length && text[at] == '.')
                {
                    at++;
                    path.Add(Name("a name after the dot"));
                }
                else if (at < text.Length && text[at] == '[')
                {
                    at++;
                    SkipSpace();
                    path.Add(ToText(Literal()));
                    if (!Take(']'))
                    {
                        throw Unexpected("']'");
                    }
                }
                else
                {
                    return (null, path);
                }
            }
        }

        public string Name(string expected)
        {
            var start = SkipSpace();
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }

            return at > start && !char.IsAsciiDigit(text[start]) ? text[start..at] : throw Unexpected(expected);
        }

        public List<JsonNode?> Arguments()
        {
            var arguments = new List<JsonNode?>();
            if (!Take('(') || Take(')'))
            {
                return arguments;
            }

            do
            {
                SkipSpace();
                arguments.Add(Literal());
            }
            while (arguments.Count < ArgumentsMax && Take(','));

            return Take(')') ? arguments : throw Unexpected("',' or ')'");
        }

        private JsonNode? Literal()
        {
            if (at < text.Length && text[at] is '\'' or '"')
            {
                return Quoted(text[at]);
            }

            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '.'))
            {
                at++;
            }

            return text[start..at] switch
            {
                "true" => true,
                "false" => false,
                var number when decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) => value,
                _ => throw new ExpressionException("expected text in quotes, a number, true or false", start),
            };
        }

        private string Quoted(char quote)
        {
            var start = at++;
            var value = new StringBuilder();
            for (; at < text.Length && text[at] != '\n'; at++)
            {
                if (text[at] == quote)
                {
                    at++;
                    return value.ToString();
                }

                if (text[at] == '\\' && at + 1 < text.Length)
                {
                    at++;
                    value.Append(text[at] switch { 'n' => '\n', 't' => '\t', var other => other });
                }
                else
                {
                    value.Append(text[at]);
                }
            }

            throw new ExpressionException("the quotes do not close on this line", start);
        }

        private ExpressionException Unexpected(string expected) =>
            new(at < text.Length ? $"expected {expected}, and found '{text[at]}'" : $"expected {expected}, and the text ends", Math.Min(at, text.Length));
    }
}
