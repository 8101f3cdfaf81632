using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// What provisioners of Score's kind remember, around each of their runs: the state of a resource, sealed with its claim;
/// the state that the provisioners of an environment share, sealed with the environment; and files. One run at a time in an
/// environment, as Score runs them, so that two never make the same shared thing.
/// </summary>
internal sealed class ScoreKeeper(ISecrets secrets, PlatformOptions options)
{
    private const string StateName = "state";
    private const string SharedName = "resources-shared";
    private const int FilesMax = 200;
    private const int FileMax = 1024 * 1024;

    private readonly SealedState _sealed = new(secrets);
    private readonly Turns _turns = new();

    /// <summary>Runs a provisioner and keeps what it made. Killed anywhere, the next run goes on from what was kept.</summary>
    public async Task<Result<Provisioned>> MakeAsync(Claim claim, Func<ScoreBefore, Task<Result<ScoreMade>>> run, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Spec.Environment, stop);
        if (!(await BeforeAsync(claim, stop)).TryGet(out var before, out var error))
        {
            return error;
        }

        if (!(await run(before)).TryGet(out var made, out error))
        {
            return error;
        }

        var shared = MergePatch.Apply(before.Shared, made.Shared);
        var secretValues = OutputSplit.SecretTexts(made.State).Concat(OutputSplit.SecretTexts(shared)).ToList();
        var (open, secret) = OutputSplit.Of(claim.Provisioner, made.Outputs, secretValues);
        if (FilesRefused(claim, before.Folder, made, [.. secretValues, .. secret.Values]) is { } refused)
        {
            return refused;
        }

        // What everybody agreed on comes first: a resource must never refer to a shared thing that is forgotten.
        if (await KeepAsync(claim.Spec.Environment, SharedName, before.Shared, shared, stop) is { } failed)
        {
            return failed;
        }

        if (await KeepAsync(claim.Ref, StateName, before.State, made.State, stop) is { } failedToo)
        {
            return failedToo;
        }

        WriteFiles(before.Folder, made);
        return new Provisioned { Outputs = open, SecretOutputs = secret, State = Provisioned.StateOf(new Dictionary<string, string>()) };
    }

    /// <summary>What a run would make, when nothing of it is kept. Null when there is nothing of the resource yet.</summary>
    public async Task<Result<(ScoreBefore Before, ScoreMade Made)?>> TryAsync(Claim claim, Func<ScoreBefore, Task<Result<ScoreMade>>> run, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Spec.Environment, stop);
        if (!(await BeforeAsync(claim, stop)).TryGet(out var before, out var error))
        {
            return error;
        }

        return (await run(before)).TryGet(out var made, out error) ? (before, made) : error;
    }

    /// <summary>Forgets the resource, with its files. What is shared stays: others may use it.</summary>
    public async Task ForgetAsync(Claim claim, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Spec.Environment, stop);
        var folder = FolderOf(claim);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        await secrets.ForgetAsync(claim.Ref, SealedState.Actor, stop);
    }

    /// <summary>An id in the form that Score's <c>Guid</c> has; stays the same for a claim's life.</summary>
    public static string GuidOf(Claim claim) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{claim.Entity.Metadata.Uid}\0{claim.Ref}")).AsSpan(0, 16), bigEndian: true).ToString();

    private async Task<Result<ScoreBefore>> BeforeAsync(Claim claim, CancellationToken stop)
    {
        if (!(await _sealed.ReadAsync(claim.Ref, StateName, stop)).TryGet(out var state, out var error) && error is not null)
        {
            return error;
        }

        if (!(await _sealed.ReadAsync(claim.Spec.Environment, SharedName, stop)).TryGet(out var shared, out error) && error is not null)
        {
            return error;
        }

        return new ScoreBefore(Parse(state), Parse(shared), FolderOf(claim));
    }

    private static JsonObject Parse(string? kept) => kept is null ? [] : (JsonObject)JsonNode.Parse(kept)!;

    private async Task<Error?> KeepAsync(EntityRef owner, string name, JsonObject before, JsonObject after, CancellationToken stop) =>
        JsonNode.DeepEquals(before, after) ? null : (await _sealed.WriteAsync(owner, name, after.ToJsonString(), stop)).Error;

    private string FolderOf(Claim claim) => Path.Combine(options.DataFolder, "provisioners", "files", GuidOf(claim));

    private static Error? FilesRefused(Claim claim, string folder, ScoreMade made, IReadOnlyList<string> secretValues)
    {
        const string Advice = "Give the value as an output, and let the workload write it: 'files' of score.yaml with a placeholder are kept private by Axle.";
        if (made.Files.Count + made.Folders.Count > FilesMax)
        {
            return new ProvisionerFailed(claim.Provisioner.Uri, $"makes more than {FilesMax} files and folders.", "Make fewer.");
        }

        foreach (var path in made.Files.Keys.Concat(made.Folders.Keys))
        {
            if (SafePath.Join(folder, path).Error is { } error)
            {
                return error;
            }
        }

        foreach (var (path, content) in made.Files)
        {
            if (content?.Length > FileMax)
            {
                return new ProvisionerFailed(claim.Provisioner.Uri, $"makes a file of more than {FileMax} characters ({SafePath.Shown(path)}).", "Make a smaller one.");
            }

            if (content is not null && OutputSplit.Holds(content, secretValues))
            {
                return new ProvisionerFailed(claim.Provisioner.Uri, $"would write a secret into the file {SafePath.Shown(path)}, where it would lie in clear.", Advice);
            }
        }

        return null;
    }

    // Checked before; only this process writes here, in its turn.
    private static void WriteFiles(string folder, ScoreMade made)
    {
        foreach (var (path, wanted) in made.Folders)
        {
            var target = SafePath.Join(folder, path).Value;
            if (wanted)
            {
                MakeFolder(target);
            }
            else if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }
        }

        foreach (var (path, content) in made.Files)
        {
            var target = SafePath.Join(folder, path).Value;
            if (content is null)
            {
                File.Delete(target);
            }
            else if (!File.Exists(target) || File.ReadAllText(target) != content)
            {
                MakeFolder(Path.GetDirectoryName(target)!);
                File.WriteAllText(target + ".new", content);
                File.Move(target + ".new", target, overwrite: true);
            }
        }
    }

    private static void MakeFolder(string folder) =>
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
}
