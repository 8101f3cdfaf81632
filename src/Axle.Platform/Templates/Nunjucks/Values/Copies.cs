namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Copies values for a template that changes lists, so that the next one finds them as they were.</summary>
internal static class Copies
{
    public static RecordValue Of(RecordValue record, Budget budget)
    {
        budget.Charge(record.Count);
        return new RecordValue(record.Entries.Select(entry => KeyValuePair.Create(entry.Key, Of(entry.Value, budget))));
    }

    private static Value Of(Value value, Budget budget)
    {
        switch (value.Kind)
        {
            case ValueKind.Array:
                budget.Charge(value.Array.Count);
                return Value.Of(new ArrayValue([.. value.Array.Items.Select(item => Of(item, budget))]));
            case ValueKind.Record:
                return Value.Of(Of(value.Record, budget));
            default:
                return value;
        }
    }
}
