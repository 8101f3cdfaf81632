using System.Text;
using Axle.Platform.Secrets;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Source;

/// <summary>
/// Looks for secrets in what a push adds, while git still holds it in quarantine: refused, no branch moves and the objects
/// are gone. git's pre-receive hook asks through a pair of named pipes, which outlive neither side for long.
/// </summary>
internal sealed class PushGuard(Git git, PlatformOptions platform, ILogger<PushGuard> log)
{
    private const int ShownMax = 20;
    private const int TipsMax = 20;

    /// <summary>Of added text; a first push of a large history is looked at up to here.</summary>
    private const long TextBytesMax = 64L << 20;

    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(60);

    private readonly string _folder = Fresh(platform);

    /// <summary>Answers the hook of one push.</summary>
    /// <param name="component">What people call it in commands.</param>
    public PushWatch Watch(RepositoryFolder folder, string component) =>
        new(Path.Combine(_folder, Guid.NewGuid().ToString("N")), (quarantine, news) => AnswerAsync(folder, component, quarantine, news));

    /// <summary><c>ok</c> or <c>refused</c>, and lines for the person.</summary>
    internal async Task<IReadOnlyList<string>> AnswerAsync(RepositoryFolder folder, string component, string quarantine, IReadOnlyList<string> news)
    {
        try
        {
            if (!news.All(RepositoryNames.IsFullId) || !IsQuarantine(folder, quarantine))
            {
                return ["refused", "axle: this push could not be understood. Next: push again."];
            }

            var variables = Variables(folder, quarantine);
            var permits = new LeakPermits();
            foreach (var tip in news.Take(TipsMax))
            {
                permits.Add((await git.RunAsync(new GitCall(folder.Path, "cat-file", "blob", $"{tip}:{LeakPermits.FileName}") { Variables = variables, TimeMax = s_timeMax }, CancellationToken.None)).Output);
            }

            var (leaks, whole) = await SearchAsync(folder, news, permits, variables);
            return leaks.Count == 0
                ? whole ? ["ok"] : ["ok", "axle: this push adds so much that only its first part was searched for secrets."]
                : ["refused", .. Words(leaks, component)];
        }
        catch (Exception e) when (e is IOException or TimeoutException or UnauthorizedAccessException)
        {
            log.LogError(e, "A push to {Repository} could not be searched for secrets", folder.Name);
            return ["refused", "axle: this push could not be searched for secrets, so it was not taken. Next: push again; if that does not help, ask an administrator to look at the platform's log."];
        }
    }

    private async Task<(List<AddedLeak> Leaks, bool Whole)> SearchAsync(RepositoryFolder folder, IReadOnlyList<string> news, LeakPermits permits, Dictionary<string, string> variables)
    {
        var patch = new AddedText(permits, ShownMax, TextBytesMax);
        using var enough = new CancellationTokenSource();
        try
        {
            var end = await git.RunAsync(
                new GitCall(folder.Path, [
                    "log", "--format=%x00%H", "--patch", "--text", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-prefix",
                    "--diff-merges=dense-combined", "--ignore-submodules=all", "--no-show-signature", "--no-notes", "--stdin", "--not", "--all"])
                {
                    Variables = variables,
                    Input = Repositories.Text(string.Join('\n', news) + "\n"),
                    Output = async (output, stop) =>
                    {
                        if (!await patch.ReadAsync(output, stop))
                        {
                            await enough.CancelAsync();
                        }
                    },
                    TimeMax = s_timeMax,
                },
                enough.Token);
            return end.Ok ? (patch.Leaks, true) : throw new IOException($"git log failed: {Git.Words(end)}");
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            return (patch.Leaks, false);
        }
        catch (TimeoutException)
        {
            return (patch.Leaks, false);
        }
    }

