namespace Axle.Platform.Catalog.Index;

/// <summary>Which entities are meant. Paths and values are in lower case.</summary>
internal abstract record EntityFilter
{
    public sealed record All(IReadOnlyList<EntityFilter> Of) : EntityFilter;

    public sealed record Any(IReadOnlyList<EntityFilter> Of) : EntityFilter;

    public sealed record Not(EntityFilter Of) : EntityFilter;

    /// <summary>Something is at the path, be it null.</summary>
    public sealed record Exists(string Path) : EntityFilter;

    /// <summary>One of these values is at the path.</summary>
    public sealed record In(string Path, IReadOnlyList<string> Values) : EntityFilter;

    /// <summary>A value that begins so is at the path.</summary>
    public sealed record HasPrefix(string Path, string Prefix) : EntityFilter;

    /// <summary>A value that has this text in it is at one of the paths.</summary>
    public sealed record Contains(IReadOnlyList<string> Paths, string Text) : EntityFilter;

    /// <summary>All of them hold; a sole one as it is.</summary>
    public static EntityFilter AllOf(IReadOnlyList<EntityFilter> of) => of is [var only] ? only : new All(of);

    /// <summary>One of them holds; a sole one as it is.</summary>
    public static EntityFilter AnyOf(IReadOnlyList<EntityFilter> of) => of is [var only] ? only : new Any(of);
}
