using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Processes;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>
/// Brings repositories from elsewhere. Upstream's branches arrive below <c>refs/axle/upstream</c>; our branches then
/// follow. Files that were accepted at import and that upstream does not have stand in one commit on top of upstream's
/// head, whose id follows from that head alone, so that fetching twice changes nothing.
/// </summary>
internal sealed class Upstreams(Git git, IOptions<SourceOptions> options, PlatformOptions platform, TimeProvider clock)
{
    private const string Fetched = "refs/axle/upstream/";

    private readonly KeyedLock _locks = new();

    /// <summary>The default branch there; refuses what is unreachable, closed, empty or no repository.</summary>
    public async Task<Result<string>> DefaultBranchAsync(RemoteAddress from, CancellationToken stop)
    {
        if (!(await CallAsync(from, null, ["ls-remote", "--symref", "--", from.Text], stop)).TryGet(out var call, out var refused))
        {
            return refused;
        }

        var end = await RunAsync(call with { TimeMax = TimeSpan.FromMinutes(1) }, stop);
        if (!end.Ok)
        {
            return Why(from, end);
        }

        // "ref: refs/heads/main<tab>HEAD" where HEAD is a branch; then "id<tab>ref" for each ref.
        var lines = end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var branches = lines.Select(l => l.Split('\t')).Where(p => p.Length == 2 && p[1].StartsWith("refs/heads/", StringComparison.Ordinal)).Select(p => p[1]["refs/heads/".Length..]).ToList();
        var head = lines.FirstOrDefault(l => l.StartsWith("ref: refs/heads/", StringComparison.Ordinal) && l.EndsWith("\tHEAD", StringComparison.Ordinal))?["ref: refs/heads/".Length..].Split('\t')[0];
        var chosen = new[] { head, "main", "master" }.FirstOrDefault(b => b is not null && branches.Contains(b)) ?? branches.FirstOrDefault();
        return chosen switch
        {
            null => Errors.Empty(from.Text),
            _ when !RepositoryNames.IsRevision(chosen) => Errors.SourceRefused($"The default branch of {from.Text} has a name that cannot be used here.", "Rename the branch."),
            _ => chosen,
        };
    }

    /// <summary>Fetches everything there is and moves our branches accordingly.</summary>
    public async Task<Error?> FetchAsync(RepositoryFolder folder, RemoteAddress from, CancellationToken stop)
    {
        using var alone = await _locks.HoldAsync(folder.Name, stop);
        if (!(await CallAsync(
            from,
            folder.Path,
            ["fetch", "--quiet", "--prune", "--no-write-fetch-head", "--no-recurse-submodules", "--", from.Text, $"+refs/heads/*:{Fetched}*", "+refs/tags/*:refs/tags/*"],
            stop)).TryGet(out var call, out var refused))
        {
            return refused;
        }

        using var tooLarge = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = FolderSize.WatchAsync(Path.Combine(folder.Path, "objects"), options.Value.ImportBytesMax, clock, tooLarge);
        try
        {
            var end = await RunAsync(call, tooLarge.Token);
            if (!end.Ok)
            {
                return Why(from, end);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Errors.TooLarge(from.Text, options.Value.ImportBytesMax);
        }
        finally
        {
            await tooLarge.CancelAsync();
            await watching;
        }

        await SettleAsync(folder, stop);
        return null;
    }

    /// <summary>Remembers the files that were accepted, and puts them on top of upstream's head.</summary>
    public async Task AcceptAsync(RepositoryFolder folder, IReadOnlyDictionary<string, string> files, CancellationToken stop)
    {
        using var alone = await _locks.HoldAsync(folder.Name, stop);
        folder.Write(Remembered.Accepted, JsonSerializer.Serialize(files));
        await SettleAsync(folder, stop);
    }

    /// <summary>Our branches from upstream's: pure git state, the same result however often it runs.</summary>
    private async Task SettleAsync(RepositoryFolder folder, CancellationToken stop)
    {
        // 1. What is there, and here?
        var refs = (await git.MustAsync(new GitCall(folder.Path, "for-each-ref", "--format=%(objectname) %(refname)", Fetched, "refs/heads/") { OutputMax = 64 * 1024 * 1024 }, stop))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).ToDictionary(p => p[1], p => p[0], StringComparer.Ordinal);
        var wanted = refs.Where(r => r.Key.StartsWith(Fetched, StringComparison.Ordinal)).ToDictionary(r => "refs/heads/" + r.Key[Fetched.Length..], r => r.Value, StringComparer.Ordinal);

        // 2. The default branch carries the accepted files that upstream lacks.
        var deployed = $"refs/heads/{folder.DefaultBranch}";
        if (wanted.TryGetValue(deployed, out var head))
        {
            wanted[deployed] = await WithAcceptedAsync(folder, head, stop);
        }
        else if (refs.TryGetValue(deployed, out var kept))
        {
            // Upstream renamed or lost it; what runs here keeps its source.
            wanted[deployed] = kept;
        }

        // 3. All at once.
        var moves = new StringBuilder();
        foreach (var (name, id) in wanted.Where(w => refs.GetValueOrDefault(w.Key) != w.Value))
        {
            moves.Append("update ").Append(name).Append(' ').Append(id).Append('\n');
        }

        foreach (var name in refs.Keys.Where(name => name.StartsWith("refs/heads/", StringComparison.Ordinal) && !wanted.ContainsKey(name)))
        {
            moves.Append("delete ").Append(name).Append('\n');
        }

        if (moves.Length > 0)
        {
            await git.MustAsync(new GitCall(folder.Path, "update-ref", "--stdin") { Input = Repositories.Text(moves.ToString()), Actor = "system:upstream" }, stop);
        }
    }

