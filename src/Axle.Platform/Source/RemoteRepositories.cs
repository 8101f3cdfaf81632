using System.Text;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Processes;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>Other hosts' repositories through the git program, under the same guard as import.</summary>
internal sealed class RemoteRepositories(Git git, IOptions<SourceOptions> options, PlatformOptions platform, TimeProvider clock) : IRemoteRepositories
{
    private static readonly TimeSpan s_talkMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_transferMax = TimeSpan.FromMinutes(5);

    private readonly string _root = Emptied(platform.Folder("run", "remote"));

    public Task<Result<RemoteTree>> FetchAsync(RemotePlace place, string folder, CancellationToken stop) =>
        WithAsync(place.Repository, place.SignIn, place.MayBePrivate, remote => FetchAsync(remote, place.RevisionAndPath, folder, stop), stop);

    public Task<Result<string>> PushAsync(Uri repository, RemoteCommit commit, RemoteSignIn? signIn, CancellationToken stop) =>
        WithAsync(repository, signIn, commit.MayBePrivate, remote => PushAsync(remote, commit, stop), stop);

    public Task<Result<string>> HeadAsync(RemotePlace place, CancellationToken stop) =>
        WithAsync<string>(
            place.Repository,
            place.SignIn,
            place.MayBePrivate,
            async remote =>
            {
                var listed = await RunAsync(remote, ["ls-remote", "--symref", "--", remote.Address.Text], s_talkMax, stop);
                return !listed.Ok ? Upstreams.Why(remote.Address, listed)
                    : RemoteRefs.Read(listed.Output).Find(place.RevisionAndPath) is { } found ? found.Commit
                    : Errors.RevisionUnknown(remote.Address.Text, SafePath.Shown(place.RevisionAndPath));
            },
            stop);

    public Task<Result<IReadOnlyList<string>>> BranchesAsync(RemotePlace place, CancellationToken stop) =>
        WithAsync<IReadOnlyList<string>>(
            place.Repository,
            place.SignIn,
            place.MayBePrivate,
            async remote =>
            {
                var listed = await RunAsync(remote, ["ls-remote", "--symref", "--", remote.Address.Text], s_talkMax, stop);
                return listed.Ok ? Result<IReadOnlyList<string>>.Of(RemoteRefs.Read(listed.Output).Branches) : Upstreams.Why(remote.Address, listed);
            },
            stop);

    private async Task<Result<RemoteTree>> FetchAsync(Remote remote, string revisionAndPath, string folder, CancellationToken stop)
    {
        // 1. What is there?
        var listed = await RunAsync(remote, ["ls-remote", "--symref", "--", remote.Address.Text], s_talkMax, stop);
        if (!listed.Ok)
        {
            return Upstreams.Why(remote.Address, listed);
        }

        if (RemoteRefs.Read(listed.Output).Find(revisionAndPath) is not { } found)
        {
            return Errors.RevisionUnknown(remote.Address.Text, SafePath.Shown(revisionAndPath));
        }

        // 2. That one commit.
        if (await FetchCommitAsync(remote, found.Commit, stop) is { } notFetched)
        {
            return notFetched;
        }

        // 3. Its files.
        try
        {
            await TreeExport.RunAsync(git, remote.Folder, found.Commit, folder, stop);
        }
        catch (InvalidDataException e)
        {
            return Errors.FetchFailed(remote.Address.Text, e.Message);
        }

        return new RemoteTree(found.Commit, found.Path);
    }

