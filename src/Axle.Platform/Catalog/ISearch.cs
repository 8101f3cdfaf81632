using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>Looks for entities by words.</summary>
public interface ISearch
{
    /// <summary>The best that fit, best first, of everything that was acknowledged before.</summary>
    /// <param name="term">Words that must all fit: whole, begun, or mistyped.</param>
    /// <param name="kinds">Only these kinds, without regard to case; empty is all.</param>
    /// <param name="limit">How many, at most.</param>
    ValueTask<SearchAnswer> FindAsync(string term, IReadOnlyList<string> kinds, int limit, CancellationToken stop);
}
