using Axle.Contracts;

namespace Axle.Platform.Files;

/// <summary>
/// Joins a path that somebody else chose under a folder of ours. Nothing else joins untrusted paths. Symbolic links are
/// followed one by one, also where they dangle, so that a chain of links that each look harmless cannot lead outside.
/// Safe as long as nobody changes the folder between the check and the use: a place for one writer at a time.
/// </summary>
public static class SafePath
{
    private const int LinksMax = 40;
    private const int LengthMax = 4096;

    /// <summary>
    /// The real path (no link in it) of <paramref name="relative"/> below <paramref name="root"/>, whether it exists or
    /// not; or why not.
    /// </summary>
    public static Result<string> Join(string root, string relative)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (Wrong(relative) is { } wrong)
        {
            return Refused(relative, wrong);
        }

        return Follow(RealRoot(root), relative);
    }

    /// <summary>Where a symbolic link at a (real) path below the root would lead, or why it must not exist.</summary>
    /// <param name="root">The folder that must not be left.</param>
    /// <param name="link">Path of the link below the root.</param>
    /// <param name="target">What the link says; may contain <c>..</c>.</param>
    public static Result<string> JoinLink(string root, string link, string target)
    {
        if (string.IsNullOrEmpty(target) || target.Length > LengthMax || target.Contains('\0', StringComparison.Ordinal))
        {
            return Refused(link, "its target is no path");
        }

        var slash = link.LastIndexOf('/');
        var folder = slash < 0 ? "" : link[..slash];
        return target[0] == '/' ? Refused(link, $"it points to an absolute path ({Shown(target)})") : Follow(RealRoot(root), $"{folder}/{target}");
    }

    /// <summary>Why a relative path is refused whatever is on disk; null when it is in order.</summary>
    public static string? Wrong(string? relative) => relative switch
    {
        null or "" => "it is empty",
        { Length: > LengthMax } => $"it is longer than {LengthMax} characters",
        _ when relative[0] == '/' => "it is absolute",
        _ when relative.Any(char.IsControl) => "it contains a control character",
        _ when relative.Split('/').Contains("..") => "it contains '..'",
        _ when relative.Split('/').All(part => part is "" or ".") => "it names no file",
        _ => null,
    };

    /// <summary>A path made printable.</summary>
    public static string Shown(string path)
    {
        var shown = string.Concat(path.Take(200).Select(c => char.IsControl(c) ? '?' : c));
        return path.Length > 200 ? shown + "…" : shown;
    }

    private static Result<string> Follow(string root, string relative)
    {
        var ahead = new Stack<string>(relative.Split('/').Reverse());
        var here = root;
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                if (here == root)
                {
                    return Refused(relative, "it leads outside the folder");
                }

                here = Path.GetDirectoryName(here)!;
                continue;
            }

            var next = Path.Combine(here, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                here = next;
                continue;
            }

            if (++links > LinksMax)
            {
                return Refused(relative, "it goes through too many symbolic links");
            }

            if (target.StartsWith('/'))
            {
                return Refused(relative, "it goes through a symbolic link to an absolute path");
            }

            foreach (var step in target.Split('/').Reverse())
            {
                ahead.Push(step);
            }
        }

        return here;
    }

    /// <summary>The root itself is ours, and may well be reached through links (as a data folder on another disk).</summary>
    private static string RealRoot(string root)
    {
        var parts = new Stack<string>(Path.GetFullPath(root).Split('/').Reverse());
        var here = "/";
        var links = 0;
        while (parts.TryPop(out var part))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                here = Path.GetDirectoryName(here) ?? "/";
                continue;
            }

            var next = Path.Combine(here, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                here = next;
                continue;
            }

            if (++links > LinksMax)
            {
                throw new IOException($"{root} goes through too many symbolic links.");
            }

            here = target.StartsWith('/') ? "/" : here;
            foreach (var step in target.Split('/').Reverse())
            {
                parts.Push(step);
            }
        }

        return here;
    }

    private static Error Refused(string? path, string why) =>
        new("files.path_refused", $"The path '{Shown(path ?? "")}' is refused: {why}.", "Use a relative path inside the folder, without '..'.", 400);
}
