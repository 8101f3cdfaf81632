using System.Text.Json.Nodes;

namespace Axle.Platform.Resources.Drivers;

/// <summary>What a provisioner of Score's kind starts from.</summary>
/// <param name="State">What it remembers of this resource.</param>
/// <param name="Shared">What the provisioners of the environment remember together.</param>
/// <param name="Folder">Where the resource's own files are.</param>
internal sealed record ScoreBefore(JsonObject State, JsonObject Shared, string Folder);

/// <summary>What it made of that.</summary>
/// <param name="Shared">Changes of the shared state, as a JSON merge patch.</param>
/// <param name="Folders">To make (true) or to take away.</param>
/// <param name="Files">Content of files; null takes one away.</param>
internal sealed record ScoreMade(JsonObject State, JsonObject Shared, JsonObject Outputs, IReadOnlyDictionary<string, bool> Folders, IReadOnlyDictionary<string, string?> Files);

/// <summary>JSON merge patch (RFC 7386), as Score changes the shared state.</summary>
internal static class MergePatch
{
    /// <summary>A new object; neither of the two is changed.</summary>
    public static JsonObject Apply(JsonObject current, JsonObject patch)
    {
        var result = (JsonObject)current.DeepClone();
        foreach (var (key, value) in patch)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else
            {
                result[key] = value is JsonObject inner ? Apply(result[key] as JsonObject ?? [], inner) : value.DeepClone();
            }
        }

        return result;
    }
}
