using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The methods of texts. None changes its text; all return plain texts, also for safe ones.</summary>
internal static class TextMethods
{
    public static FrozenDictionary<string, Method> All { get; } = MethodTable.Of(
        ("charAt", 0, 1, call => Value.Of(Place(call) is { } place ? Text(call)[place].ToString() : "")),
        ("charCodeAt", 0, 1, call => Value.Of(Place(call) is { } place ? Text(call)[place] : double.NaN)),
        ("concat", 0, int.MaxValue, Concat),
        ("endsWith", 1, 2, call => Value.Of(Text(call)[..TextPlace.Clamped(call.Whole(1, double.PositiveInfinity), Text(call).Length)].EndsWith(call.Text(0), StringComparison.Ordinal))),
        ("includes", 1, 2, call => Value.Of(IndexOf(call) >= 0)),
        ("indexOf", 1, 2, call => Value.Of(IndexOf(call))),
        ("lastIndexOf", 1, 2, call => Value.Of(LastIndexOf(call))),
        ("replace", 2, 2, Replace),
        ("slice", 0, 2, Slice),
        ("split", 0, 2, Split),
        ("startsWith", 1, 2, call => Value.Of(Text(call)[TextPlace.Clamped(call.Whole(1, 0), Text(call).Length)..].StartsWith(call.Text(0), StringComparison.Ordinal))),
        ("substring", 0, 2, Substring),
        ("toLowerCase", 0, 0, call => Value.Of(JsText.ToLower(Text(call)))),
        ("toUpperCase", 0, 0, call => Value.Of(JsText.ToUpper(Text(call)))),
        ("trim", 0, 0, call => Value.Of(JsText.Trim(Text(call)))),
        ("trimEnd", 0, 0, call => Value.Of(JsText.TrimEnd(Text(call)))),
        ("trimStart", 0, 0, call => Value.Of(JsText.TrimStart(Text(call)))));

    private static string Text(MethodCall call) => call.Receiver.Text;

    private static int? Place(MethodCall call) => call.Whole(0, 0) is var place && place >= 0 && place < Text(call).Length ? (int)place : null;

    private static Value Concat(MethodCall call)
    {
        var text = new TextBuilder(call.Budget).Append(Text(call));
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            text.Append(call.Text(i));
        }

        return Value.Of(text.ToString());
    }

    private static int IndexOf(MethodCall call) => Text(call).IndexOf(call.Text(0), TextPlace.Clamped(call.Whole(1, 0), Text(call).Length), StringComparison.Ordinal);

    /// <summary>A place that is no number means the end, unlike everywhere else.</summary>
    private static int LastIndexOf(MethodCall call)
    {
        var (text, search) = (Text(call), call.Text(0));
        var from = call.Number(1) is { } number && !double.IsNaN(number) ? TextPlace.Clamped(number, text.Length) : text.Length;
        return search.Length > text.Length ? -1 : text.AsSpan(0, Math.Min(from, text.Length - search.Length) + search.Length).LastIndexOf(search);
    }

    private static Value Slice(MethodCall call)
    {
        var start = TextPlace.Relative(call.Whole(0, 0), Text(call).Length);
        var end = TextPlace.Relative(call.Whole(1, double.PositiveInfinity), Text(call).Length);
        return Value.Of(start < end ? Text(call)[start..end] : "");
    }

    private static Value Substring(MethodCall call)
    {
        var start = TextPlace.Clamped(call.Whole(0, 0), Text(call).Length);
        var end = TextPlace.Clamped(call.Whole(1, double.PositiveInfinity), Text(call).Length);
        return Value.Of(Text(call)[Math.Min(start, end)..Math.Max(start, end)]);
    }

    private static Value Replace(MethodCall call)
    {
        var (text, replacement) = (Text(call), call.Text(1));
        if (call[0].Kind == ValueKind.Pattern)
        {
            return Value.Of(call[0].Pattern.Replace(text, replacement, call.Budget));
        }

        var search = call.Text(0);
        var at = text.IndexOf(search, StringComparison.Ordinal);
        if (at < 0)
        {
            return Value.Of(text);
        }

        var replaced = new TextBuilder(call.Budget).Append(text.AsSpan(0, at));
        JsText.Substitute(replaced, replacement, text, at, at + search.Length, [], null);
        return Value.Of(replaced.Append(text.AsSpan(at + search.Length)).ToString());
    }

    private static Value Split(MethodCall call)
    {
        var text = Text(call);
        var limit = call.Number(1) is { } given ? JsNumber.ToUInt32(given) : uint.MaxValue;
        if (call[0].Kind == ValueKind.Pattern)
        {
            return Value.Of(new ArrayValue(call[0].Pattern.Split(text, limit, call.Budget)));
        }

        if (limit == 0)
        {
            return Value.Of(new ArrayValue([]));
        }

        if (call[0].IsUndefined)
        {
            return Value.Of(new ArrayValue([Value.Of(text)]));
        }

        var separator = call.Text(0);
        call.Budget.CheckElements(Math.Min(limit, separator.Length == 0 ? text.Length : text.AsSpan().Count(separator)));
        var parts = separator.Length == 0 ? text.Select(character => character.ToString()) : text.Split(separator);
        return Value.Of(new ArrayValue([.. parts.Take((int)Math.Min(limit, int.MaxValue)).Select(Value.Of)]));
    }
}
