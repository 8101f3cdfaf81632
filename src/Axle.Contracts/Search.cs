namespace Axle.Contracts;

/// <summary>What was found, best first.</summary>
/// <param name="Total">All that fit, also beyond the limit.</param>
public sealed record SearchAnswer(string Term, IReadOnlyList<SearchHit> Items, int Total);

/// <summary>One entity that was found.</summary>
/// <param name="Title">What people call it.</param>
/// <param name="Match"><c>name</c> (that is its name or title), <c>prefix</c> (one of them begins so), <c>words</c> (it has them all) or <c>similar</c> (a mistake was forgiven).</param>
public sealed record SearchHit(EntityRef Ref, string Kind, string Title, string Match)
{
    public string? Description { get; init; }

    public string? Type { get; init; }

    public EntityRef? Owner { get; init; }

    /// <summary>The fields that fit, the most telling first.</summary>
    public IReadOnlyList<SearchHighlight> Highlights { get; init; } = [];
}

/// <param name="Field"><c>name</c>, <c>title</c>, <c>tags</c>, <c>type</c>, <c>owner</c>, <c>kind</c> or <c>description</c>.</param>
/// <param name="Text">The field's text, or the part of it around the first mark.</param>
public sealed record SearchHighlight(string Field, string Text, IReadOnlyList<SearchMark> Marks);

/// <summary>A part of a text.</summary>
public sealed record SearchMark(int Start, int Length);
