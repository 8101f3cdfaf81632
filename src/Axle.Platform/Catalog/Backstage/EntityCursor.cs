using System.Text.Json;
using System.Text.Json.Serialization;
using Axle.Contracts;
using Axle.Platform.Catalog.Index;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>
/// Where a further page begins and what was asked for, as base64 JSON. Clients look into it: Backstage's sends a cursor that
/// has a <c>query</c> by POST, so that is the name under which the predicate stands here too.
/// </summary>
internal sealed record EntityCursor
{
    public IReadOnlyList<OrderField> OrderFields { get; init; } = [];

    public FullText? FullTextFilter { get; init; }

    /// <summary>The filter of the first page as a predicate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Query { get; init; }

    /// <summary>The value ordered by, when there is one, and the uid.</summary>
    public IReadOnlyList<string> OrderFieldValues { get; init; } = [];

    /// <summary>The same of the very first entity: no page is before the one that begins with it.</summary>
    public IReadOnlyList<string> FirstSortFieldValues { get; init; } = [];

    public bool IsPrevious { get; init; }

    public int TotalItems { get; init; }

    public static IReadOnlyList<string> ValuesOf(OrderPlace place) => place.Value is null ? [place.Uid] : [place.Value, place.Uid];

    public static Result<EntityCursor> Read(string text) =>
        CursorText.Read<EntityCursor>(text) is { OrderFieldValues.Count: 1 or 2 } cursor && cursor.OrderFields.Select(order => order?.Field).Concat(cursor.OrderFieldValues).Concat(cursor.FirstSortFieldValues).All(one => one is not null) ? cursor : new CatalogInputInvalid("Malformed cursor; begin without one");

    public OrderPlace From() => OrderFieldValues is [var value, var uid] ? new OrderPlace(value, uid) : new OrderPlace(null, OrderFieldValues[0]);

    public override string ToString() => CursorText.Write(this);
}

/// <param name="Order"><c>asc</c> or <c>desc</c>; null is asc.</param>
internal sealed record OrderField(string Field, string? Order = null);

/// <param name="Fields">Null: the field ordered by, or the uid.</param>
internal sealed record FullText(string Term, IReadOnlyList<string>? Fields = null);
