using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Builds;

/// <summary>The logs of builds by build.</summary>
internal sealed class BuildLogs(BuildPaths paths, BuildsOptions options, ISecrets secrets, TimeProvider clock)
{
    private readonly ConcurrentDictionary<EntityRef, BuildLog> _logs = new();

    public BuildLog Open(EntityRef build) => _logs.GetOrAdd(build, b => new BuildLog(paths.Log(b), b.Name, options.LogBytesMax, secrets.Redact, clock));

    /// <summary>Forgets a log whose build is gone.</summary>
    public void Forget(EntityRef build)
    {
        if (_logs.TryRemove(build, out var log))
        {
            log.Close();
        }
    }
}

/// <summary>
/// What a build wrote and what the platform remarked, one JSON object per line. Two files of half the permitted size: when the
/// newer is full it takes the older one's place, since the end of a log tells more than its beginning.
/// </summary>
/// <param name="redact">Takes secrets out of a line, before it is written.</param>
internal sealed class BuildLog(string path, string name, long bytesMax, Func<string, string> redact, TimeProvider clock)
{
    private const int TextMax = 16 * 1024;
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private FileStream? _file;
    private int _generation;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Older => path + ".1";

    /// <summary>Adds a remark of the platform's own.</summary>
    public void Remark(string text) => Append(new LogLine(clock.GetUtcNow(), name, "axle", text));

    public void Append(LogLine line)
    {
        // Before it is cut: half of a secret would no longer be known as one.
        var text = redact(line.Text);
        text = text.Length > TextMax ? text[..TextMax] + " …" : text;
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line with { Text = text }, AxleJson.Default.LogLine), (byte)'\n'];
        TaskCompletionSource changed;
        lock (_lock)
        {
            var file = _file ??= OpenToAppend();
            if (file.Length + bytes.Length > bytesMax / 2)
            {
                file.Dispose();
                File.Move(path, Older, overwrite: true);
                _generation++;
                file = _file = OpenToAppend();
            }

            file.Write(bytes);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>Nothing is written for now; another line opens the file again.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>All lines; with follow also new ones until <paramref name="ended"/> says that none will come.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(bool follow, Func<bool> ended, [EnumeratorCancellation] CancellationToken stop)
    {
        Lines? older, newer;
        int generation;
        lock (_lock)
        {
            (older, newer, generation) = (Lines.Open(Older), Lines.Open(path), _generation);
        }

        try
        {
            while (older is not null && await older.NextAsync(stop) is { } line)
            {
                yield return line;
            }

            while (true)
            {
                // Both are asked before reading: what was written until then is read below.
                var changed = Volatile.Read(ref _changed).Task;
                var last = ended() || !follow;
                while (newer is not null && await newer.NextAsync(stop) is { } line)
                {
                    yield return line;
                }

                var moved = false;
                lock (_lock)
                {
                    if (generation != _generation || newer is null)
                    {
                        newer?.Dispose();
                        newer = Lines.Open(path);
                        moved = newer is not null;
                        generation = _generation;
                    }
                }

                if (moved)
                {
                    continue;
                }

                if (last)
                {
                    yield break;
                }

                await Task.WhenAny(changed, Task.Delay(s_lookAgain, clock, stop));
                stop.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            older?.Dispose();
            newer?.Dispose();
        }
    }

    /// <summary>The last lines that a source wrote; all sources but the platform when null.</summary>
    public async Task<IReadOnlyList<LogLine>> TailAsync(int count, string? source, CancellationToken stop)
    {
        var tail = new Queue<LogLine>();
        await foreach (var line in ReadAsync(follow: false, () => true, stop))
        {
            if (source is null ? line.Stream != "axle" : line.Source == source)
            {
                tail.Enqueue(line);
                if (tail.Count > count)
                {
                    tail.Dequeue();
                }
            }
        }

        return [.. tail];
    }

    private FileStream OpenToAppend()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead });
        if (file.Length > 0)
        {
            // A crash may have cut the last line; the next one must not be joined to it.
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
            }
        }

        return file;
    }

    /// <summary>Whole lines of a file that may still grow.</summary>
    private sealed class Lines(FileStream file) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _rest = new();
        private readonly Queue<LogLine> _ready = new();
        private readonly byte[] _buffer = new byte[64 * 1024];

        public static Lines? Open(string path)
        {
            try
            {
                return new Lines(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        }

        /// <summary>The next line, or null at the present end.</summary>
        public async ValueTask<LogLine?> NextAsync(CancellationToken stop)
        {
            while (true)
            {
                if (_ready.TryDequeue(out var ready))
                {
                    return ready;
                }

                var read = await file.ReadAsync(_buffer, stop);
                if (read == 0)
                {
                    return null;
                }

                Split(_buffer.AsSpan(0, read));
            }
        }

        public void Dispose() => file.Dispose();

        private void Split(ReadOnlySpan<byte> bytes)
        {
            int end;
            while ((end = bytes.IndexOf((byte)'\n')) >= 0)
            {
                _rest.Write(bytes[..end]);
                bytes = bytes[(end + 1)..];
                if (Read(_rest.WrittenSpan) is { } line)
                {
                    _ready.Enqueue(line);
                }

                _rest.Clear();
            }

            _rest.Write(bytes);
        }

        // A line that a crash cut in half is left out.
        private static LogLine? Read(ReadOnlySpan<byte> line)
        {
            try
            {
                return line.IsEmpty ? null : JsonSerializer.Deserialize(line, AxleJson.Default.LogLine);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
