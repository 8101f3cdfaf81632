using Axle.Agent.Isolation;

namespace Axle.Agent.Runs;

/// <summary>How a further command gets into a running sandbox, with the same user, limits and variables.</summary>
internal static class Entering
{
    /// <summary>Null when the run is not there (yet, or any more).</summary>
    public static IReadOnlyList<string>? Arguments(Run run, IReadOnlyList<string> command, LaunchScripts scripts)
    {
        if (run.Exit is not null)
        {
            return null;
        }

        if (run.Record.Sandboxed)
        {
            return run.Inside() is not { } process ? null
                : run.Record.User is { } user ? LaunchPlan.Enter(process, user, run.Record.Cgroups, run.Record.WorkingFolder, command, scripts)
                : run.OwningNamespace(process) is { } owner ? LaunchPlan.EnterOwn(process, owner, run.Record.Cgroups, run.Record.WorkingFolder, command, scripts)
                : null;
        }

        var sandbox = new Sandbox
        {
            InsideFolder = InsideFolder.Of(run.Memory),
            Folder = run.Record.Folder,
            WorkingFolder = run.Record.WorkingFolder,
            Command = command,
            User = run.Record.User,
            Cgroups = run.Record.Cgroups,
        };
        return LaunchPlan.Build(sandbox, MachineIsolation.None, scripts, FolderEntry.In);
    }
}
