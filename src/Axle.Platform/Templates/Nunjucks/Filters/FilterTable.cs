using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>One use of a filter.</summary>
internal readonly record struct FilterCall(Value Input, IReadOnlyList<Value> Arguments, Operations Operations)
{
    public Budget Budget => Operations.Budget;

    /// <summary>An argument, or undefined.</summary>
    public Value this[int index] => index < Arguments.Count ? Arguments[index] : Value.Undefined;

    /// <summary>An argument, or what stands for one that is missing or falsy.</summary>
    public Value Or(int index, double otherwise) => this[index].IsTruthy ? this[index] : Value.Of(otherwise);

    /// <summary>The input as a text; undefined, null and false are an empty one.</summary>
    public Value TextOrEmpty => Input.IsNullish || Input is { Kind: ValueKind.Boolean, Boolean: false } ? Value.EmptyText : Input;

    /// <summary>A text as the result, safe where the input was.</summary>
    public Value Like(string text) => Input.Kind == ValueKind.SafeText ? Value.Of(new SafeText(text)) : Value.Of(text);

    /// <exception cref="TemplateFault">It is none.</exception>
    public static string TextOf(Value value) => value.IsText ? value.Text : throw TemplateFault.Evaluation($"this filter is for texts, not for {value.Described}");
}

/// <summary>A filter of the language.</summary>
/// <param name="name">As templates write it.</param>
/// <param name="parameters">Their names, for the few filters that know names; the others get all named arguments as one record.</param>
internal sealed class Filter(string name, string[] parameters, Func<FilterCall, Value> apply)
{
    public string Name { get; } = name;

    public Value Apply(Value input, List<Value> arguments, List<KeyValuePair<string, Value>> named, Operations operations)
    {
        // What a filter may have to go through, once, before it starts.
        operations.Budget.ChargeText(input.IsText ? input.Text.Length : 0);
        operations.Budget.Charge(input.Kind == ValueKind.Array ? input.Array.Count : 1);
        return apply(new FilterCall(input, Lowered(arguments, named), operations));
    }

    private List<Value> Lowered(List<Value> arguments, List<KeyValuePair<string, Value>> named)
    {
        if (parameters.Length > 0)
        {
            return
            [
                .. arguments.Take(parameters.Length),
                .. parameters.Skip(arguments.Count).Select(parameter => named.FindLast(entry => entry.Key == parameter).Value),
            ];
        }

        return named.Count == 0 ? arguments : [.. arguments, Value.Of(new RecordValue([.. named, new("__keywords", Value.Of(true))]))];
    }
}

/// <summary>The filters of the language, by name.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Filter> s_filters =
        ((IEnumerable<Filter>)[.. ValueFilters.All, .. TextFilters.All, .. MarkupFilters.All, .. NumberFilters.All, .. ListFilters.All, .. AttributeFilters.All])
        .ToFrozenDictionary(filter => filter.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Known => s_filters.Keys;

    /// <exception cref="TemplateFault">There is none.</exception>
    public static Filter Find(string name, bool cookiecutter) =>
        s_filters.TryGetValue(cookiecutter && name == "jsonify" ? "dump" : name, out var filter)
            ? filter
            : throw TemplateFault.Evaluation($"there is no filter '{name}'; there are {string.Join(", ", s_filters.Keys.Order(StringComparer.Ordinal))}");
}
