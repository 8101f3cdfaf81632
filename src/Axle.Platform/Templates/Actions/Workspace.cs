using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>The files of one task. Every path that a template names goes through here.</summary>
/// <param name="Root">The folder; it exists.</param>
internal sealed record Workspace(string Root)
{
    /// <summary>The real path of a relative one, or why it leads out. <c>.</c> and nothing are the workspace itself.</summary>
    public Result<string> Resolve(string? relative) =>
        relative is null or "" || relative.Split('/').All(part => part is "" or ".") && relative[0] != '/' ? Root : SafePath.Join(Root, relative);
}
