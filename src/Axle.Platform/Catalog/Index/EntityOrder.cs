namespace Axle.Platform.Catalog.Index;

/// <summary>By the smallest value at a path, in lower case.</summary>
internal sealed record EntityOrder(string Path, bool Descending);

/// <summary>A place in an order; equal values are by uid.</summary>
/// <param name="Value">The value that the order goes by; null when it goes by uid alone.</param>
internal readonly record struct OrderPlace(string? Value, string Uid);

/// <summary>One entity that was found.</summary>
internal readonly record struct Found(string Key, OrderPlace Place);

/// <summary>A page of those that match, by uid or by one value; entities without that value are left out.</summary>
internal sealed record IndexQuery(EntityFilter? Filter = null, EntityOrder? Order = null)
{
    /// <summary>Only those behind this place, or before it when <see cref="Backwards"/>.</summary>
    public OrderPlace? From { get; init; }

    public bool Backwards { get; init; }

    public int Skip { get; init; }

    public int Limit { get; init; } = int.MaxValue;
}

/// <param name="Items">In the order asked for, also when read backwards.</param>
/// <param name="Total">All that match, wherever the page begins.</param>
/// <param name="More">There are more in the direction of reading.</param>
internal sealed record IndexPage(IReadOnlyList<Found> Items, int Total, bool More);
