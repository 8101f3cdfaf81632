namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Short texts in UTF-8, one behind the other: an object of its own for each would take three times their bytes. Where one stands
/// is known to whoever added it.
/// </summary>
internal sealed class TextHeap
{
    private const int ChunkBits = 16;
    private const int ChunkMax = 1 << ChunkBits;
    private const int ChunkMin = 64;

    private readonly List<byte[]> _chunks = [];
    private int _used; // Of the last chunk.
    private long _free;

    /// <summary>Whether most of it is texts that are gone, so that moving the others is worth it.</summary>
    public bool IsWasteful => _free > ChunkMax && _free > ((long)_chunks.Count << ChunkBits) / 2;

    /// <summary>Where the text stands from now on.</summary>
    /// <param name="text">At most 64 KB.</param>
    public int Add(ReadOnlySpan<byte> text)
    {
        if (_chunks.Count == 0 || _used + text.Length > ChunkMax)
        {
            _chunks.Add([]);
            _used = 0;
        }

        var chunk = _chunks[^1];
        if (_used + text.Length > chunk.Length)
        {
            Array.Resize(ref chunk, Math.Clamp(2 * (_used + text.Length), ChunkMin, ChunkMax));
            _chunks[^1] = chunk;
        }

        text.CopyTo(chunk.AsSpan(_used));
        var start = ((_chunks.Count - 1) << ChunkBits) + _used;
        _used += text.Length;
        return start;
    }

    public ReadOnlySpan<byte> At(int start, int length) => _chunks[start >> ChunkBits].AsSpan(start & (ChunkMax - 1), length);

    /// <summary>A text is gone; its place is not given to another one.</summary>
    public void Free(int length) => _free += length;

    /// <summary>Gives back what was taken in advance for more texts.</summary>
    public void Trim()
    {
        if (_chunks.Count > 0 && _used < _chunks[^1].Length)
        {
            _chunks[^1] = _chunks[^1].AsSpan(0, _used).ToArray();
        }
    }
}
