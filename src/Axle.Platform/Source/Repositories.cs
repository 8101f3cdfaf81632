using System.Globalization;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>Repositories on this machine's disk, through the git program.</summary>
internal sealed class Repositories(Git git, PlatformOptions platform, PushBell bell) : IRepositories
{
    private const int ReadBytesMax = 1024 * 1024;
    private const int ListMax = 100_000;
    private const int BranchesMax = 1000;
    private const int CommitAttemptsMax = 3;

    private readonly string _root = platform.Folder("repositories");

    /// <summary>Names of all repositories.</summary>
    public IEnumerable<string> Names =>
        Directory.EnumerateDirectories(_root, "*.git").Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(RepositoryNames.IsName);

    public bool Exists(string name) => Folder(name) is not null;

    public Repository? Find(string name) =>
        Folder(name) is { } folder ? new Repository(name, folder.Path, folder.DefaultBranch, CloneUrl(name), folder.Upstream) : null;

    /// <summary>The folder of a repository, or null where there is none.</summary>
    public RepositoryFolder? Folder(string name) =>
        RepositoryNames.IsName(name) && File.Exists(Path.Combine(PathOf(name), "HEAD")) ? new RepositoryFolder(name, PathOf(name)) : null;

    public Task<Result<Repository>> CreateAsync(string name, CancellationToken stop) => CreateAsync(name, static (_, _) => Task.FromResult<Error?>(null), stop);