    private async Task<Error?> FetchCommitAsync(Remote remote, string commit, CancellationToken stop)
    {
        using var tooLarge = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = FolderSize.WatchAsync(Path.Combine(remote.Folder.Path, "objects"), options.Value.ImportBytesMax, clock, tooLarge);
        try
        {
            var end = await RunAsync(remote, ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--", remote.Address.Text, commit], s_transferMax, tooLarge.Token);
            return end.Ok ? null : Upstreams.Why(remote.Address, end);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Errors.TooLarge(remote.Address.Text, options.Value.ImportBytesMax);
        }
        finally
        {
            await tooLarge.CancelAsync();
            await watching;
        }
    }

    private async Task<Result<string>> PushAsync(Remote remote, RemoteCommit commit, CancellationToken stop)
    {
        // 1. May git be given these?
        if (!RepositoryNames.IsRevision(commit.Branch) || (commit.On is { } on && !RepositoryNames.IsFullId(on)))
        {
            return Errors.PushRefused(remote.Address.Text, $"'{SafePath.Shown(commit.Branch)}' is no name of a branch");
        }

        if (commit.Files.Select(file => file.Path).Concat(commit.Deleted).FirstOrDefault(path => SafePath.Wrong(path) is not null) is { } wrong)
        {
            return Errors.PushRefused(remote.Address.Text, $"the file '{SafePath.Shown(wrong)}' cannot be committed");
        }

        // 2. The commit, here.
        if (commit.On is { } parent && await FetchCommitAsync(remote, parent, stop) is { } notFetched)
        {
            return notFetched;
        }

        var branch = $"refs/heads/{commit.Branch}";
        var made = await FastImport.RunAsync(git, remote.Folder, branch, new NewCommit(commit.On, commit.Files, commit.Message, commit.Author, commit.At) { Deleted = commit.Deleted }, stop);
        if (!made.Ok)
        {
            throw new IOException($"git could not commit: {Git.Words(made)}");
        }

        var id = (await git.MustAsync(new GitCall(remote.Folder.Path, "rev-parse", "--verify", branch), stop)).Trim();

        // 3. And there. Nothing that exists is overwritten: without force, git refuses what is no continuation.
        var end = await RunAsync(remote, ["push", "--quiet", "--porcelain", "--", remote.Address.Text, $"{branch}:{branch}"], s_transferMax, stop);
        return end.Ok ? id
            : $"{end.Output}{end.Errors}".Contains("rejected", StringComparison.Ordinal) ? Errors.PushRefused(remote.Address.Text, $"the branch {commit.Branch} exists there already, or is protected: {Git.Words(end)}")
            : Upstreams.Why(remote.Address, end);
    }

    /// <summary>A repository of our own for one conversation, taken away afterwards.</summary>
    private async Task<Result<T>> WithAsync<T>(Uri repository, RemoteSignIn? signIn, bool mayBePrivate, Func<Remote, Task<Result<T>>> talk, CancellationToken stop)
    {
        if (repository.Scheme is not ("http" or "https"))
        {
            return Errors.SourceRefused($"'{SafePath.Shown(repository.Scheme)}' addresses are not reached; only http and https are.", "Use the repository's https address.");
        }

        if (!RemoteAddress.Parse(repository.AbsoluteUri).TryGet(out var address, out var wrong))
        {
            return wrong;
        }

        if (!(await address.PinAsync(mayBePrivate || options.Value.AllowPrivateAddresses, stop)).TryGet(out var pins, out var refused))
        {
            return refused;
        }

        var folder = Path.Combine(_root, $"{Guid.NewGuid():N}.git");
        try
        {
            await git.MustAsync(new GitCall(_root, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", folder), stop);
            return await talk(new Remote(address, pins, signIn, new RepositoryFolder("remote", folder)));
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task<ProgramEnd> RunAsync(Remote remote, string[] arguments, TimeSpan timeMax, CancellationToken stop)
    {
        try
        {
            return await git.RunAsync(
                new GitCall(remote.Folder.Path, arguments)
                {
                    Protocols = "http:https",
                    Settings = remote.Pins,
                    Variables = remote.Variables,
                    OutputMax = 16 * 1024 * 1024,
                    TimeMax = timeMax,
                },
                stop);
        }
        catch (TimeoutException)
        {
            return new ProgramEnd(128, "", "fatal: it took too long", false);
        }
    }

    private static string Emptied(string folder)
    {
        foreach (var left in Directory.EnumerateDirectories(folder))
        {
            Directory.Delete(left, recursive: true);
        }

        return folder;
    }

    private sealed record Remote(RemoteAddress Address, IReadOnlyList<string> Pins, RemoteSignIn? SignIn, RepositoryFolder Folder)
    {
        /// <summary>What signs in, as git's own variables: arguments can be seen by everybody on the machine.</summary>
        public IReadOnlyDictionary<string, string> Variables => SignIn is null ? new Dictionary<string, string>() : new Dictionary<string, string>
        {
            ["GIT_CONFIG_COUNT"] = "1",
            ["GIT_CONFIG_KEY_0"] = "http.extraHeader",
            ["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SignIn.User}:{SignIn.Password.Reveal()}"))}",
        };
    }
}
