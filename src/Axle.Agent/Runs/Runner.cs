using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Axle.Agent.Isolation;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Agent.State;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Runs;

/// <summary>Starts runs, adopts those of the agent before, and tells when one ends. Knows nothing of workloads or jobs.</summary>
internal sealed class Runner(AgentFolders folders, RunMemory memory, MachineIsolation isolation, LaunchScripts scripts, LogBook logs, TimeProvider clock, ILogger<Runner> logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shimStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(20);
    private const int TidyTriesMax = 25;
    private static readonly TimeSpan s_lastLines = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _untidy = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private NamedPipeClientStream? _events;

    public MachineIsolation Isolation => isolation;

    public LaunchScripts Scripts => scripts;

    public Run? Find(string id) => _runs.GetValueOrDefault(id);

    /// <summary>Takes over every run whose folder is there. Runs that ended while nobody watched complete at once.</summary>
    public async Task OpenAsync(CancellationToken stop)
    {
        if (!File.Exists(folders.Events))
        {
            Native.MakeFifo(folders.Events);
        }

        var handle = Native.OpenFifo(folders.Events, write: true) ?? throw new IOException($"The pipe {folders.Events} cannot be opened.");
        _events = new NamedPipeClientStream(PipeDirection.In, isAsync: true, isConnected: true, new SafePipeHandle(handle, ownsHandle: true));
        foreach (var folder in Directory.EnumerateDirectories(folders.Runs))
        {
            await AdoptAsync(folder, stop);
        }

        memory.RemoveAllBut(_runs.Keys.ToHashSet(StringComparer.Ordinal));
        isolation.Cgroups?.RemoveEmpty();
        _watching = Task.WhenAll(ReadEventsAsync(_events), LookAsync());
    }

    /// <exception cref="IOException">The machine refused.</exception>
    /// <exception cref="FormatException">Something in the spec cannot be given to a process.</exception>
    public Run Start(RunSpec spec)
    {
        if (_runs.TryGetValue(spec.Id, out var known))
        {
            return known;
        }

        var folder = Path.Combine(folders.Runs, spec.Id);
        try
        {
            return StartIn(folder, spec);
        }
        catch
        {
            // Nothing of a start that was refused may stand in the way of the next.
            if (_runs.TryRemove(spec.Id, out var half))
            {
                half.Pump?.Dispose();
            }

            memory.Remove(spec.Id, null);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Tidy(spec.Id, isolation.Cgroups?.Of(spec.Id) ?? []);
            throw;
        }
    }

    private Run StartIn(string folder, RunSpec spec)
    {
        // 1. Everything that the run needs, in a folder of its own.
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var kept = memory.For(spec.Id, spec.Files);
        InsideFolder.Prepare(InsideFolder.Of(kept), spec.User, spec.Variables, spec.Files, scripts);
        foreach (var name in (ReadOnlySpan<string>)["out", "err", "release"])
        {
            Native.MakeFifo(Path.Combine(folder, name));
        }

        if (spec.User is { } user)
        {
            Native.Chown(Path.Combine(folder, "out"), user);
            Native.Chown(Path.Combine(folder, "err"), user);
        }

        var cgroups = isolation.Cgroups?.Create(spec.Id, spec.Limits) ?? [];
        var record = new RunRecord(spec.Id, spec.Log, spec.Source, cgroups, spec.User, spec.Folder, spec.WorkingFolder, cgroups.Count > 0 ? spec.Limits.MemoryBytes : null, isolation.Sandbox)
        {
            Memory = kept,
            StopSignal = spec.StopSignal,
        };
        AtomicFile.Write(Path.Combine(folder, "run.json"), JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Options));

        // 2. The argument list is made before anything is started, so that a refusal leaves nothing behind.
        var run = new Run(record, folder);
        var sandbox = new Sandbox
        {
            InsideFolder = InsideFolder.Of(kept),
            Folder = spec.Folder,
            WritableFolder = spec.WritableFolder,
            WorkingFolder = spec.WorkingFolder,
            Mounts = spec.Mounts,
            Command = spec.Command,
            User = spec.User,
            Cgroups = cgroups,
            TellsProcess = true,
        };
        List<string> arguments =
        [
            "/usr/bin/setsid", "/bin/sh", scripts.Shim, folder, folders.Events, spec.Id,
            .. LaunchPlan.Build(sandbox, isolation, scripts, FolderEntry.In),
        ];

        // 3. From here on it lives beside us.
        run.Pump = new LogPump(folder, kept, logs.Of(spec.Log), spec.Source, clock);
        _runs[spec.Id] = run;
        var process = Commands.Start(arguments, redirect: false);
        run.Shim = process.Id;
        _ = FollowShimAsync(process, run);
        return run;
    }

    /// <summary>Removes what is left of a run that has ended. Its end is forgotten, so write it down first.</summary>
    public void Forget(Run run)
    {
        _runs.TryRemove(run.Id, out _);
        Tidy(run.Id, run.Record.Cgroups);
        memory.Remove(run.Id, run.Record.Memory);
        try
        {
            Directory.Delete(run.Folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Forgotten before.
        }
    }

    /// <summary>Kills runs that nobody claims: the agent ended between starting them and writing them down, or their owner was removed.</summary>
    /// <remarks>Which ones is settled before it returns, so that runs that start afterwards are safe.</remarks>
    public Task KillOrphansAsync(IReadOnlySet<string> claimed)
    {
        return Task.WhenAll(_runs.Values.Where(run => !claimed.Contains(run.Id)).ToList().Select(KillAsync));

        async Task KillAsync(Run run)
        {
            logger.LogWarning("The run {Run} belongs to nobody and is killed", run.Id);
            run.Kill();
            await run.Exited;
            Forget(run);
        }
    }

    /// <summary>Lets go of all runs without ending them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _events?.Dispose();
        await _watching;
        foreach (var run in _runs.Values)
        {
            run.Pump?.Dispose();
        }

        for (var tries = 0; tries < TidyTriesMax && !Tidy(); tries++)
        {
            await Task.Delay(s_soon);
        }

        _stop.Dispose();
    }

    private async Task AdoptAsync(string folder, CancellationToken stop)
    {
        // The shim writes itself down before it starts anything. Without that either it is about to, or nothing was started.
        var began = clock.GetTimestamp();
        while (!File.Exists(Path.Combine(folder, "shim")) && ProcessTable.With(folder) is not null && clock.GetElapsedTime(began) < s_shimStart)
        {
            await Task.Delay(s_soon, clock, stop);
        }

        if (!File.Exists(Path.Combine(folder, "shim")))
        {
            // Nothing was started yet when the agent ended; who wanted it wants it still.
            memory.Remove(Path.GetFileName(folder), null);
            Directory.Delete(folder, recursive: true);
            return;
        }

        var id = Path.GetFileName(folder);
        try
        {
            var record = ReadRecord(folder, id);
            var run = new Run(record, folder) { Shim = int.Parse(File.ReadAllText(Path.Combine(folder, "shim")), CultureInfo.InvariantCulture) };
            run.Pump = new LogPump(folder, run.Memory, logs.Of(record.Log), record.Source, clock);
            _runs[id] = run;
            if (run.WrittenExit() is not null || !run.ShimRuns)
            {
                _ = EndAsync(run);
            }
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException)
        {
            logger.LogError("The run {Run} cannot be taken over; it is killed and counts as ended: {Reason}", id, e.Message);
            GiveUp(folder, id);
        }
    }

    /// <summary>What nobody can supervise must not go on: its owner starts another one, or learns that it has ended.</summary>
    private void GiveUp(string folder, string id)
    {
        var run = _runs[id] = new Run(new RunRecord(id, "", "", isolation.Cgroups?.Of(id) ?? [], null, "", "", null, isolation.Sandbox), folder)
        {
            Shim = ProcessTable.With(folder) ?? 0,
        };
        run.Kill();
        if (run.Shim > 0)
        {
            Native.Signal(run.Shim, Native.Kill);
        }

        _ = EndAsync(run);
    }

    private static RunRecord ReadRecord(string folder, string id) =>
        JsonSerializer.Deserialize<RunRecord>(File.ReadAllBytes(Path.Combine(folder, "run.json")), StateJson.Options) is { Log: not null, Source: not null, Cgroups: not null } record && record.Id == id
            ? record
            : throw new JsonException("run.json is not that of this run");

    private async Task ReadEventsAsync(NamedPipeClientStream events)
    {
        try
        {
            using var reader = new StreamReader(events, Encoding.UTF8, leaveOpen: true);
            while (await reader.ReadLineAsync(_stop.Token) is { } id)
            {
                if (_runs.TryGetValue(id, out var run))
                {
                    _ = EndAsync(run);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The agent ends.
        }
    }

    /// <summary>Finds the ends that were not announced: a killed shim.</summary>
    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(s_lookAgain, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                Tidy();
                foreach (var run in _runs.Values)
                {
                    if (run.Ending == 0 && !run.ShimRuns)
                    {
                        _ = EndAsync(run);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }

    /// <summary>Removes the control groups of a run, now or when its last process has left them.</summary>
    private void Tidy(string id, IReadOnlyList<string> cgroups)
    {
        if (!Cgroups.Remove(cgroups))
        {
            _untidy[id] = cgroups;
        }
    }

    /// <summary>Removes control groups that were still in use before. True when none is left.</summary>
    private bool Tidy()
    {
        foreach (var (id, groups) in _untidy)
        {
            if (Cgroups.Remove(groups))
            {
                _untidy.TryRemove(id, out _);
            }
        }

        return _untidy.IsEmpty;
    }

    private async Task FollowShimAsync(System.Diagnostics.Process process, Run run)
    {
        using (process)
        {
            try
            {
                await process.WaitForExitAsync(_stop.Token);
                await EndAsync(run);
            }
            catch (OperationCanceledException)
            {
                // The agent ends; the run goes on.
            }
        }
    }

    private async Task EndAsync(Run run)
    {
        if (Interlocked.Exchange(ref run.Ending, 1) != 0)
        {
            return;
        }

        try
        {
            // 1. Whatever it left behind goes with it.
            var code = run.WrittenExit();
            var exit = new RunExit(code, code is not 0 && Cgroups.OutOfMemoryKills(run.Record.Cgroups) > 0, run.Record.MemoryLimit);
            run.Kill();

            // 2. The shim holds the last lines in the pipes until it is told that we have them open.
            var release = Native.OpenFifo(Path.Combine(run.Folder, "release"), write: true);
            try
            {
                if (release is { } handle)
                {
                    Native.WriteLine(handle);
                }

                await (run.Pump?.FinishAsync(s_lastLines) ?? Task.CompletedTask);
            }
            finally
            {
                // Not before: what nobody has read yet is gone with the last writer.
                if (release is { } handle)
                {
                    Native.CloseHandle(handle);
                }
            }

            run.Pump?.Dispose();
            run.SetExited(exit);
        }
        catch (Exception e)
        {
            // Whatever it is, the owner must learn of the end.
            logger.LogError(e, "The end of run {Run} could not be tidied up", run.Id);
            run.SetExited(new RunExit(run.WrittenExit(), false, run.Record.MemoryLimit));
        }
    }
}
