using System.Globalization;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// What filters take for a list. JavaScript's functions for lists also work on any object with a length, and differ in
/// how they read that length; so records pass here in three ways.
/// </summary>
internal static class Sequences
{
    /// <summary>The elements of a list or the characters of a text, as a list of one's own; null for anything else.</summary>
    public static List<Value>? Elements(Value value, Budget budget)
    {
        if (value.Kind == ValueKind.Array)
        {
            return [.. value.Array.Items];
        }

        if (!value.IsText)
        {
            return null;
        }

        budget.CheckElements(value.Text.Length);
        return [.. value.Text.Select(character => Value.Of(character.ToString()))];
    }

    /// <summary>A record as a loop that counts up to its length sees it.</summary>
    public static List<Value>? Indexed(Value value, Operations operations)
    {
        if (value.Kind != ValueKind.Record)
        {
            return Elements(value, operations.Budget);
        }

        var count = Math.Ceiling(operations.ToNumber(value.Record["length"]));
        return Members(value.Record, count > 0 ? count : 0, operations.Budget);
    }

    /// <summary>A record as JavaScript's <c>map</c> sees it, which refuses a length that no list can have.</summary>
    public static List<Value>? Mapped(Value value, Operations operations)
    {
        if (value.Kind == ValueKind.Record && value.Record["length"] is { Kind: ValueKind.Number, Number: var length } && !double.IsNaN(length)
            && (length < 0 || length > uint.MaxValue || Math.Truncate(length) != length))
        {
            throw TemplateFault.Evaluation("this record has a length that no list can have");
        }

        return Indexed(value, operations);
    }

    /// <summary>A record as JavaScript's <c>slice</c> sees it: only what is there.</summary>
    public static List<Value>? Present(Value value, Operations operations)
    {
        if (value.Kind != ValueKind.Record)
        {
            return Elements(value, operations.Budget);
        }

        var count = Math.Floor(operations.ToNumber(value.Record["length"]));
        operations.Budget.CheckElements(count > 0 ? count : 0);
        return [.. Enumerable.Range(0, count > 0 ? (int)count : 0).Select(Index).Where(value.Record.Has).Select(name => value.Record[name])];
    }

    private static List<Value> Members(RecordValue record, double count, Budget budget)
    {
        budget.CheckElements(count);
        budget.Charge((int)count);
        return [.. Enumerable.Range(0, (int)count).Select(index => record[Index(index)])];
    }

    private static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);
}