    private static IEnumerable<string> Words(List<AddedLeak> leaks, string component)
    {
        yield return "axle: this push was not taken, because it adds what look like secrets:";
        foreach (var (commit, leak) in leaks)
        {
            yield return $"axle:   {Clean(leak.Path)}:{leak.Line}:{leak.Column}: {leak.Rule} ({Clean(leak.Excerpt)}), in commit {commit[..Math.Min(10, commit.Length)]}";
        }

        yield return $"axle: Next: keep it in Axle (axle secret set NAME -c {component}), write ${{resources.env.NAME}} in score.yaml, and take it out of the commits (git commit --amend, or git rebase -i).";
        yield return $"axle: Is it none? Write {LeakGuard.Permit} into its line, or the file's path into {LeakPermits.FileName}.";
    }

    private static string Clean(string text) => string.Concat(text.Take(200).Select(c => char.IsControl(c) ? '?' : c));

    private static bool IsQuarantine(RepositoryFolder folder, string path) =>
        path.Length == 0 || Path.GetFullPath(path).StartsWith(Path.Combine(Path.GetFullPath(folder.Path), "objects") + "/", StringComparison.Ordinal);

    private static Dictionary<string, string> Variables(RepositoryFolder folder, string quarantine) => quarantine.Length == 0
        ? []
        : new() { ["GIT_OBJECT_DIRECTORY"] = Path.GetFullPath(quarantine), ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = Path.Combine(Path.GetFullPath(folder.Path), "objects") };

    private static string Fresh(PlatformOptions platform)
    {
        var folder = platform.Folder("run", "push-guard");
        foreach (var left in Directory.EnumerateDirectories(folder))
        {
            Directory.Delete(left, recursive: true);
        }

        return folder;
    }
}

/// <summary>A leak, and the commit that brings it.</summary>
internal readonly record struct AddedLeak(string Commit, Leak Leak);

/// <summary>The two pipes of one push: the hook writes what it holds into <c>ask</c>, and reads the verdict from <c>answer</c>.</summary>
internal sealed class PushWatch : IAsyncDisposable
{
    private const int QuestionMax = 4 << 20;

    private readonly FileStream _ask;
    private readonly FileStream _answer;
    private readonly Task _work;

    public PushWatch(string folder, Func<string, IReadOnlyList<string>, Task<IReadOnlyList<string>>> answer)
    {
        Folder = folder;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        NamedPipe.Make(Path.Combine(folder, "ask"));
        NamedPipe.Make(Path.Combine(folder, "answer"));

        // Open at both ends, so that neither opening nor writing waits for the other side.
        _ask = new FileStream(Path.Combine(folder, "ask"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _answer = new FileStream(Path.Combine(folder, "answer"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _work = Task.Factory.StartNew(() => WorkAsync(answer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>What the hook is told.</summary>
    public string Folder { get; }

    public async ValueTask DisposeAsync()
    {
        // A push that was refused before never asked: an empty question ends the waiting.
        await _ask.WriteAsync("\n\n"u8.ToArray());
        await _work;
        await _ask.DisposeAsync();
        await _answer.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task WorkAsync(Func<string, IReadOnlyList<string>, Task<IReadOnlyList<string>>> answer)
    {
        var question = Question();
        var lines = question.TrimEnd('\n').Split('\n');
        if (question.Trim('\n').Length > 0)
        {
            var verdict = await answer(lines[0], lines[1..]);

            // A line with a dot ends it, as nothing that is said begins with one.
            await _answer.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', verdict) + "\n.\n"));
        }
    }

    /// <summary>Everything up to an empty line; the first line is the quarantine's folder, and may be empty itself.</summary>
    private string Question()
    {
        var all = new List<byte>();
        Span<byte> buffer = stackalloc byte[4096];
        while (all.Count < QuestionMax && !(all.Count > 1 && all[^1] == '\n' && all[^2] == '\n'))
        {
            var read = _ask.Read(buffer);
            if (read == 0)
            {
                break;
            }

            all.AddRange(buffer[..read]);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }
}
