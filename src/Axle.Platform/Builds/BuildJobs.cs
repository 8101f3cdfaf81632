using System.Collections.Concurrent;
using System.Globalization;
using Axle.Contracts;
using Axle.Engines;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Builds;

/// <summary>
/// Runs the steps of builds as jobs of the engine, one after the other. A job's id follows from build, attempt and step,
/// so that after a restart of the control plane the same job is found again instead of a second one started.
/// </summary>
internal sealed partial class BuildJobs(IEngine engine, BuildPaths paths, BuildLogs logs, MachineProbe machine, TimeProvider clock, ILogger<BuildJobs> log) : IDisposable, IAsyncDisposable
{
    private const int CancelLooksMax = 200;
    private static readonly TimeSpan s_cancelLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_logDrainMax = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Task> _pumps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EntityRef> _builds = new(StringComparer.Ordinal);

    private readonly CancellationTokenSource _stop = new();

    public static string Id(EntityRef build, int attempt, int step, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"build-{BuildPaths.Name(build)}-{attempt}-{step + 1}-{name}");

    /// <summary>The build that a job of ours belongs to.</summary>
    public EntityRef? BuildOf(string job) => _builds.TryGetValue(job, out var build) ? build : null;

    /// <summary>The job's status; starts it when the engine does not know it.</summary>
    public async Task<JobStatus> RunAsync(EntityRef build, BuildSpec spec, int step, BuildStep what, BuildsOptions options, TimeSpan timeLeft, CancellationToken stop)
    {
        var id = Id(build, spec.Attempt, step, what.Name);
        _builds[id] = build;
        var status = await engine.ObserveJobAsync(id, stop);
        if (status is null)
        {
            logs.Open(build).Remark($"$ {what.Words}");
            await engine.StartJobAsync(await JobAsync(id, build, spec, what, options, timeLeft, stop), stop);
            status = await engine.ObserveJobAsync(id, stop) ?? throw new EngineUnavailableException($"The engine took the job {id} and does not know it.");
        }

        _ = _pumps.GetOrAdd(id, job => Task.Run(() => PumpAsync(job, build), CancellationToken.None));
        if (status.Phase != "Running")
        {
            await DrainAsync(id, build, stop);
        }

        return status;
    }

    /// <summary>Forgets a job that ended; its lines are in the build's log.</summary>
    public async Task ForgetAsync(EntityRef build, int attempt, int step, string name, CancellationToken stop)
    {
        var id = Id(build, attempt, step, name);
        await engine.RemoveJobAsync(id, stop);
        _pumps.TryRemove(id, out _);
        _builds.TryRemove(id, out _);
    }

    /// <summary>Kills a step's whole tree and keeps what it wrote.</summary>
    public async Task CancelAsync(EntityRef build, int attempt, int step, string name, CancellationToken stop)
    {
        var id = Id(build, attempt, step, name);
        if (await engine.ObserveJobAsync(id, stop) is null)
        {
            return;
        }

        await engine.CancelJobAsync(id, stop);
        await DrainAsync(id, build, stop);

        // Killing takes a moment, and a job that still runs cannot be forgotten.
        for (var look = 0; look < CancelLooksMax && await engine.ObserveJobAsync(id, stop) is { Phase: "Running" }; look++)
        {
            await Task.Delay(s_cancelLook, clock, stop);
        }

        await ForgetAsync(build, attempt, step, name, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_pumps.Values);
            _stop.Dispose();
        }
    }

    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private async Task<JobSpec> JobAsync(string id, EntityRef build, BuildSpec spec, BuildStep what, BuildsOptions options, TimeSpan timeLeft, CancellationToken stop)
    {
        var settings = await machine.SettingsAsync(stop);
        var (home, output, cache) = (paths.Home(build), paths.Out(build), paths.Cache(spec.Component));
        foreach (var folder in (string[])[output, cache])
        {
            Directory.CreateDirectory(folder);
        }

        if (!Directory.Exists(home))
        {
            // Written before any step ran and never again: after that the folder is a step's, with whatever links it put there.
            BuildEnvironment.PrepareHome(settings, home + ".new");
            Directory.Move(home + ".new", home);
        }

        var variables = new Dictionary<string, string>(BuildEnvironment.Variables(settings, home, cache));
        foreach (var (name, value) in what.Variables)
        {
            variables[name] = value;
        }

        return new JobSpec
        {
            Id = id,
            Command = [.. what.Command.Select(word => word.Replace(BuildFolders.Out, output, StringComparison.Ordinal))],
            Folder = paths.Source(build),
            WritableFolder = true,
            WritableFolders = new Dictionary<string, string> { [home] = home, [output] = output, [cache] = cache },
            Variables = variables,
            Limits = new LimitSpec(options.MemoryBytes, options.CpuMillis, options.PidsMax),
            TimeoutSeconds = Math.Max(1, timeLeft.TotalSeconds),
            Owner = BuildPaths.Owner(spec.Component),
        };
    }

    /// <summary>Copies a job's lines into the build's log until the job ends. After a restart it goes on behind the last line that was copied.</summary>
    private async Task PumpAsync(string id, EntityRef build)
    {
        try
        {
            var into = logs.Open(build);
            var copied = await into.TailAsync(1000, id, _stop.Token);
            var last = copied.Count > 0 ? copied[^1].At : (DateTimeOffset?)null;

            // Several lines may carry the same time: those that are there already are skipped by number.
            var skip = copied.Count(l => l.At == last);
            await foreach (var line in engine.LogsAsync(new LogQuery($"job:{id}", Follow: true, Since: last), _stop.Token))
            {
                if (last is not null && (line.At < last || (line.At == last && skip-- > 0)))
                {
                    continue;
                }

                into.Append(line with { Source = id });
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The platform ends; its successor reads on from the last line that was copied.
        }
        catch (Exception e) when (e is EngineUnavailableException or EngineRefusedException or IOException)
        {
            // The next look starts another pump, which goes on where this one stopped.
            LogPump(log, id, e.Message);
            _pumps.TryRemove(id, out _);
        }
    }

    private async Task DrainAsync(string id, EntityRef build, CancellationToken stop)
    {
        var pump = _pumps.GetOrAdd(id, job => Task.Run(() => PumpAsync(job, build), CancellationToken.None));
        try
        {
            await pump.WaitAsync(s_logDrainMax, stop);
        }
        catch (TimeoutException)
        {
            logs.Open(build).Remark("The last lines of this step could not be read in time.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading the log of the job {Job} was cut short: {Reason}")]
    private static partial void LogPump(ILogger logger, string job, string reason);
}
