using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The methods of records, which only cookiecutter's templates know.</summary>
internal static class RecordMethods
{
    public static FrozenDictionary<string, Method> Cookiecutter { get; } = MethodTable.Of(
        ("get", 1, 2, call => call.Receiver.Record.Has(call.Text(0)) ? call.Receiver.Record[call.Text(0)] : call[1]),
        ("has_key", 1, 1, call => Value.Of(call.Receiver.Record.Has(call.Text(0)))),
        ("items", 0, 0, call => List(call, entry => Value.Of(new ArrayValue([Value.Of(entry.Key), entry.Value])))),
        ("keys", 0, 0, call => List(call, entry => Value.Of(entry.Key))),
        ("values", 0, 0, call => List(call, entry => entry.Value)));

    private static Value List(MethodCall call, Func<KeyValuePair<string, Value>, Value> item)
    {
        call.Budget.Charge(call.Receiver.Record.Count);
        return Value.Of(new ArrayValue([.. call.Receiver.Record.Entries.Select(item)]));
    }
}
