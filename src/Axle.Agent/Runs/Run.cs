using System.Globalization;
using System.Text.Json;
using Axle.Agent.Isolation;
using Axle.Agent.Machine;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Runs;

/// <summary>A process tree that was started here or adopted. It is beside the agent, not below: it goes on when the agent ends.</summary>
internal sealed class Run(RunRecord record, string folder)
{
    private SafeFileHandle? _owner;
    private readonly TaskCompletionSource<RunExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunRecord Record => record;

    public string Id => record.Id;

    public string Folder => folder;

    /// <summary>Where it keeps what must not lie on a disk.</summary>
    public string Memory => record.Memory ?? folder;

    /// <summary>The shim's process; 0 while it is not known.</summary>
    public int Shim { get; set; }

    /// <summary>Completes when the process has ended and its last line is in the log.</summary>
    public Task<RunExit> Exited => _exited.Task;

    public RunExit? Exit => _exited.Task.IsCompletedSuccessfully ? _exited.Task.GetAwaiter().GetResult() : null;

    internal LogPump? Pump { get; set; }

    /// <summary>Set by whoever sees the end first; the others leave it to them.</summary>
    internal int Ending;

    public bool ShimRuns => Shim > 0 && ProcessTable.IsRunning(Shim, folder);

    internal void SetExited(RunExit exit)
    {
        _exited.TrySetResult(exit);
        Interlocked.Exchange(ref _owner, null)?.Dispose();
    }

    /// <summary>The application's processes: not the shim, not the sandbox's own.</summary>
    public IReadOnlyList<int> Processes()
    {
        var all = record.Cgroups.Count > 0 ? Cgroups.Processes(record.Cgroups) : Shim > 0 ? ProcessTable.Family(Shim) : [];
        return [.. all.Where(IsApplication)];
    }

    private static bool IsApplication(int process) => ProcessTable.Program(process) is not "/usr/bin/bwrap" && !ProcessTable.HasEnded(process);

    /// <summary>
    /// Asks the application to end. SIGTERM goes to each of its processes, because few shells pass it on; any other signal means
    /// something to the main process only. The sandbox's own processes are spared: their end would kill it at once.
    /// </summary>
    public void Terminate()
    {
        var signal = StopSignals.NumberOf(record.StopSignal) ?? Native.Term;

        // Below the shim, because checks and commands of people are in the same control groups.
        var family = Shim > 0 ? ProcessTable.Family(Shim) : [];
        var own = family.Where(IsApplication).ToList();
        if (own.Count == 0)
        {
            // It has not begun, so it has nothing to finish, and would never hear the signal.
            Kill();
            foreach (var process in family)
            {
                Native.Signal(process, Native.Kill);
            }

            return;
        }

        foreach (var process in signal == Native.Term ? Processes() : ProcessTable.Eldest(own))
        {
            Native.Signal(process, signal);
        }
    }

    /// <summary>Ends everything of it, also what detached itself.</summary>
    public void Kill()
    {
        if (!Cgroups.Kill(record.Cgroups))
        {
            var all = record.Cgroups.Count > 0 ? Cgroups.Processes(record.Cgroups) : Shim > 0 ? ProcessTable.Family(Shim) : [];
            foreach (var process in all)
            {
                Native.Signal(process, Native.Kill);
            }
        }
    }

    public long? MemoryBytes() => record.Cgroups.Count > 0 ? Cgroups.MemoryBytes(record.Cgroups) : Processes().Sum(ProcessTable.MemoryBytes);

    /// <summary>A process inside the sandbox, to enter by; null when it is gone.</summary>
    public int? Inside()
    {
        try
        {
            using var told = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sandbox")));
            return told.RootElement.GetProperty("child-pid").GetInt32();
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// The user namespace that owns the sandbox's other namespaces, as a path; null when there is none to be had. It is not the one
    /// its processes are in: bwrap puts another below it, from which nobody may enter the others.
    /// </summary>
    public string? OwningNamespace(int inside)
    {
        var owner = _owner;
        if (owner is null)
        {
            owner = Native.OpenOwnerOf($"/proc/{inside}/ns/ipc");
            owner = Interlocked.CompareExchange(ref _owner, owner, null) ?? owner;
        }

        return owner is null ? null : $"/proc/{Environment.ProcessId}/fd/{owner.DangerousGetHandle()}";
    }

    /// <summary>The exit code that the shim wrote, if it did.</summary>
    internal int? WrittenExit()
    {
        try
        {
            return int.Parse(File.ReadAllText(Path.Combine(folder, "exit")).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null;
        }
    }
}
