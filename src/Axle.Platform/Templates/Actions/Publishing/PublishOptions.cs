namespace Axle.Platform.Templates.Actions;

/// <summary>Where publishing actions publish to; section <c>Templates</c>.</summary>
public sealed class PublishOptions
{
    /// <summary>
    /// Sends an action that templates name elsewhere: <c>publish:github</c> to <c>publish:axle</c>, or to another host as
    /// <c>publish:gitea?host=git.example.com&amp;owner=shop</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Publish { get; set; } = new Dictionary<string, string>();
}
