using System.Numerics;

namespace Axle.Platform.Catalog.Index;

/// <summary>A set of slots, one bit each.</summary>
internal sealed class Bits(int size)
{
    private readonly ulong[] _words = new ulong[(size + 63) / 64];

    /// <summary>Slots are below this.</summary>
    public int Room => _words.Length * 64;

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool this[int slot] => (_words[slot >> 6] & (1UL << slot)) != 0;

    public void Set(int slot) => _words[slot >> 6] |= 1UL << slot;

    public void Clear(int slot) => _words[slot >> 6] &= ~(1UL << slot);

    public void And(Bits other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= other._words[i];
        }
    }

    public void Or(Bits other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] |= other._words[i];
        }
    }

    /// <summary>Those of <paramref name="all"/> that are not in here.</summary>
    public Bits Except(Bits all)
    {
        var rest = new Bits(Room);
        for (var i = 0; i < _words.Length; i++)
        {
            rest._words[i] = all._words[i] & ~_words[i];
        }

        return rest;
    }

    /// <summary>A copy with room for more slots.</summary>
    public Bits Copy(int room)
    {
        var copy = new Bits(Math.Max(room, Room));
        _words.CopyTo(copy._words, 0);
        return copy;
    }

    /// <summary>The members in order.</summary>
    public IEnumerable<int> Members()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            for (var word = _words[i]; word != 0; word &= word - 1)
            {
                yield return (i << 6) + BitOperations.TrailingZeroCount(word);
            }
        }
    }
}