    private async Task<string> WithAcceptedAsync(RepositoryFolder folder, string head, CancellationToken stop)
    {
        if (folder.Read(Remembered.Accepted) is not { } accepted)
        {
            return head;
        }

        var there = (await TreeExport.EntriesAsync(git, folder, head, int.MaxValue, stop)).Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        var missing = JsonSerializer.Deserialize<Dictionary<string, string>>(accepted)!
            .Where(file => !there.Contains(file.Key))
            .OrderBy(file => file.Key, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Key, Encoding.UTF8.GetBytes(file.Value))).ToList();
        if (missing.Count == 0)
        {
            return head;
        }

        const string Scratch = "refs/axle/accepted";
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse((await git.MustAsync(new GitCall(folder.Path, "log", "-1", "--format=%ct", head, "--"), stop)).Trim(), System.Globalization.CultureInfo.InvariantCulture));
        await git.RunAsync(new GitCall(folder.Path, "update-ref", "-d", Scratch), stop);
        var end = await FastImport.RunAsync(git, folder, Scratch, new NewCommit(head, missing, $"Add {string.Join(", ", missing.Select(f => f.Path))} as accepted at import", "Axle", at), stop);
        return end.Ok
            ? (await git.MustAsync(new GitCall(folder.Path, "rev-parse", "--verify", Scratch), stop)).Trim()
            : throw new IOException($"git could not commit the accepted files to {folder.Name}: {Git.Words(end)}");
    }

    private async Task<Result<GitCall>> CallAsync(RemoteAddress from, string? folder, string[] arguments, CancellationToken stop)
    {
        if (!(await from.PinAsync(options.Value.AllowPrivateAddresses, stop)).TryGet(out var pins, out var refused))
        {
            return refused;
        }

        if (from.Folder && !Directory.Exists(from.Text))
        {
            return Errors.NoRepository(from.Text);
        }

        var call = new GitCall(folder, arguments)
        {
            Protocols = from.Folder ? "file" : "http:https",
            Settings = pins,
            Actor = "system:upstream",
        };

        // git serves a folder of somebody else's only when its global configuration says so; an administrator asked for it.
        return from.Folder ? call with { Variables = new Dictionary<string, string> { ["GIT_CONFIG_GLOBAL"] = TrustingConfiguration() } } : call;
    }

    private string TrustingConfiguration()
    {
        var file = Path.Combine(platform.Folder("run", "git-home"), "import.gitconfig");
        if (!File.Exists(file))
        {
            var temporary = $"{file}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, "[safe]\n\tdirectory = *\n");
            File.Move(temporary, file, overwrite: true);
        }

        return file;
    }

    private async Task<ProgramEnd> RunAsync(GitCall call, CancellationToken stop)
    {
        try
        {
            return await git.RunAsync(call, stop);
        }
        catch (TimeoutException)
        {
            return new ProgramEnd(128, "", "fatal: it took too long", false);
        }
    }

    /// <summary>git's words, sorted into what a person can do about them.</summary>
    public static Error Why(RemoteAddress from, ProgramEnd end)
    {
        var words = Git.Words(end).Replace("fatal: ", "", StringComparison.Ordinal);
        bool Says(params ReadOnlySpan<string> any)
        {
            foreach (var one in any)
            {
                if (end.Errors.Contains(one, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }

        return 0 switch
        {
            _ when Says("could not read Username", "Authentication failed", "returned error: 401", "returned error: 403", "terminal prompts disabled") => Errors.NeedsSignIn(from.Text),
            _ when Says("not found", "does not appear to be a git repository", "is this a git repository", "not a git repository") => Errors.NoRepository(from.Text),
            _ when Says("redirect") => Errors.SourceRefused($"{from.Text} redirects to another address, which is not followed.", "Import the address that it redirects to."),
            _ when Says("Could not resolve", "Failed to connect", "Couldn't connect", "Connection refused", "timed out", "took too long", "unable to access") => Errors.Unreachable(from.Text, words),
            _ => Errors.FetchFailed(from.Text, words),
        };
    }
}
