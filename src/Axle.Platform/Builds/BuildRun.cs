using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Source;

namespace Axle.Platform.Builds;

/// <summary>How far an attempt came; kept in the build's folder.</summary>
/// <param name="Done">Steps that succeeded.</param>
internal sealed record Progress(int Attempt, int Done);

/// <summary>What the reconciler does to the world, one method per effect. Each can be repeated.</summary>
internal sealed class BuildRun(IRepositories repositories, BuildJobs jobs, BuildPaths paths, BuildLogs logs, ArtifactStore artifacts, ArtifactIndex index, BuildsOptions options)
{
    public BuildLog Log(EntityRef build) => logs.Open(build);

    public void Begin(EntityRef build, BuildSpec spec, BuildPlanner.Planned planned)
    {
        var log = logs.Open(build);
        log.Remark($"Building {spec.Component.Name} at {spec.Commit[..Math.Min(spec.Commit.Length, 12)]}{(spec.Attempt > 1 ? $", attempt {spec.Attempt}" : "")}: {planned.Plan.Sentence}");
        foreach (var note in planned.Plan.Notes)
        {
            log.Remark(note);
        }
    }

    public Task<ArtifactIndex.Entry?> FindAsync(string key, CancellationToken stop) => index.FindAsync(key, stop);

    /// <summary>An attempt has begun to work, and goes on whatever else was built meanwhile.</summary>
    public bool Prepared(EntityRef build) => File.Exists(paths.Progress(build));

    /// <summary>Exports the tree, unless this attempt did so already.</summary>
    public async Task<Progress> PrepareAsync(EntityRef build, BuildSpec spec, BuildPlanner.Planned planned, CancellationToken stop)
    {
        if (await ReadAsync(build, stop) is { } known && known.Attempt == spec.Attempt && Directory.Exists(paths.Source(build)))
        {
            return known;
        }

        paths.Tidy(build);
        var exporting = paths.Source(build) + ".new";
        Directory.CreateDirectory(exporting);
        await repositories.ExportAsync(spec.Repository, spec.Commit, exporting, stop);
        foreach (var (path, text) in planned.Plan.Application.Overlay)
        {
            // A link may lie where the file goes; it is replaced, not followed.
            var target = Path.Combine(exporting, path);
            File.Delete(target);
            await File.WriteAllTextAsync(target, text, stop);
        }

        SetTimes(exporting, planned.Commit.At);
        Directory.Move(exporting, paths.Source(build));
        return await WriteAsync(build, new Progress(spec.Attempt, 0), stop);
    }

    public Task<JobStatus> StepAsync(EntityRef build, BuildSpec spec, int number, BuildStep step, TimeSpan timeLeft, CancellationToken stop) =>
        jobs.RunAsync(build, spec, number, step, options, timeLeft, stop);

    public async Task<Progress> DoneAsync(EntityRef build, BuildSpec spec, Progress progress, BuildStep step, CancellationToken stop)
    {
        var next = await WriteAsync(build, progress with { Done = progress.Done + 1 }, stop);
        await jobs.ForgetAsync(build, spec.Attempt, progress.Done, step.Name, stop);
        return next;
    }

    public async Task<Error> FailureAsync(EntityRef build, BuildSpec spec, int number, BuildStep step, JobStatus job, CancellationToken stop)
    {
        var tail = await logs.Open(build).TailAsync(BuildFailure.LinesMax, job.Id, stop);
        await jobs.ForgetAsync(build, spec.Attempt, number, step.Name, stop);
        return BuildFailure.Of(build, step, job, options.Timeout, tail);
    }

    public async Task CancelAsync(EntityRef build, BuildSpec spec, IReadOnlyList<BuildStep> steps, CancellationToken stop)
    {
        for (var number = 0; number < steps.Count; number++)
        {
            await jobs.CancelAsync(build, spec.Attempt, number, steps[number].Name, stop);
        }
    }

    /// <summary>Makes the artifact and remembers what input it came from.</summary>
    public async Task<Result<ArtifactIndex.Entry>> CollectAsync(EntityRef build, BuildPlanner.Planned planned, CancellationToken stop)
    {
        var plan = planned.Plan;
        var published = plan.Application.Outcome.Kind is OutcomeKind.Dotnet or OutcomeKind.BlazorWasm;
        var folder = published ? paths.Out(build) : paths.Source(build);
        if (!plan.Finish(Files(folder)).TryGet(out var finished, out var error))
        {
            return error;
        }

        if (!(await artifacts.AddAsync(folder, finished.Root, finished.Keeps, Log(build).Remark, stop)).TryGet(out var digest, out var refused))
        {
            return refused;
        }

        var entry = new ArtifactIndex.Entry(digest, finished.Plan);
        await index.PutAsync(planned.Key, entry, stop);
        return entry;
    }

    /// <summary>Removes what only a running build needs; the log stays.</summary>
    public void Tidy(EntityRef build, EntityRef component)
    {
        if (paths.Exists(build) && (Directory.Exists(paths.Source(build)) || File.Exists(paths.Progress(build))))
        {
            paths.Tidy(build);
            paths.TrimCache(component, options.CacheBytesMax);
        }
    }

    public void Remove(EntityRef build)
    {
        logs.Forget(build);
        paths.Remove(build);
    }

    // Only where a build can tell by them: the files that detection knows names for, so node_modules is left out.
    private static HashSet<string> Files(string folder)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var below))
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(folder, below)).EnumerateFileSystemInfos())
            {
                var path = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
                if (entry is FileInfo)
                {
                    files.Add(path);
                }
                else if (entry.LinkTarget is null && entry.Name is not ("node_modules" or ".git"))
                {
                    folders.Push(path);
                }
            }
        }

        return files;
    }

    /// <summary>Files get the commit's time instead of the export's: some tools write times into what they build.</summary>
    private static void SetTimes(string folder, DateTimeOffset at)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            file.LastWriteTimeUtc = at.UtcDateTime;
        }
    }

    private async Task<Progress?> ReadAsync(EntityRef build, CancellationToken stop)
    {
        try
        {
            return JsonSerializer.Deserialize<Progress>(await File.ReadAllTextAsync(paths.Progress(build), stop), EntityJson.Options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private async Task<Progress> WriteAsync(EntityRef build, Progress progress, CancellationToken stop)
    {
        await DurableFile.WriteAsync(paths.Progress(build), JsonSerializer.Serialize(progress, EntityJson.Options), stop);
        return progress;
    }
}
