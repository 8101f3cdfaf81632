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
internal sealed class Runner(AgentFolders folders, MachineIsolation isolation, LaunchScripts scripts, LogBook logs, TimeProvider clock, ILogger<Runner> logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastLines = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private NamedPipeClientStream? _events;

    public MachineIsolation Isolation => isolation;

    public LaunchScripts Scripts => scripts;

    public Run? Find(string id) => _runs.GetValueOrDefault(id);

    /// <summary>Takes over every run whose folder is there. Runs that ended while nobody watched complete at once.</summary>
    public void Open()
    {
        if (!File.Exists(folders.Events))
        {
            Native.MakeFifo(folders.Events);
        }

        var handle = Native.OpenFifo(folders.Events, write: true) ?? throw new IOException($"The pipe {folders.Events} cannot be opened.");
        _events = new NamedPipeClientStream(PipeDirection.In, isAsync: true, isConnected: true, new SafePipeHandle(handle, ownsHandle: true));
        foreach (var folder in Directory.EnumerateDirectories(folders.Runs))
        {
            Adopt(folder);
        }

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

        // 1. Everything that the run needs, in a folder of its own.
        var folder = Path.Combine(folders.Runs, spec.Id);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        InsideFolder.Prepare(folder, spec.User, spec.Variables, spec.Files, scripts);
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
        var record = new RunRecord(spec.Id, spec.Log, spec.Source, cgroups, spec.User, spec.Folder, spec.WorkingFolder, cgroups.Count > 0 ? spec.Limits.MemoryBytes : null, isolation.Sandbox);
        AtomicFile.Write(Path.Combine(folder, "run.json"), JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.RunRecord));

        // 2. The argument list is made before anything is started, so that a refusal leaves nothing behind.
        var run = new Run(record, folder);
        var sandbox = new Sandbox
        {
            InsideFolder = InsideFolder.Of(folder),
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
        run.Pump = new LogPump(folder, logs.Of(spec.Log), spec.Source, clock);
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
        Cgroups.Remove(run.Record.Cgroups);
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

        _stop.Dispose();
    }

    private void Adopt(string folder)
    {
        RunRecord record;
        try
        {
            record = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, "run.json")), StateJson.Default.RunRecord)!;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Nothing was started yet when the agent ended.
            Directory.Delete(folder, recursive: true);
            return;
        }

        var run = new Run(record, folder);
        _runs[run.Id] = run;
        try
        {
            run.Shim = int.Parse(File.ReadAllText(Path.Combine(folder, "shim")), CultureInfo.InvariantCulture);
            run.Pump = new LogPump(folder, logs.Of(record.Log), record.Source, clock);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            // The shim never ran.
        }

        if (run.WrittenExit() is not null || !run.ShimRuns)
        {
            _ = EndAsync(run);
        }
    }

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
