using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>What every publishing action says afterwards.</summary>
internal static class PublishOutput
{
    public static JsonObject Schema => Actions.Schema.Object(
        [],
        ("remoteUrl", Actions.Schema.Text("What a user clones.")),
        ("repoContentsUrl", Actions.Schema.Text("The address of the repository's files.")),
        ("commitHash", Actions.Schema.Text("The first commit.")));

    public static ActionResult Of(string remoteUrl, string repoContentsUrl, string commit) =>
        new(new JsonObject { ["remoteUrl"] = remoteUrl, ["repoContentsUrl"] = repoContentsUrl, ["commitHash"] = commit });
}
