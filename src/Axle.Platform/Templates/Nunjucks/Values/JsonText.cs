using System.Globalization;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Values as JSON, written as JavaScript's <c>JSON.stringify</c> writes them.</summary>
internal sealed class JsonText(string indentation, Budget budget)
{
    private readonly TextBuilder _output = new(budget);

    /// <returns>Null where there is nothing to write: for undefined.</returns>
    public static string? Of(Value value, string indentation, Budget budget)
    {
        var text = new JsonText(indentation, budget);
        return value.IsUndefined ? null : text.Write(value, "\n").ToString();
    }

    private TextBuilder Write(Value value, string lineEnd)
    {
        budget.Enter();
        _ = value.Kind switch
        {
            ValueKind.Undefined or ValueKind.Null => _output.Append("null"),
            ValueKind.Boolean => _output.Append(value.Boolean ? "true" : "false"),
            ValueKind.Number => _output.Append(double.IsFinite(value.Number) ? JsNumber.ToText(value.Number) : "null"),
            ValueKind.Text or ValueKind.SafeText => Quote(value.Text),
            ValueKind.Pattern => _output.Append("{}"),
            ValueKind.Array => WriteAll(value.Array.Items, '[', ']', lineEnd, (item, inside) => Write(item, inside)),
            ValueKind.Record => WriteAll([.. value.Record.Entries.Where(entry => !entry.Value.IsUndefined)], '{', '}', lineEnd, WriteMember),
            _ => throw TemplateFault.Evaluation("a function has no JSON"),
        };
        budget.Leave();
        return _output;
    }

    private TextBuilder WriteAll<T>(IReadOnlyList<T> items, char opens, char closes, string lineEnd, Action<T, string> write)
    {
        _output.Append(opens);
        var inside = lineEnd + indentation;
        for (var i = 0; i < items.Count; i++)
        {
            _output.Append(i == 0 ? "" : ",").Append(indentation.Length == 0 ? "" : inside);
            write(items[i], inside);
        }

        return _output.Append(items.Count == 0 || indentation.Length == 0 ? "" : lineEnd).Append(closes);
    }

    private void WriteMember(KeyValuePair<string, Value> member, string lineEnd)
    {
        Quote(member.Key).Append(indentation.Length == 0 ? ":" : ": ");
        Write(member.Value, lineEnd);
    }

    private TextBuilder Quote(string text)
    {
        _output.Append('"');
        var copied = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (Escaped(text[i]) is { } escaped)
            {
                _output.Append(text.AsSpan(copied, i - copied)).Append(escaped);
                copied = i + 1;
            }
        }

        return _output.Append(text.AsSpan(copied)).Append('"');
    }

    private static string? Escaped(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < ' ' or (>= '\ud800' and <= '\udfff') => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
        _ => null,
    };
}
