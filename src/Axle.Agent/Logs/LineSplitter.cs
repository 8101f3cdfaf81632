using System.Text;

namespace Axle.Agent.Logs;

/// <summary>Cuts what a process writes into lines, in bounded memory, and drops what comes faster than anybody could read.</summary>
/// <param name="hidden">What lines must not show: none of it is cut in two, because halves are not found any more.</param>
internal sealed class LineSplitter(TimeProvider clock, Func<Redaction>? hidden = null)
{
    /// <summary>Longer lines are cut in several.</summary>
    public const int LineBytesMax = 64 * 1024;

    /// <summary>What one stream may write per second on average; what is beyond is dropped, and said.</summary>
    public const int BytesPerSecondMax = 4 * 1024 * 1024;

    // Time, source and stream are kept with each line.
    private const int LineCost = 100;
    private const int BurstBytesMax = 4 * BytesPerSecondMax;
    private readonly byte[] _line = new byte[LineBytesMax];
    private int _length;
    private double _allowance = BurstBytesMax;
    private long _last = clock.GetTimestamp();
    private long _droppedLines;
    private long _droppedBytes;
    private bool _beheaded;

    /// <summary>Whether the writer is being cut down just now; the reader should take its time.</summary>
    public bool Flooded => _droppedBytes > 0;

    /// <summary>The beginning of a line whose end has not come yet.</summary>
    public ReadOnlySpan<byte> Rest => _line.AsSpan(0, _length);

    /// <returns>Complete lines; with <c>Dropped</c> set, a remark on lines left out before.</returns>
    public IEnumerable<(string Text, bool Dropped)> Add(ReadOnlyMemory<byte> data)
    {
        var now = clock.GetTimestamp();
        _allowance = Math.Min(BurstBytesMax, _allowance + (clock.GetElapsedTime(_last, now).TotalSeconds * BytesPerSecondMax));
        _last = now;
        var lines = data.Span.Count((byte)'\n');
        var cost = data.Length + (lines * LineCost);
        _allowance -= cost;

        // Once dropping, it goes on until there is air again; otherwise every second chunk would be kept.
        if (_allowance < 0 || (Flooded && _allowance < BytesPerSecondMax))
        {
            _allowance += cost;
            _droppedBytes += data.Length + _length;
            _droppedLines += lines;
            _length = 0;
            _beheaded = data.Length > 0 ? data.Span[^1] != '\n' : _beheaded;
            yield break;
        }

        // The end of a line whose beginning was dropped means nothing, and may be half a secret.
        if (_beheaded)
        {
            var end = data.Span.IndexOf((byte)'\n');
            _droppedBytes += end < 0 ? data.Length : end + 1;
            if (end < 0)
            {
                yield break;
            }

            (_beheaded, data) = (false, data[(end + 1)..]);
        }

        if (Remark() is { } remark)
        {
            yield return remark;
        }

        var rest = data;
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var take = Math.Min(end < 0 ? rest.Length : end, LineBytesMax - _length);
            rest.Span[..take].CopyTo(_line.AsSpan(_length));
            _length += take;
            rest = rest[take..];
            if (end == take)
            {
                rest = rest[1..];
                yield return (Take(), false);
            }
            else if (_length == LineBytesMax)
            {
                yield return (TakeCut(), false);
            }
        }
    }

    /// <summary>What is left when the stream has ended.</summary>
    public IEnumerable<(string Text, bool Dropped)> End()
    {
        if (_length > 0)
        {
            var text = Take();
            yield return (hidden?.Invoke().HideCut(text) ?? text, false);
        }

        foreach (var remark in Leave())
        {
            yield return remark;
        }
    }

    /// <summary>What is to be said when somebody else reads on.</summary>
    public IEnumerable<(string Text, bool Dropped)> Leave()
    {
        if (Remark() is { } remark)
        {
            yield return remark;
        }
    }

    private (string Text, bool Dropped)? Remark()
    {
        if (_droppedBytes == 0)
        {
            return null;
        }

        var text = $"{_droppedLines} lines ({_droppedBytes / 1024 / 1024} MiB) were left out here: more than {BytesPerSecondMax / 1024 / 1024} MiB per second were written";
        (_droppedLines, _droppedBytes) = (0, 0);
        return (text, true);
    }

    /// <summary>As much of a line that is too long as can be shown by itself; what may be the beginning of a secret stays for the next piece.</summary>
    private string TakeCut()
    {
        var held = hidden?.Invoke().OpenEnd(Rest) ?? 0;
        var text = Encoding.UTF8.GetString(_line, 0, _length - held);
        _line.AsSpan(_length - held, held).CopyTo(_line);
        _length = held;
        return text;
    }

    private string Take()
    {
        var length = _length > 0 && _line[_length - 1] == '\r' ? _length - 1 : _length;
        _length = 0;
        return Encoding.UTF8.GetString(_line, 0, length);
    }
}
