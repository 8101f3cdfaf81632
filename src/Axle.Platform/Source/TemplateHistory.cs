using System.Globalization;
using System.Text.Json;

namespace Axle.Platform.Source;

/// <summary>
/// Keeps the template's own line of commits under <c>refs/axle</c>, which no clone sees. A version that was proposed becomes the
/// base of the next one when its branch has been merged: git's history says so, nobody needs to tell.
/// </summary>
internal sealed class TemplateHistory(Git git, Repositories repositories, PushBell bell) : ITemplateHistory
{
    private const string BaseRef = "refs/axle/template";
    private const string NextRef = "refs/axle/template-next";
    private const string Proposed = "refs/axle/template-proposed/";

    private readonly KeyedLock _locks = new();

    private sealed record Kept(string Commit, string How);

    public async Task RememberAsync(string repository, string commit, string how, CancellationToken stop)
    {
        if (repositories.Folder(repository) is not { } folder)
        {
            return;
        }

        // First the ref, which keeps the commit; then the words that name it.
        await git.MustAsync(new GitCall(folder.Path, "update-ref", BaseRef, commit), stop);
        folder.Write(Remembered.Template, JsonSerializer.Serialize(new Kept(commit, how)));
    }

    public async Task<TemplateBase?> FindAsync(string repository, CancellationToken stop)
    {
        if (repositories.Folder(repository) is not { } folder || folder.Read(Remembered.Template) is not { } text || JsonSerializer.Deserialize<Kept>(text) is not { } kept)
        {
            return null;
        }

        // Was a proposed version merged meanwhile? The newest of them is the base now.
        var head = await repositories.HeadAsync(folder, stop);
        var proposed = await git.MustAsync(new GitCall(folder.Path, "for-each-ref", "--sort=-refname", "--format=%(objectname)", Proposed), stop);
        foreach (var commit in proposed.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (head is not null && commit != kept.Commit
                && (await git.RunAsync(new GitCall(folder.Path, "merge-base", "--is-ancestor", commit, head), stop)).Ok
                && (await git.RunAsync(new GitCall(folder.Path, "merge-base", "--is-ancestor", kept.Commit, commit), stop)).Ok)
            {
                kept = kept with { Commit = commit };
                await RememberAsync(repository, commit, kept.How, stop);
            }
        }

        return new TemplateBase(kept.Commit, kept.How);
    }

    public async Task<IReadOnlyList<string>> CompareAsync(string repository, TemplateBase since, IReadOnlyList<SourceFile> files, CancellationToken stop)
    {
        if (repositories.Folder(repository) is not { } folder)
        {
            return [];
        }

        using var alone = await _locks.HoldAsync(repository, stop);
        var next = await NextAsync(folder, since, files, "Axle", stop);
        return await ChangesAsync(folder, since.Commit, next, stop);
    }

    public async Task<TemplateMerge> MergeAsync(string repository, TemplateBase since, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop)
    {
        var nothing = new TemplateMerge(null, null, []);
        if (repositories.Folder(repository) is not { } folder || await repositories.HeadAsync(folder, stop) is not { } head)
        {
            return nothing;
        }

        // 1. What the template makes now, on top of what it made before. The same files are the same commit.
        using var alone = await _locks.HoldAsync(repository, stop);
        var next = await NextAsync(folder, since, files, "Axle", stop);
        if ((await ChangesAsync(folder, since.Commit, next, stop)).Count == 0)
        {
            return nothing;
        }

        // 2. Its merge with what people made of it since.
        var merged = await git.RunAsync(new GitCall(folder.Path, "merge-tree", "--write-tree", "--name-only", "--no-messages", "--allow-unrelated-histories", head, next) { OutputMax = 16 * 1024 * 1024 }, stop);
        if (merged.ExitCode is not (0 or 1))
        {
            throw new IOException($"git could not merge in {repository}: {Git.Words(merged)}");
        }

        var lines = merged.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (tree, conflicts) = (lines[0].Trim(), lines[1..]);
        if (conflicts.Length == 0 && tree == (await git.MustAsync(new GitCall(folder.Path, "rev-parse", "--verify", $"{head}^{{tree}}"), stop)).Trim())
        {
            // People did all of it by hand.
            await RememberAsync(repository, next, since.How, stop);
            return nothing;
        }

        // 3. The branch; one that is there is the answer of an earlier call, or has been worked on since.
        var branch = $"axle/template-update-{next[..10]}";
        var there = await git.RunAsync(new GitCall(folder.Path, "rev-parse", "--verify", "--quiet", $"refs/heads/{branch}"), stop);
        if (there.Ok)
        {
            return new TemplateMerge(branch, there.Output.Trim(), conflicts);
        }

        var commit = (await git.MustAsync(new GitCall(folder.Path, "commit-tree", "-p", head, "-p", next, "-m", message, tree) { Variables = Signed(author) }, stop)).Trim();
        await git.MustAsync(
            new GitCall(folder.Path, "update-ref", "--stdin")
            {
                Input = Repositories.Text($"update {Proposed}{await NumberAsync(folder, stop)} {next}\ncreate refs/heads/{branch} {commit}\n"),
                Actor = author,
            },
            stop);
        bell.Ring(repository);
        return new TemplateMerge(branch, commit, conflicts);
    }

    /// <summary>Counts upwards, so that the newest is known.</summary>
    private async Task<string> NumberAsync(RepositoryFolder folder, CancellationToken stop)
    {
        var there = await git.MustAsync(new GitCall(folder.Path, "for-each-ref", "--format=%(refname)", Proposed), stop);
        return there.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ToString("D6", CultureInfo.InvariantCulture);
    }

    private async Task<string> NextAsync(RepositoryFolder folder, TemplateBase since, IReadOnlyList<SourceFile> files, string author, CancellationToken stop)
    {
        // A link is no file of a rendering: those that the template made stay.
        var paths = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var before = await TreeExport.EntriesAsync(git, folder, since.Commit, int.MaxValue, stop);
        var gone = before.Where(entry => entry.Kind is TreeEntryKind.File or TreeEntryKind.Executable && !paths.Contains(entry.Path)).Select(entry => entry.Path).ToList();
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse((await git.MustAsync(new GitCall(folder.Path, "log", "-1", "--format=%ct", since.Commit, "--"), stop)).Trim(), CultureInfo.InvariantCulture));
        await git.RunAsync(new GitCall(folder.Path, "update-ref", "-d", NextRef), stop);
        var end = await FastImport.RunAsync(git, folder, NextRef, new NewCommit(since.Commit, files, "What the template makes now", author, at) { Deleted = gone }, stop);
        return end.Ok
            ? (await git.MustAsync(new GitCall(folder.Path, "rev-parse", "--verify", NextRef), stop)).Trim()
            : throw new IOException($"git could not commit to {folder.Name}: {Git.Words(end)}");
    }

    private async Task<IReadOnlyList<string>> ChangesAsync(RepositoryFolder folder, string from, string to, CancellationToken stop) =>
        (await git.MustAsync(new GitCall(folder.Path, "diff-tree", "-r", "--name-only", "--no-renames", from, to) { OutputMax = 16 * 1024 * 1024 }, stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Signed(string author)
    {
        var signature = FastImport.Signature(author);
        var open = signature.LastIndexOf('<');
        return new() { ["GIT_AUTHOR_NAME"] = signature[..open].Trim(), ["GIT_AUTHOR_EMAIL"] = signature[(open + 1)..].TrimEnd('>') };
    }
}
