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

    /// <summary>Whether it holds for something that has one value at each path, or none.</summary>
    public bool Holds(Func<string, string?> valueAt) => this switch
    {
        All all => all.Of.All(of => of.Holds(valueAt)),
        Any any => any.Of.Any(of => of.Holds(valueAt)),
        Not not => !not.Of.Holds(valueAt),
        Exists exists => valueAt(exists.Path) is not null,
        In one => valueAt(one.Path) is { } value && one.Values.Contains(value.ToLowerInvariant()),
        HasPrefix prefix => valueAt(prefix.Path)?.ToLowerInvariant().StartsWith(prefix.Prefix, StringComparison.Ordinal) == true,
        Contains contains => contains.Paths.Any(path => valueAt(path)?.ToLowerInvariant().Contains(contains.Text, StringComparison.Ordinal) == true),
        _ => throw new InvalidOperationException($"An unknown kind of filter: {this}."),
    };
}
