using System.Globalization;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>What a loop goes over.</summary>
/// <param name="IsPairs">The elements are names and values, of a record or of a text.</param>
/// <param name="Length">What <c>loop.length</c> says; of a record in a loop with one target that is its member <c>length</c>.</param>
internal sealed record Iteration(IEnumerable<Value> Elements, Value Length, bool IsPairs)
{
    public static Iteration Over(Value sequence, bool severalTargets, Operations operations) => sequence.Kind switch
    {
        ValueKind.Array => new(Live(sequence.Array), Value.Of(sequence.Array.Count), false),
        ValueKind.SafeText => new(Characters(sequence.Text), Value.Of(sequence.Text.Length), false),
        ValueKind.Text when severalTargets => new(Characters(sequence.Text).Select((c, i) => Pair(i.ToString(CultureInfo.InvariantCulture), c)), Value.Of(sequence.Text.Length), true),
        ValueKind.Text => new(Characters(sequence.Text), Value.Of(sequence.Text.Length), true),
        ValueKind.Record when severalTargets => new(sequence.Record.Entries.Select(entry => Pair(entry.Key, entry.Value)), Value.Of(sequence.Record.Count), true),
        ValueKind.Record => new(Indexed(sequence.Record, operations), sequence.Record["length"], true),
        _ => new([], severalTargets ? Value.Of(0) : Value.Undefined, true),
    };

    /// <summary>The record <c>loop</c>.</summary>
    public static Value State(int index, Value length, Operations operations)
    {
        var count = operations.ToNumber(length);
        return Value.Of(RecordValue.OfNames(
            new("index", Value.Of(index + 1)),
            new("index0", Value.Of(index)),
            new("revindex", Value.Of(count - index)),
            new("revindex0", Value.Of(count - index - 1)),
            new("first", Value.Of(index == 0)),
            new("last", Value.Of(index == count - 1)),
            new("length", length)));
    }

    /// <summary>A part of an element that several targets share.</summary>
    public static Value Part(Value element, int index) => element.Kind switch
    {
        ValueKind.Undefined or ValueKind.Null => throw TemplateFault.Evaluation($"the loop has several names for one element, and the element is {element.Described}"),
        ValueKind.Array => element.Array[index],
        ValueKind.Record => element.Record[index.ToString(CultureInfo.InvariantCulture)],
        ValueKind.Text when index < element.Text.Length => Value.Of(element.Text[index].ToString()),
        _ => Value.Undefined,
    };

    /// <summary>A loop that changes its own list sees the change.</summary>
    private static IEnumerable<Value> Live(ArrayValue array)
    {
        for (var index = 0; index < array.Count; index++)
        {
            yield return array[index];
        }
    }

    private static IEnumerable<Value> Characters(string text) => text.Select(character => Value.Of(character.ToString()));

    private static Value Pair(string name, Value value) => Value.Of(new ArrayValue([Value.Of(name), value]));

    /// <summary>A record is gone through like a list, by its own idea of its length.</summary>
    private static IEnumerable<Value> Indexed(RecordValue record, Operations operations)
    {
        var length = operations.ToNumber(record["length"]);
        for (var index = 0; index < length; index++)
        {
            yield return record[index.ToString(CultureInfo.InvariantCulture)];
        }
    }
}
