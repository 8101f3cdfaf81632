namespace Axle.Platform.Templates.Nunjucks;

/// <summary>A list. Templates may change the lists of their own rendering, and see the change through every name.</summary>
internal sealed class ArrayValue
{
    private readonly List<Value> _items;

    /// <param name="items">Taken over, not copied.</param>
    public ArrayValue(List<Value> items)
    {
        _items = items;
        foreach (var item in items)
        {
            HasCallable |= item.HasCallable;
        }
    }

    public IReadOnlyList<Value> Items => _items;

    public int Count => _items.Count;

    /// <summary>Fixed when the list is made: no callable can be put into an existing list.</summary>
    public bool HasCallable { get; }

    /// <summary>The element, or undefined beyond the ends.</summary>
    public Value this[int index] => (uint)index < (uint)_items.Count ? _items[index] : Value.Undefined;

    /// <summary>Replaces the content, unless the list would come to contain itself.</summary>
    /// <param name="added">All that was not in it before.</param>
    public void Replace(List<Value> items, IEnumerable<Value> added, Budget budget)
    {
        budget.CheckElements(items.Count);
        foreach (var item in added)
        {
            RefuseCycle(item, 1, budget);
        }

        _items.Clear();
        _items.AddRange(items);
    }

    private void RefuseCycle(Value value, int depth, Budget budget)
    {
        budget.Charge();
        if (depth > budget.Limits.NestingMax)
        {
            throw TemplateFault.Limit($"lists and records contain each other more than {budget.Limits.NestingMax} levels deep");
        }

        switch (value.Kind)
        {
            case ValueKind.Array when ReferenceEquals(value.Array, this):
                throw TemplateFault.Evaluation("a list cannot contain itself");

            case ValueKind.Array:
                foreach (var item in value.Array._items)
                {
                    RefuseCycle(item, depth + 1, budget);
                }

                break;

            case ValueKind.Record:
                foreach (var (_, item) in value.Record.Entries)
                {
                    RefuseCycle(item, depth + 1, budget);
                }

                break;
        }
    }
}
