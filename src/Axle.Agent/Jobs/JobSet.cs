using System.Collections.Concurrent;
using Axle.Agent.Isolation;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Agent.Workloads;
using Axle.Contracts;
using Axle.Engines;
using Axle.Engines.Sealing;

namespace Axle.Agent.Jobs;

/// <summary>Commands that run once. They go on while the agent is away; its successor takes them over, their time limit included.</summary>
internal sealed class JobSet(AgentFolders folders, Runner runner, ContainerRuns containers, Users users, LogBook logs, ChangeHub hub, TimeProvider clock, MasterKey key, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int PidsDefault = 4096;
    private static readonly TimeSpan s_chown = TimeSpan.FromMinutes(2);
    private readonly RecordFolder<JobRecord> _records = new(folders.Jobs, key, loggers.CreateLogger("Axle.Agent.State"));
    private readonly ConcurrentDictionary<string, JobRecord> _all = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _following = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();

    public IEnumerable<string> Ids => _all.Keys;

    public IEnumerable<string> ClaimedRuns() => _all.Values.Where(job => job.Status.Phase == "Running").Select(job => job.Run);

    public JobStatus? Find(string id) => _all.GetValueOrDefault(id)?.Status;

    /// <summary>The running job that mounts a lasting volume; null when none does.</summary>
    public string? UserOf(string volume) => _all.Values
        .Where(job => job.Status.Phase == "Running" && job.Spec.As?.Container.Volumes.Any(one => one.Volume == volume) == true)
        .Select(job => job.Spec.Id)
        .FirstOrDefault();

    public static string LogOf(string id) => $"job:{id}";

    public void Load()
    {
        foreach (var record in _records.LoadAll())
        {
            _all[record.Spec.Id] = record;
            if (record.Status.Phase == "Running")
            {
                logs.Of(LogOf(record.Spec.Id)).Hidden = Redaction.Of(record.Spec.Redact);
            }
        }
    }

    public void Open()
    {
        foreach (var record in _all.Values.Where(job => job.Status.Phase == "Running"))
        {
            _following[record.Spec.Id] = FollowAsync(record);
        }
    }

    /// <returns>Why it is refused, or null.</returns>
    public async Task<string?> StartAsync(JobSpec spec, CancellationToken stop)
    {
        if (Broken(spec) is { } why)
        {
            return why;
        }

        await _gate.WaitAsync(stop);
        try
        {
            if (_all.ContainsKey(spec.Id))
            {
                return null;
            }

            var now = clock.GetUtcNow();
            var record = new JobRecord(spec, $"job.{spec.Id}.{Names.Random(6)}", new JobStatus(spec.Id, "Running", null, null, now, null));
            logs.Of(LogOf(spec.Id)).Hidden = Redaction.Of(spec.Redact);
            Save(record);
            _following[spec.Id] = FollowAsync(record);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task CancelAsync(string id, CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            if (_all.TryGetValue(id, out var record) && record.Status.Phase == "Running")
            {
                End(record, "Cancelled");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <returns>Why it is refused, or null.</returns>
    public async Task<string?> RemoveAsync(string id, CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            if (_all.TryGetValue(id, out var record))
            {
                if (record.Status.Phase == "Running")
                {
                    return $"The job {id} is running; cancel it first.";
                }

                _records.Delete(id);
                _all.TryRemove(id, out _);
                logs.Remove(LogOf(id));
                hub.Changed(LogOf(id));
            }

            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_following.Values);
    }

    private static string? Broken(JobSpec spec)
    {
        if (!Names.AreValid(spec.Id))
        {
            return $"'{spec.Id}' cannot be a job's id: use letters, digits, - _ and ., beginning with a letter or digit.";
        }

        if (spec.Command.Count == 0)
        {
            return "The job has no command.";
        }

        if (spec.As is { } place && !Names.AreValid(place.WorkloadId))
        {
            return $"'{place.WorkloadId}' cannot be a workload's id.";
        }

        foreach (var folder in (string[])[spec.Folder, .. spec.WritableFolders.Values])
        {
            if (!Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
            {
                return $"The folder {folder} is not there.";
            }
        }

        if (spec.WritableFolders.Keys.FirstOrDefault(path => !path.StartsWith('/') || path.Split('/').Contains("..")) is { } broken)
        {
            return $"'{broken}' cannot be a folder inside the sandbox; give an absolute path.";
        }

        return (spec.As?.Container.Variables ?? spec.Variables).Keys.FirstOrDefault(name => !LaunchPlan.IsVariableName(name)) is { } name ? $"'{name}' cannot be the name of a variable." : null;
    }

    private async Task FollowAsync(JobRecord record)
    {
        var id = record.Spec.Id;
        try
        {
            // Started again when the agent ended between writing it down and starting it; a run that is there is returned as it is.
            var run = runner.Find(record.Run) ?? await StartRunAsync(record);
            var left = record.Status.StartedAt + TimeSpan.FromSeconds(record.Spec.TimeoutSeconds) - clock.GetUtcNow();
            var exited = run.Exited;
            if (record.Ending is null)
            {
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var late = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, timer.Token);
                if (await Task.WhenAny(exited, late) == late && !_stop.IsCancellationRequested)
                {
                    await _gate.WaitAsync(_stop.Token);
                    try
                    {
                        if (!exited.IsCompleted && _all.TryGetValue(id, out var latest))
                        {
                            End(latest, "TimedOut");
                        }
                    }
                    finally
                    {
                        _gate.Release();
                    }
                }

                await timer.CancelAsync();
            }
            else
            {
                run.Kill();
            }

            Finish(id, await exited.WaitAsync(_stop.Token));
            runner.Forget(run);
        }
        catch (OperationCanceledException)
        {
            // The agent ends; the job goes on.
        }
        catch (Exception e)
        {
            // Whatever it is, whoever waits for the job must learn that it will not end otherwise.
            SayTo(id, $"the job cannot be run: {e.Message}");
            Save(_all[id] with { Status = _all[id].Status with { Phase = "Failed", Message = $"cannot be run: {e.Message}", FinishedAt = clock.GetUtcNow() } });
        }
        finally
        {
            _following.TryRemove(id, out _);
        }
    }

    private void Finish(string id, RunExit exit)
    {
        var record = _all[id];
        var (phase, message) = record.Ending switch
        {
            "Cancelled" => ("Cancelled", "cancelled"),
            "TimedOut" => ("TimedOut", $"killed: not done within {record.Spec.TimeoutSeconds:0.#} s"),
            _ => exit.Code == 0 ? ("Succeeded", null) : ("Failed", exit.Words),
        };
        if (message is not null)
        {
            SayTo(id, message);
        }

        Save(record with { Status = record.Status with { Phase = phase, ExitCode = exit.Code, Message = message, FinishedAt = clock.GetUtcNow() } });
    }

    private void End(JobRecord record, string how)
    {
        Save(record with { Ending = record.Ending ?? how });
        runner.Find(record.Run)?.Kill();
    }

    private async Task<Run> StartRunAsync(JobRecord record)
    {
        var spec = record.Spec;
        if (spec.As is { } place)
        {
            var container = place.Container with { Command = spec.Command };
            var group = new GroupSpec { Name = "job", Kind = GroupKind.Worker, Containers = [container] };
            var workload = new WorkloadSpec { Id = place.WorkloadId, Revision = "", Release = "", ArtifactFolder = spec.Folder, Groups = [group] };
            return runner.Start(containers.Of(record.Run, workload, group, container, spec.Id, new Dictionary<string, int>()) with { Log = LogOf(spec.Id) });
        }

        var user = users.For($"jobs:{spec.Owner}");
        var mounts = spec.WritableFolders.Select(pair => new SandboxMount(pair.Value, pair.Key, ReadOnly: false)).ToList();
        if (!runner.Isolation.Sandbox && mounts.Exists(mount => mount.Source.TrimEnd('/') != mount.Target.TrimEnd('/')))
        {
            throw new FormatException($"writable folders need the sandbox, which this machine does not offer ({string.Join("; ", runner.Isolation.Missing)})");
        }

        if (user is { } owner)
        {
            foreach (var folder in mounts.Select(mount => mount.Source).Concat(spec.WritableFolder ? [spec.Folder] : []))
            {
                await GiveAsync(folder, owner);
            }
        }

        var variables = ContainerRuns.Common();
        foreach (var (name, value) in spec.Variables)
        {
            variables[name] = value;
        }

        return runner.Start(new RunSpec
        {
            Id = record.Run,
            Log = LogOf(spec.Id),
            Source = spec.Id,
            Folder = spec.Folder,
            WritableFolder = spec.WritableFolder,
            Command = spec.Command,
            Variables = variables,
            Mounts = mounts,
            Limits = ContainerRuns.Limits(spec.Limits, ContainerRuns.MachineMemory * 3 / 4, PidsDefault),
            User = user,
        });
    }

    /// <summary>Links inside the folder are changed themselves, never what they point to.</summary>
    private async Task GiveAsync(string folder, int owner)
    {
        var (code, text) = await Commands.RunAsync(["/bin/chown", "-Rh", "--", $"{owner}:{owner}", folder], s_chown, _stop.Token);
        if (code != 0)
        {
            throw new IOException($"the folder {folder} cannot be given to the job's user: {text.Trim()}");
        }
    }

    private void SayTo(string id, string text) => logs.Of(LogOf(id)).Append([new LogLine(clock.GetUtcNow(), id, "axle", text)]);

    private void Save(JobRecord record)
    {
        if (record.Status.Message is { } message)
        {
            record = record with { Status = record.Status with { Message = logs.Of(LogOf(record.Spec.Id)).Hidden.Hide(message) } };
        }

        _records.Save(record.Spec.Id, record);
        _all[record.Spec.Id] = record;
        hub.Changed(LogOf(record.Spec.Id));
    }
}