    /// <summary>Makes a repository that nobody sees before it is filled; a refusal of <paramref name="fill"/> leaves nothing.</summary>
    public async Task<Result<Repository>> CreateAsync(string name, Func<RepositoryFolder, CancellationToken, Task<Error?>> fill, CancellationToken stop)
    {
        if (!RepositoryNames.IsName(name))
        {
            return Errors.NameRefused(name);
        }

        if (Exists(name))
        {
            return Errors.Exists(name);
        }

        var making = Path.Combine(_root, $".new-{Guid.NewGuid():N}");
        try
        {
            await git.MustAsync(new GitCall(_root, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", making), stop);
            if (await fill(new RepositoryFolder(name, making), stop) is { } refused)
            {
                return refused;
            }

            Directory.Move(making, PathOf(name));
        }
        catch (IOException) when (Exists(name))
        {
            return Errors.Exists(name);
        }
        finally
        {
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }
        }

        return Find(name)!;
    }

    public async Task<Result<string>> CommitAsync(string name, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop)
    {
        if (Folder(name) is not { } folder)
        {
            return Errors.Unknown(name);
        }

        if (files.Count == 0)
        {
            return Errors.NothingToCommit(name);
        }

        foreach (var file in files)
        {
            if (SafePath.Wrong(file.Path) is { } wrong || IsGitsOwn(file.Path, out wrong))
            {
                return new Error("source.path", $"The file '{SafePath.Shown(file.Path)}' cannot be committed: {wrong}.", null, 400);
            }
        }

        // Another push may win the race for the branch: then this commit is made anew, on top of that one.
        for (var attempt = 1; ; attempt++)
        {
            var parent = await HeadAsync(folder, stop);
            var end = await FastImport.RunAsync(git, folder, $"refs/heads/{folder.DefaultBranch}", new NewCommit(parent, files, message, author), stop);
            if (end.Ok && await HeadAsync(folder, stop) is { } head)
            {
                bell.Ring(name);
                return head;
            }

            if (attempt == CommitAttemptsMax)
            {
                return end.Errors.Contains("Not updating", StringComparison.Ordinal) || end.Errors.Contains("lock", StringComparison.Ordinal)
                    ? Errors.NotEmpty($"{folder.DefaultBranch} of {name}")
                    : throw new IOException($"git could not commit to {name}: {Git.Words(end)}");
            }
        }
    }

    public async Task<CommitFound?> ResolveAsync(string name, string? revision, CancellationToken stop)
    {
        if (Folder(name) is not { } folder)
        {
            return null;
        }

        // 1. Which commit? A branch wins over a tag, and both over an abbreviated id; git tells of all three in one call.
        string[] candidates;
        if (revision is null)
        {
            candidates = [$"refs/heads/{folder.DefaultBranch}^{{commit}}"];
        }
        else if (RepositoryNames.IsRevision(revision))
        {
            candidates = [$"refs/heads/{revision}^{{commit}}", $"refs/tags/{revision}^{{commit}}", .. RepositoryNames.IsShortId(revision) ? [revision + "^{commit}"] : Array.Empty<string>()];
        }
        else
        {
            return null;
        }

        var found = await git.MustAsync(
            new GitCall(folder.Path, "cat-file", "--batch-check=%(objectname)") { Input = Text(string.Join('\n', candidates) + "\n") }, stop);
        if (found.Split('\n').FirstOrDefault(RepositoryNames.IsFullId) is not { } commit)
        {
            return null;
        }

        // 2. What does it say?
        var shown = await git.MustAsync(new GitCall(folder.Path, "log", "-1", "--no-show-signature", "--format=%T%x00%an%x00%ct%x00%s", commit, "--"), stop);
        var parts = shown.TrimEnd('\n').Split('\0', 4);
        return new CommitFound(commit, parts[0], parts[1], parts[3], DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[2], CultureInfo.InvariantCulture)));
    }

    public async Task<IReadOnlyList<string>> BranchesAsync(string name, CancellationToken stop)
    {
        if (Folder(name) is not { } folder)
        {
            return [];
        }

        var listed = await git.MustAsync(new GitCall(folder.Path, "for-each-ref", $"--count={BranchesMax}", "--format=%(refname:lstrip=2)", "refs/heads"), stop);
        return [.. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(branch => branch != folder.DefaultBranch)];
    }

    public async Task<string?> ReadAsync(string name, string commit, string path, CancellationToken stop)
    {
        if (Folder(name) is not { } folder || !RepositoryNames.IsFullId(commit) || SafePath.Wrong(path) is not null)
        {
            return null;
        }

        byte[]? content = null;
        await git.RunAsync(
            new GitCall(folder.Path, "cat-file", "--batch", "--follow-symlinks")
            {
                Input = Text($"{commit}:{path}\n"),
                Output = async (output, token) =>
                {
                    content = await new ObjectReader(output).ReadAsync(ReadBytesMax, token);
                    await output.CopyToAsync(Stream.Null, token);
                },
            },
            stop);
        if (content is null)
        {
            return null;
        }

        var mark = Encoding.UTF8.Preamble;
        return Encoding.UTF8.GetString(content.AsSpan().StartsWith(mark) ? content.AsSpan(mark.Length) : content);
    }

    public async Task<IReadOnlyList<string>> ListAsync(string name, string commit, CancellationToken stop)
    {
        if (Folder(name) is not { } folder || !RepositoryNames.IsFullId(commit))
        {
            return [];
        }

        var entries = await TreeExport.EntriesAsync(git, folder, commit, ListMax, stop);
        return [.. entries.Where(e => e.Kind != TreeEntryKind.Submodule).Select(e => e.Path)];
    }

    public Task ExportAsync(string name, string commit, string folder, CancellationToken stop) =>
        Folder(name) is { } found && RepositoryNames.IsFullId(commit)
            ? TreeExport.RunAsync(git, found, commit, folder, stop)
            : throw new ArgumentException($"There is no commit {SafePath.Shown(commit)} in a repository {SafePath.Shown(name)}.");

    public Task DeleteAsync(string name, CancellationToken stop)
    {
        if (Folder(name) is { } folder)
        {
            // First out of sight, in one step; what a crash leaves of the rest is swept at the next start.
            var gone = Path.Combine(_root, $".gone-{Guid.NewGuid():N}");
            Directory.Move(folder.Path, gone);
            Directory.Delete(gone, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <summary>Commit of the default branch; null while it is empty.</summary>
    public async Task<string?> HeadAsync(RepositoryFolder folder, CancellationToken stop)
    {
        var end = await git.RunAsync(new GitCall(folder.Path, "rev-parse", "--verify", "--quiet", $"refs/heads/{folder.DefaultBranch}^{{commit}}"), stop);
        var commit = end.Output.Trim();
        return end.Ok && RepositoryNames.IsFullId(commit) ? commit : null;
    }

    /// <summary>Who moved the default branch last, from git's reflog.</summary>
    public async Task<string> LastActorAsync(RepositoryFolder folder, CancellationToken stop)
    {
        var end = await git.RunAsync(new GitCall(folder.Path, "log", "-g", "-1", "--format=%gn", $"refs/heads/{folder.DefaultBranch}", "--"), stop);
        return end.Ok && EntityRef.TryParse(end.Output.Trim(), null, out var user) ? user.ToString() : "system:source";
    }

    /// <summary>Takes away what a crash left half made or half deleted.</summary>
    public void Sweep()
    {
        foreach (var left in Directory.EnumerateDirectories(_root, ".*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    public string CloneUrl(string name) => $"{platform.PublicUrl}/git/{name}.git";

    internal static Func<Stream, CancellationToken, Task> Text(string text) => async (input, stop) => await input.WriteAsync(Encoding.UTF8.GetBytes(text), stop);

    private string PathOf(string name) => Path.Combine(_root, name + ".git");

    private static bool IsGitsOwn(string path, out string wrong)
    {
        wrong = "no part of it may be .git";
        return path.Split('/').Any(part => part.Equals(".git", StringComparison.OrdinalIgnoreCase));
    }
}
