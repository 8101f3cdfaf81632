using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Tests.Builds;

/// <summary>An engine that runs jobs as plain processes, and outlives the control plane of a test like the real one.</summary>
internal sealed class FakeEngine : IEngine, IDisposable
{
    private readonly ConcurrentDictionary<string, Job> _jobs = new(StringComparer.Ordinal);
    private readonly Channel<string> _changes = Channel.CreateUnbounded<string>();

    public string Name => "fake";

    /// <summary>Every job that was ever started, in order.</summary>
    public ConcurrentQueue<JobSpec> Started { get; } = new();

    public bool Away { get; set; }

    public Task StartJobAsync(JobSpec job, CancellationToken stop)
    {
        Here();
        _jobs.GetOrAdd(job.Id, _ =>
        {
            Started.Enqueue(job);
            var start = new ProcessStartInfo(job.Command[0]) { WorkingDirectory = job.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in job.Command.Skip(1))
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment.Clear();
            foreach (var (name, value) in job.Variables)
            {
                start.Environment[name] = value;
            }

            return new Job(job.Id, Process.Start(start)!, id => _changes.Writer.TryWrite("job:" + id));
        });
        return Task.CompletedTask;
    }

    public Task<JobStatus?> ObserveJobAsync(string id, CancellationToken stop)
    {
        Here();
        return Task.FromResult(_jobs.TryGetValue(id, out var job) ? job.Status : null);
    }

    public Task CancelJobAsync(string id, CancellationToken stop)
    {
        _jobs[id].Cancel();
        return Task.CompletedTask;
    }

    public Task RemoveJobAsync(string id, CancellationToken stop)
    {
        _jobs.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken stop)
    {
        Here();
        var job = _jobs[query.Id["job:".Length..]];
        var next = 0;
        while (true)
        {
            var ended = job.Status.Phase != "Running";
            foreach (var line in job.Lines.Skip(next).ToList())
            {
                next++;
                if (query.Since is null || line.At >= query.Since)
                {
                    yield return line;
                }
            }

            if (ended)
            {
                yield break;
            }

            await Task.Delay(10, stop);
        }
    }

    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var id in _changes.Reader.ReadAllAsync(stop))
        {
            yield return id;
        }
    }

    public Task ApplyAsync(WorkloadSpec workload, CancellationToken stop) => throw new NotSupportedException();

    public Task<WorkloadStatus?> ObserveAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public Task<IReadOnlyList<WorkloadStatus>> ObserveAllAsync(CancellationToken stop) => throw new NotSupportedException();

    public Task CancelRolloutAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public Task RemoveAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public IAsyncEnumerable<ExecOutput> ExecAsync(ExecSpec exec, Stream? input, CancellationToken stop) => throw new NotSupportedException();

    public Task<EngineInfo> InfoAsync(CancellationToken stop) => throw new NotSupportedException();

    public void Dispose()
    {
        foreach (var job in _jobs.Values)
        {
            job.Cancel();
        }
    }

    private void Here()
    {
        if (Away)
        {
            throw new EngineUnavailableException("The test took the engine away.");
        }
    }

    private sealed class Job
    {
        private readonly Process _process;
        private readonly DateTimeOffset _started = TimeProvider.System.GetUtcNow();
        private readonly Task _pipes;
        private volatile bool _cancelled;

        public Job(string id, Process process, Action<string> ended)
        {
            Id = id;
            _process = process;
            _pipes = Task.WhenAll(ReadAsync(process.StandardOutput, "out"), ReadAsync(process.StandardError, "err"));
            _ = _pipes.ContinueWith(_ => ended(id), TaskScheduler.Default);
        }

        public string Id { get; }

        public ConcurrentQueue<LogLine> Lines { get; } = new();

        public JobStatus Status => _pipes.IsCompleted && _process.HasExited
            ? new JobStatus(Id, _cancelled ? "Cancelled" : _process.ExitCode == 0 ? "Succeeded" : "Failed", _process.ExitCode, null, _started, TimeProvider.System.GetUtcNow())
            : new JobStatus(Id, "Running", null, null, _started, null);

        public void Cancel()
        {
            _cancelled = true;
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        private async Task ReadAsync(StreamReader reader, string stream)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                Lines.Enqueue(new LogLine(TimeProvider.System.GetUtcNow(), Id, stream, line));
            }
        }
    }
}
