using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>The files of one task. Every path that a template names goes through here.</summary>
/// <param name="Root">The folder; it exists.</param>
internal sealed record Workspace(string Root)
{
    /// <summary>
    /// The real path of a relative one, or why it leads out. <c>.</c> and nothing are the workspace itself. As Backstage has
    /// it, <c>..</c> may be in it as long as it stays inside, and so may the absolute path of one of the workspace's files.
    /// </summary>
    public Result<string> Resolve(string? relative)
    {
        var text = relative ?? "";
        if (text == Root || text.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            text = text[Root.Length..].TrimStart('/');
        }

        if (text.StartsWith('/'))
        {
            return ActionErrors.PathRefused(text, "it is absolute");
        }

        // What '..' takes back is taken back before any link is followed, as Backstage's check does.
        var parts = new List<string>();
        foreach (var part in text.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
            {
                return ActionErrors.PathRefused(text, "it leads outside of the task's files");
            }

            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return parts.Count == 0 ? Root : SafePath.Join(Root, string.Join('/', parts));
    }

    /// <summary>As <see cref="Resolve"/>, but a link at the path's end is meant itself and not followed: for what moves or removes it.</summary>
    public Result<string> ResolveItself(string? relative)
    {
        var text = (relative ?? "").TrimEnd('/');
        var slash = text.LastIndexOf('/');
        var name = text[(slash + 1)..];
        if (name is "" or "." or "..")
        {
            return Resolve(relative);
        }

        if (!Resolve(slash < 0 ? "" : text[..(slash + 1)]).TryGet(out var folder, out var refused))
        {
            return text == Root ? Root : refused;
        }

        return SafePath.Wrong(name) is { } wrong ? ActionErrors.PathRefused(text, wrong) : Path.Combine(folder, name);
    }

    /// <summary>A path below the root as templates write it.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path) is "." ? "" : Path.GetRelativePath(Root, path);
}
