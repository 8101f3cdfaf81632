using System.Text.Json;

namespace Axle.Platform.Resources.ProvisionerFiles;

/// <summary>The templates that a <c>template://</c> provisioner may have.</summary>
internal static class TemplateParts
{
    public const string Init = "init";
    public const string State = "state";
    public const string Shared = "shared";
    public const string Outputs = "outputs";
    public const string Directories = "directories";
    public const string Files = "files";
    public const string Manifests = "manifests";

    /// <summary>Those that make things of Docker Compose.</summary>
    public static IReadOnlyList<string> OfContainers { get; } = ["services", "volumes", "networks", "models"];

    /// <summary>All, in the order in which Score runs them. <c>info_logs</c> say how to reach a container; they are read and not shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Init, State, Shared, Outputs, Directories, Files, .. OfContainers, Manifests, "info_logs"];

    /// <summary>The templates of a provisioner that are not empty, by name, without the space around them, as Score runs them.</summary>
    public static IReadOnlyDictionary<string, string> Of(JsonElement config) => config.ValueKind != JsonValueKind.Object
        ? new Dictionary<string, string>()
        : All.Where(part => config.TryGetProperty(part, out var text) && text.ValueKind == JsonValueKind.String)
            .Select(part => (part, Text: config.GetProperty(part).GetString()!.Trim()))
            .Where(each => each.Text.Length > 0)
            .ToDictionary(each => each.part, each => each.Text);
}
