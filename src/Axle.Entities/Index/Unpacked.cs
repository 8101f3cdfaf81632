namespace Axle.Entities.Index;

/// <summary>
/// Which entities are there as objects: those that were asked for last, up to a number. Whoever passes over all of them moves
/// the others out; they are read again when somebody asks.
/// </summary>
internal sealed class Unpacked(Words words)
{
    /// <summary>More than people and reconcilers look at again and again.</summary>
    private const int Room = 1 << 13;

    /// <summary>Bytes of JSON; longer ones (definitions of APIs) are read each time, since thousands of them would fill the memory.</summary>
    private const int LengthMax = 1 << 14;

    private readonly Node?[] _kept = new Node?[Room];
    private int _next;

    public Words Words { get; } = words;

    public static bool MayKeep(byte[] json) => json.Length <= LengthMax;

    /// <summary>Takes one in; another, that was taken in long ago, goes.</summary>
    public void Keep(Node node)
    {
        var place = Interlocked.Increment(ref _next) & (Room - 1);
        Interlocked.Exchange(ref _kept[place], node)?.Forget();
    }
}
