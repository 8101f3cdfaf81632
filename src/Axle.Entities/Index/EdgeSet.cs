using System.Collections;
using System.Collections.Immutable;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// The edges that end at one entity, each with its source as the target, in order. It never changes. Most are a plain array, which
/// takes a fourth of a tree's memory; one with many edges becomes a tree when it is changed, so that the next change costs little.
/// </summary>
internal sealed class EdgeSet : IReadOnlyList<Relation>
{
    private const int FewMax = 64;

    private readonly Relation[]? _array;
    private readonly ImmutableSortedSet<Relation>? _tree;

    private EdgeSet(Relation[]? array, ImmutableSortedSet<Relation>? tree) => (_array, _tree) = (array, tree);

    public static EdgeSet Empty { get; } = new([], null);

    public int Count => _array?.Length ?? _tree!.Count;

    public Relation this[int index] => _array is null ? _tree![index] : _array[index];

    /// <param name="edges">In any order, each once; the array is the set's from now on.</param>
    public static EdgeSet Of(Relation[] edges)
    {
        edges.AsSpan().Sort(EdgeOrder.Instance);
        return new EdgeSet(edges, null);
    }

    /// <summary>The place of an edge; negative when it is not there, and then the complement of where it would be.</summary>
    public int IndexOf(Relation edge) => _array is null ? _tree!.IndexOf(edge) : _array.AsSpan().BinarySearch(edge, EdgeOrder.Instance);

    public bool Contains(Relation edge) => IndexOf(edge) >= 0;

    public Builder ToBuilder() => new(this);

    public IEnumerator<Relation> GetEnumerator() => ((IEnumerable<Relation>?)_array ?? _tree!).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The set while it is being changed. For one writer.</summary>
    public sealed class Builder
    {
        private readonly List<Relation> _few = [];
        private readonly ImmutableSortedSet<Relation>.Builder? _many;
        private EdgeSet? _made;

        internal Builder(EdgeSet start)
        {
            _made = start;
            _many = start._tree?.ToBuilder();
            if (start._array is { Length: > FewMax } array)
            {
                _many = ImmutableSortedSet.CreateRange(EdgeOrder.Instance, array).ToBuilder();
            }
            else if (_many is null)
            {
                _few.AddRange(start);
            }
        }

        public void Add(Relation edge)
        {
            if (_many is not null)
            {
                _many.Add(edge);
            }
            else if (_few.BinarySearch(edge, EdgeOrder.Instance) is < 0 and var place)
            {
                _few.Insert(~place, edge);
            }

            _made = null;
        }

        public void Remove(Relation edge)
        {
            if (_many is not null)
            {
                _many.Remove(edge);
            }
            else if (_few.BinarySearch(edge, EdgeOrder.Instance) is >= 0 and var place)
            {
                _few.RemoveAt(place);
            }

            _made = null;
        }

        /// <summary>What is there now; the same object as long as nothing changes.</summary>
        public EdgeSet ToSet() => _made ??= _many is null ? new EdgeSet([.. _few], null) : new EdgeSet(null, _many.ToImmutable());
    }
}
