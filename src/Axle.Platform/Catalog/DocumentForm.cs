using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog;

/// <summary>
/// What Backstage's schemas demand of a document beyond what the catalogue needs to work with an entity: a file that Backstage
/// refuses is refused here, so that what is in one catalogue is in the other. What is applied by hand need not be as strict.
/// </summary>
internal sealed class DocumentForm(EntityKinds kinds, IEnumerable<IDocumentForm> others)
{
    private static readonly Dictionary<string, FormRule[]> s_rules = new(StringComparer.Ordinal)
    {
        [Kinds.Component] = [Text("system"), Text("subcomponentOf"), Texts("providesApis"), Texts("consumesApis"), Texts("dependsOn")],
        ["API"] = [Text("system"), new("remotes", IsRemotes, "a list of objects with type and url", Required: true, OnlyForType: "mcp-server")],
        [Kinds.Resource] = [Text("system"), Texts("dependsOn")],
        ["System"] = [Text("domain"), Text("type")],
        ["Domain"] = [Text("subdomainOf"), Text("type")],
        [Kinds.Group] = [Profile, Text("parent"), Texts("members")],
        [Kinds.User] = [Profile, Texts("memberOf", required: true)],
        [Kinds.Location] = [Text("type"), Text("target"), Texts("targets"), new("presence", value => IsText(value) && value.GetString() is "required" or "optional", "required or optional")],
        ["AiResource"] =
        [
            Text("system"),
            Texts("disciplines", type: "skill"), Texts("categories", type: "skill"), Texts("agents", type: "skill"), Texts("dependsOn", type: "skill"), Text("allowedTools", type: "skill"), Text("license", type: "skill"),
            new("compatibility", value => IsText(value) && value.GetString()!.Length <= 500, "a text of at most 500 characters", OnlyForType: "skill"),
            Texts("disciplines", type: "rule"), Text("category", required: true, type: "rule"), Text("rationale", required: true, type: "rule"),
            Texts("skills", required: true, type: "plugin"), Text("version", type: "plugin"),
            Texts("plugins", required: true, type: "marketplace"), Text("version", type: "marketplace"),
        ],
    };

    private static FormRule Profile => new("profile", IsProfile, "an object, with texts for displayName, email and picture");

    /// <summary>Empty for kinds that Backstage does not know: what they are is told elsewhere.</summary>
    public IReadOnlyList<Problem> Check(Entity entity)
    {
        if (kinds.Find(entity.Kind) is not BackstageKind kind)
        {
            return [];
        }

        if (kind.Name != entity.Kind)
        {
            return [new Problem($"is written {kind.Name}", Path: "kind")];
        }

        if (entity.ApiVersion != kind.ApiVersion && !kind.AlsoReads.Contains(entity.ApiVersion))
        {
            return [new Problem($"'{entity.ApiVersion}' is not a version of {kind.Name}; there are {string.Join(", ", kind.AlsoReads.Prepend(kind.ApiVersion))}", Path: "apiVersion")];
        }

        if (entity.Spec.ValueKind != JsonValueKind.Object)
        {
            return [new Problem("is missing", Path: "spec")];
        }

        if (new[] { Locations.Managed.File, Locations.Managed.Origin }.FirstOrDefault(key => entity.Metadata.Annotations.TryGetValue(key, out var place) && !IsLocation(place)) is { } key)
        {
            return [new Problem("must be type:target, as in url:https://host/path", Path: $"metadata.annotations.{key}")];
        }

        var problems = s_rules.GetValueOrDefault(kind.Name, []).Select(rule => rule.Check(entity.Spec)).OfType<Problem>();
        return [.. problems, .. others.Where(other => other.Kind == kind.Name).SelectMany(other => other.Check(entity))];
    }

    private static FormRule Text(string name, bool required = false, string? type = null) => new(name, IsText, "a text", required, type);

    private static FormRule Texts(string name, bool required = false, string? type = null) => new(name, value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsText), "a list of texts", required, type);

    private static bool IsLocation(string text) => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < text.Length - 1 && text[..colon] is not ("http" or "https");

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && !value.ValueEquals("");

    private static bool IsProfile(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(member => member.Name is not ("displayName" or "email" or "picture") || IsText(member.Value));

    private static bool IsRemotes(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(remote =>
            remote.ValueKind == JsonValueKind.Object && remote.TryGetProperty("type", out var type) && IsText(type) && remote.TryGetProperty("url", out var url) && IsText(url));

    /// <summary>One member of a spec. A null is a value of the wrong type, as in JSON Schema.</summary>
    /// <param name="OnlyForType">The value of <c>spec.type</c> for which the rule holds; null for all.</param>
    private sealed record FormRule(string Name, Func<JsonElement, bool> Fits, string Words, bool Required = false, string? OnlyForType = null)
    {
        public Problem? Check(JsonElement spec) =>
            OnlyForType is not null && !(spec.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(OnlyForType)) ? null
            : !spec.TryGetProperty(Name, out var value) ? Required ? new Problem($"is missing; it must be {Words}", Path: $"spec.{Name}") : null
            : Fits(value) ? null
            : new Problem($"must be {Words}", Path: $"spec.{Name}");
    }
}
