using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Tasks;

/// <summary>One line of a task's log.</summary>
/// <param name="Id">Grows; never used twice within a task.</param>
/// <param name="Type">See <see cref="TaskEventTypes"/>.</param>
/// <param name="Body">Backstage's: <c>message</c>, and where they are known <c>stepId</c>, <c>status</c>, <c>output</c>, <c>error</c>.</param>
internal sealed record TaskEvent(long Id, string Type, DateTimeOffset CreatedAt, JsonObject Body)
{
    public string Message => Body["message"]?.GetValue<string>() ?? "";

    public string? StepId => Body["stepId"]?.GetValue<string>();

    public string? Status => Body["status"]?.GetValue<string>();
}

internal static class TaskEventTypes
{
    public const string Log = "log";
    public const string Completion = "completion";
    public const string Cancelled = "cancelled";
    public const string Recovered = "recovered";
}

/// <summary>
/// A task's events in a file, one on each line. What was appended is there after a crash of the platform; a line that a crash cut
/// short is taken out when the file is next written to.
/// </summary>
internal sealed class TaskLog
{
    /// <summary>What a task may write; then one line says so, and only what ends it is written.</summary>
    private const long LengthMax = 32 * 1024 * 1024;

    private const int MessageMax = 64 * 1024;

    private readonly string _file;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last = -1;
    private long _length;

    public TaskLog(string file, TimeProvider clock) => (_file, _clock) = (file, clock);

    /// <summary>Writes a line. The body is redacted already.</summary>
    public void Append(string type, JsonObject body)
    {
        lock (_gate)
        {
            Open();
            if (body["message"]?.GetValue<string>() is { Length: > MessageMax } message)
            {
                body["message"] = message[..MessageMax] + "…";
            }

            if (_length > LengthMax && type == TaskEventTypes.Log)
            {
                return;
            }

            var line = Line(type, body);
            if (_length + line.Length > LengthMax && _length <= LengthMax && type == TaskEventTypes.Log)
            {
                _length = LengthMax;
                line = Line(type, new JsonObject { ["message"] = $"The log has {LengthMax / (1024 * 1024)} MiB, and ends here." });
            }

            using var stream = new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            stream.Write(line);
            _length += line.Length;
            (var changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            changed.TrySetResult();
        }
    }

    /// <summary>What there is, after this id.</summary>
    public IReadOnlyList<TaskEvent> Read(long after)
    {
        var position = 0L;
        return Read(ref position, after);
    }

    /// <summary>Ends when something is appended after this call; ask before reading.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>What there is after this id, and what comes, for as long as the reader wants.</summary>
    public async IAsyncEnumerable<IReadOnlyList<TaskEvent>> FollowAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        var position = 0L;
        while (true)
        {
            var changed = Changed;
            var events = Read(ref position, after);
            if (events.Count > 0)
            {
                yield return events;
            }

            await changed.WaitAsync(stop);
        }
    }

    private byte[] Line(string type, JsonObject body) =>
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new TaskEvent(++_last, type, _clock.GetUtcNow(), body), JsonSerializerOptions.Web) + "\n");

    private List<TaskEvent> Read(ref long position, long after)
    {
        if (!File.Exists(_file))
        {
            return [];
        }

        using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = position;
        var bytes = new byte[stream.Length - position];
        stream.ReadExactly(bytes);
        var events = new List<TaskEvent>();
        var from = 0;
        for (var end = Array.IndexOf(bytes, (byte)'\n'); end >= 0; end = Array.IndexOf(bytes, (byte)'\n', from))
        {
            if (JsonSerializer.Deserialize<TaskEvent>(bytes.AsSpan(from, end - from), JsonSerializerOptions.Web) is { } found && found.Id > after)
            {
                events.Add(found);
            }

            from = end + 1;
        }

        position += from;
        return events;
    }

    // The first write finds out where the file ends, and cuts off half a line.
    private void Open()
    {
        if (_last >= 0)
        {
            return;
        }

        _last = 0;
        var whole = 0L;
        var events = Read(ref whole, -1);
        if (events.Count > 0)
        {
            _last = events[^1].Id;
        }

        if (File.Exists(_file) && new FileInfo(_file).Length > whole)
        {
            using var stream = new FileStream(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength(whole);
        }

        _length = whole;
    }
}

/// <summary>The logs of tasks: one object for each file, so that readers hear of what a writer adds.</summary>
internal sealed class TaskLogs(TaskFolders folders, TimeProvider clock)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskLog> _open = new(StringComparer.Ordinal);

    public TaskLog Of(string id) => _open.GetOrAdd(id, name => new TaskLog(folders.Events(name), clock));

    /// <summary>Nobody writes to it any more; who reads it still, goes on reading.</summary>
    public void Close(string id) => _open.TryRemove(id, out _);
}
