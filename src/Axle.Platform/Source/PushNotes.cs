using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>What a person should know about a push beside the build: said once, in the push itself.</summary>
internal sealed class PushNotes(Repositories repositories)
{
    /// <summary>What follows from git's report alone.</summary>
    public static IEnumerable<string> Hints(PushReport report, RepositoryFolder folder, SourceOptions options)
    {
        var deployed = $"refs/heads/{folder.DefaultBranch}";
        if (report.Failure is { } failure)
        {
            yield return DiskSpace.IsGone(folder.Path)
                ? $"The push was not taken; nothing changed. {DiskSpace.Full(folder.Path).Message} Next: {DiskSpace.Full(folder.Path).Next}"
                : $"The push was not taken ({failure}); nothing changed. The most that one push may have is {options.PushBytesMax / 1024 / 1024} MB. Next: look at the lines above, or push fewer commits at a time.";
        }

        foreach (var (which, reason) in report.Refused)
        {
            if (reason.Contains("failed to update ref", StringComparison.Ordinal) || reason.Contains("lock", StringComparison.Ordinal) || reason.Contains("fetch first", StringComparison.Ordinal))
            {
                yield return $"{Short(which)} was moved by another push at the same moment; yours changed nothing. Next: git pull --rebase, then git push again.";
            }
        }

        if (report.Moved.Count > 0 && !report.Moved.Contains(deployed))
        {
            yield return $"{string.Join(", ", report.Moved.Take(5).Select(Short))} kept. Only {folder.DefaultBranch} is deployed.";
        }
    }

    /// <summary>What the new head contains that is not built as people may expect.</summary>
    public async Task<IReadOnlyList<string>> OfHeadAsync(RepositoryFolder folder, CancellationToken stop)
    {
        if (await repositories.HeadAsync(folder, stop) is not { } head)
        {
            return [];
        }

        var found = new List<string>();
        if (await repositories.ReadAsync(folder.Name, head, ".gitmodules", stop) is not null)
        {
            found.Add("This repository has submodules, which Axle does not fetch: their folders are empty in the build. Next: copy the files in (git subtree), or use a package.");
        }

        if ((await repositories.ReadAsync(folder.Name, head, ".gitattributes", stop))?.Contains("filter=lfs", StringComparison.Ordinal) is true)
        {
            found.Add("This repository keeps files in Git LFS, which Axle does not fetch: the build sees pointers. Next: commit the files themselves.");
        }

        return found;
    }

    private static string Short(string which) => which.StartsWith("refs/heads/", StringComparison.Ordinal) ? which["refs/heads/".Length..] : which;
}
