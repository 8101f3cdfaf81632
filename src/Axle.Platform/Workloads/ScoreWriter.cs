using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Workloads;

/// <summary>A workload as JSON that <see cref="ScoreReader"/> reads back to the same workload; nothing that was not said is added but defaults.</summary>
internal static class ScoreWriter
{
    public static JsonElement Write(Score score)
    {
        var root = new JsonObject
        {
            ["apiVersion"] = Score.ApiVersion,
            ["metadata"] = JsonNode.Parse(score.Metadata.All.GetRawText()),
        };
        if (score.Ports.Count > 0)
        {
            root["service"] = new JsonObject { ["ports"] = Each(score.Ports, Port) };
        }

        root["containers"] = Each(score.Containers, Container);
        if (score.Resources.Count > 0)
        {
            root["resources"] = Each(score.Resources, Resource);
        }

        return JsonSerializer.SerializeToElement(root);
    }

    private static JsonObject Each<T>(IReadOnlyDictionary<string, T> items, Func<T, JsonNode?> write) =>
        new(items.Select(i => KeyValuePair.Create(i.Key, write(i.Value))));

    private static JsonObject Object(params ReadOnlySpan<(string Key, JsonNode? Value)> fields)
    {
        var result = new JsonObject();
        foreach (var (key, value) in fields)
        {
            if (value is not null)
            {
                result[key] = value;
            }
        }

        return result;
    }

    private static JsonObject? Map<T>(IReadOnlyDictionary<string, T> items, Func<T, JsonNode?> write) => items.Count == 0 ? null : Each(items, write);

    private static JsonArray? List(IReadOnlyList<string>? items) => items is null ? null : [.. items.Select(i => JsonValue.Create(i))];

    private static JsonNode? Raw(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(json.GetRawText());

    private static JsonObject Port(ScorePort port) => Object(("port", port.Port), ("targetPort", port.TargetPort), ("protocol", port.Protocol));

    private static JsonObject Container(ScoreContainer container) => Object(
        ("image", container.Image),
        ("command", List(container.Command)),
        ("args", List(container.Args)),
        ("variables", Map(container.Variables, v => JsonValue.Create(v))),
        ("files", Map(container.Files, File)),
        ("volumes", Map(container.Volumes, Volume)),
        ("before", Map(container.Before, ready => Object(("ready", ready)))),
        ("resources", Quantities(container)),
        ("livenessProbe", Probe(container.LivenessProbe)),
        ("readinessProbe", Probe(container.ReadinessProbe)));

    private static JsonObject File(ScoreContainerFile file) => Object(
        ("source", file.Source),
        ("content", file.Content),
        ("binaryContent", file.BinaryContent),
        ("mode", file.Mode),
        ("noExpand", file.NoExpand ? true : null));

    private static JsonObject Volume(ScoreVolume volume) => Object(("source", volume.Source), ("path", volume.Path), ("readOnly", volume.ReadOnly ? true : null));

    private static JsonObject? Quantities(ScoreContainer container) => container.Limits is null && container.Requests is null
        ? null
        : Object(("limits", Amounts(container.Limits)), ("requests", Amounts(container.Requests)));

    private static JsonObject? Amounts(ScoreQuantities? amounts) => amounts is null ? null : Object(("cpu", amounts.Cpu), ("memory", amounts.Memory));

    private static JsonObject? Probe(ScoreProbe? probe) => probe is null ? null : Object(
        ("httpGet", probe.HttpGet is { } http ? HttpProbe(http) : null),
        ("exec", probe.Exec is { } command ? Object(("command", List(command))) : null));

    private static JsonObject HttpProbe(ScoreHttpProbe http) => Object(
        ("port", http.Port),
        ("path", http.Path),
        ("host", http.Host),
        ("scheme", http.Scheme),
        ("httpHeaders", http.Headers.Count == 0 ? null : new JsonArray([.. http.Headers.Select(h => Object(("name", h.Key), ("value", h.Value)))])));

    private static JsonObject Resource(ScoreResource resource) => Object(
        ("type", resource.Type),
        ("class", resource.Class),
        ("id", resource.Id),
        ("metadata", Raw(resource.Metadata)),
        ("params", Raw(resource.Params)));
}
