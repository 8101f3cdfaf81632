using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Tasks;

/// <summary>What a template would do: run for real in a folder of its own, with every step left out that would change anything outside.</summary>
internal sealed class DryRun(TaskEngine engine, TaskFolders folders, IEntityStore entities, IOptions<TemplatesOptions> options, TimeProvider clock)
{
    private const int FilesMax = 5000;
    private const long BytesMax = 64 * 1024 * 1024;

    /// <summary>A person waits for it.</summary>
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(5);

    /// <param name="Log">Redacted.</param>
    /// <param name="Files">Of the workspace at the end.</param>
    public sealed record Answer(IReadOnlyList<TaskEvent> Log, IReadOnlyList<DryRunFile> Files, TaskState Status);

    /// <param name="contents">The template's own files where they are given with it; null when its origin tells where they are.</param>
    public async Task<Result<Answer>> RunAsync(TemplateDefinition definition, TemplateOrigin origin, JsonObject values, JsonObject secrets, IReadOnlyList<DryRunFile>? contents, Caller caller, CancellationToken stop)
    {
        if ((caller.Refuse(Verb.Create) ?? CreateTask.Wrong(definition, values) ?? CreateTask.WrongSecrets(definition, secrets)) is { } refused)
        {
            return refused;
        }

        var id = Guid.NewGuid().ToString("D");
        var root = folders.DryRun(id);
        try
        {
            if (contents is not null)
            {
                var folder = Path.Combine(root, "template");
                Directory.CreateDirectory(folder);
                if (Lay(folder, contents) is { } wrong)
                {
                    return wrong;
                }

                origin = origin with { Folder = folder, Address = null };
            }

            return await RunAsync(id, Directory.CreateDirectory(Path.Combine(root, "workspace")).FullName, definition, origin, values, secrets, caller, stop);
        }
        finally
        {
            TaskFolders.Remove(root);
        }
    }

    private async Task<Result<Answer>> RunAsync(string id, string workspace, TemplateDefinition definition, TemplateOrigin origin, JsonObject values, JsonObject secrets, Caller caller, CancellationToken stop)
    {
        var redaction = new TaskRedaction(null);
        var journal = new Journal(redaction, clock);
        var script = new TaskScript
        {
            Id = $"dry-run-{id}",
            Steps = definition.Steps,
            Output = definition.Output,
            Parameters = values,
            Secrets = secrets,
            User = TaskScript.UserOf(caller.User, entities.Find(caller.User)),
            Environment = options.Value.EnvironmentParameters(),
            Origin = origin,
            IsDryRun = true,
        };
        using var enough = new CancellationTokenSource(s_timeMax, clock);
        while ((await engine.RunAsync(script, journal, redaction, new Workspace(workspace), caller, enough.Token, stop)).LookAgain is { } after)
        {
            // What waits here waits for a moment that will come: approvals and their like are left out.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, stop);
            await Task.Delay(after, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }

        return Read(workspace, redaction).TryGet(out var files, out var tooMuch) ? new Answer(journal.Events, files, journal.Status) : tooMuch;
    }

    private static Error? Lay(string folder, IReadOnlyList<DryRunFile> contents)
    {
        if (contents.Count > FilesMax)
        {
            return TemplateErrors.DryRunTooLarge(FilesMax, BytesMax);
        }

        foreach (var file in contents)
        {
            if (!SafePath.Join(folder, file.Path).TryGet(out var path, out var outside))
            {
                return outside;
            }

            var bytes = new byte[file.Base64Content.Length];
            if (!Convert.TryFromBase64String(file.Base64Content, bytes, out var length))
            {
                return TemplateErrors.NoBase64(file.Path);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            System.IO.File.WriteAllBytes(path, bytes[..length]);
            if (file.Executable && !OperatingSystem.IsWindows())
            {
                System.IO.File.SetUnixFileMode(path, System.IO.File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
            }
        }

        return null;
    }

    private static Result<IReadOnlyList<DryRunFile>> Read(string workspace, TaskRedaction redaction)
    {
        var (files, total) = (new List<DryRunFile>(), 0L);
        var entries = new DirectoryInfo(workspace).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(file => file.LinkTarget is null)
            .OrderBy(file => file.FullName, StringComparer.Ordinal);
        foreach (var file in entries)
        {
            if (files.Count == FilesMax || (total += file.Length) > BytesMax)
            {
                return TemplateErrors.DryRunTooLarge(FilesMax, BytesMax);
            }

            var path = Path.GetRelativePath(workspace, file.FullName).Replace('\\', '/');
            var executable = !OperatingSystem.IsWindows() && file.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
            files.Add(new DryRunFile(redaction.Redact(path), executable, Convert.ToBase64String(System.IO.File.ReadAllBytes(file.FullName))));
        }

        return files;
    }

    /// <summary>Keeps everything for the answer.</summary>
    private sealed class Journal(TaskRedaction redaction, TimeProvider clock) : ITaskJournal
    {
        private readonly List<TaskEvent> _events = [];

        public TaskState Status { get; private set; } = new();

        public IReadOnlyList<TaskEvent> Events
        {
            get
            {
                lock (_events)
                {
                    return [.. _events];
                }
            }
        }

        public Task SaveAsync(TaskState status)
        {
            Status = status;
            return Task.CompletedTask;
        }

        public void Write(string type, JsonObject body)
        {
            lock (_events)
            {
                _events.Add(new TaskEvent(_events.Count + 1, type, clock.GetUtcNow(), (JsonObject)redaction.Redact(body)!));
            }
        }
    }
}
