using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines.Process;

namespace Axle.Agent.Logs;

/// <summary>
/// The log of one workload or job: numbered segments of JSON lines, the oldest removed. History and live lines are read from the same
/// files by position, so a follower sees every line once, in order, and costs no memory however slow it is.
/// </summary>
internal sealed class LogStore
{
    private const long SegmentBytesMax = 10 * 1024 * 1024;
    private const int SegmentsMax = 5;
    private static readonly byte[] s_newLine = [(byte)'\n'];
    private readonly string _folder;
    private readonly Lock _lock = new();
    private Redaction _hidden = Redaction.None;
    private FileStream? _current;
    private long _segment;
    private bool _closed;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What its lines must not show. Takes effect with the next line.</summary>
    public Redaction Hidden
    {
        get => Volatile.Read(ref _hidden);
        set => Volatile.Write(ref _hidden, value);
    }

    public LogStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _segment = Segments().LastOrDefault(1);
    }

    public void Append(IEnumerable<LogLine> lines)
    {
        // Written at once, so that a chunk is one call, and readers never see half a line.
        using var buffer = new MemoryStream();
        var hidden = Hidden;
        foreach (var line in lines)
        {
            var shown = hidden.Hide(line.Text);
            JsonSerializer.Serialize(buffer, ReferenceEquals(shown, line.Text) ? line : line with { Text = shown }, AgentJson.Default.LogLine);
            buffer.Write(s_newLine);
        }

        if (buffer.Length == 0)
        {
            return;
        }

        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _current ??= Open(_segment);
            if (_current.Length > SegmentBytesMax)
            {
                _current.Dispose();
                _current = Open(++_segment);
                foreach (var old in Segments().SkipLast(SegmentsMax))
                {
                    File.Delete(PathOf(old));
                }
            }

            try
            {
                _current.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            }
            catch (IOException)
            {
                // A full disk loses log lines, not applications. What was half written ends here.
                return;
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>Nothing more will be written; followers end.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _current?.Dispose();
            _current = null;
            _changed.TrySetResult();
        }
    }

    /// <param name="ends">With follow: true when no more line will come.</param>
    public async IAsyncEnumerable<LogLine> ReadAsync(Func<LogLine, bool> wanted, int? tail, bool follow, Func<bool>? ends, [EnumeratorCancellation] CancellationToken stop)
    {
        var position = new Position(Segments().FirstOrDefault(1), 0);
        if (tail is { } count)
        {
            foreach (var line in Last(wanted, count, position))
            {
                yield return line;
            }
        }

        while (true)
        {
            // Asked for before reading, so that a line written in between wakes us.
            Task changed;
            bool closed;
            lock (_lock)
            {
                changed = _changed.Task;
                closed = _closed;
            }

            var ended = closed || (ends?.Invoke() ?? false);
            foreach (var line in ReadOn(position).Where(wanted))
            {
                yield return line;
            }

            if (!follow || ended)
            {
                yield break;
            }

            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(ends is null ? 30 : 1), stop));
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<LogLine> Last(Func<LogLine, bool> wanted, int count) => Last(wanted, count, new Position(Segments().FirstOrDefault(1), 0));

    private Queue<LogLine> Last(Func<LogLine, bool> wanted, int count, Position position)
    {
        var last = new Queue<LogLine>();
        foreach (var line in ReadOn(position).Where(wanted))
        {
            last.Enqueue(line);
            if (last.Count > count)
            {
                last.Dequeue();
            }
        }

        return last;
    }

    private IEnumerable<LogLine> ReadOn(Position position)
    {
        while (true)
        {
            var path = PathOf(position.Segment);
            if (File.Exists(path))
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
                file.Seek(position.Offset, SeekOrigin.Begin);
                foreach (var (line, end) in Lines(file, position.Offset))
                {
                    position.Offset = end;
                    if (line is not null)
                    {
                        yield return line;
                    }
                }
            }

            // On to the next segment only when there is one; the last grows.
            if (Segments().FirstOrDefault(segment => segment > position.Segment) is var next and > 0)
            {
                (position.Segment, position.Offset) = (next, 0);
                continue;
            }

            yield break;
        }
    }

    private static IEnumerable<(LogLine? Line, long End)> Lines(FileStream file, long offset)
    {
        var buffer = new byte[128 * 1024];
        var kept = 0;
        while (file.Read(buffer, kept, buffer.Length - kept) is var read and > 0)
        {
            kept += read;
            var start = 0;
            while (Array.IndexOf(buffer, (byte)'\n', start, kept - start) is var end and >= 0)
            {
                offset += end + 1 - start;
                yield return (Parse(buffer.AsSpan(start, end - start)), offset);
                start = end + 1;
            }

            Buffer.BlockCopy(buffer, start, buffer, 0, kept - start);
            kept -= start;
            if (kept == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static LogLine? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AgentJson.Default.LogLine);
        }
        catch (JsonException)
        {
            // Torn by a crash of the machine or a full disk.
            return null;
        }
    }

    private long[] Segments() => Directory.Exists(_folder)
        ? [.. Directory.EnumerateFiles(_folder, "*.ndjson").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture)).Order()]
        : [];

    private string PathOf(long segment) => Path.Combine(_folder, segment.ToString("D10", CultureInfo.InvariantCulture) + ".ndjson");

    private FileStream Open(long segment) => new(PathOf(segment), new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private sealed class Position(long segment, long offset)
    {
        public long Segment { get; set; } = segment;

        public long Offset { get; set; } = offset;
    }
}
