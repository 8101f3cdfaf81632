using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// What a schema cannot say: placeholders that lead somewhere, start orders and resources without cycles. Looks up in
/// the document where each mistake stands.
/// </summary>
internal sealed class ScoreChecks(Score score, YamlValue document, ICollection<Problem> problems)
{
    public void Run()
    {
        foreach (var (name, container) in score.Containers)
        {
            CheckTexts(name, container);
            CheckBefore(name, container);
        }

        CheckStartOrder();
        foreach (var (name, resource) in score.Resources)
        {
            CheckParams(resource.Params, ["resources", name, "params"]);
        }

        CheckResourceOrder();
        CheckSharedResources();
    }

    /// <summary>Every string inside a JSON value, with the keys that lead to it.</summary>
    public static IEnumerable<(string Text, IReadOnlyList<string> Path)> Strings(JsonElement json, IReadOnlyList<string> path) => json.ValueKind switch
    {
        JsonValueKind.String => [(json.GetString()!, path)],
        JsonValueKind.Object => json.EnumerateObject().SelectMany(p => Strings(p.Value, [.. path, p.Name])),
        JsonValueKind.Array => json.EnumerateArray().SelectMany((item, i) => Strings(item, [.. path, $"{i}"])),
        _ => [],
    };

    /// <summary>The resources whose outputs a resource's params ask for.</summary>
    public static IEnumerable<string> Needs(ScoreResource resource) =>
        Strings(resource.Params, [])
            .SelectMany(s => Placeholders.Find(s.Text))
            .Where(p => p.Mistake is null && p.Parts[0] == Placeholder.Resources)
            .Select(p => p.Parts[1])
            .Distinct();

    private void CheckTexts(string name, ScoreContainer container)
    {
        foreach (var (variable, text) in container.Variables)
        {
            CheckText(text, ["containers", name, "variables", variable]);
        }

        foreach (var (target, file) in container.Files.Where(f => f.Value is { NoExpand: false, Content: not null }))
        {
            CheckText(file.Content!, ["containers", name, "files", target, "content"]);
        }

        foreach (var (target, volume) in container.Volumes)
        {
            CheckText(volume.Source, ["containers", name, "volumes", target, "source"]);
        }
    }

    private void CheckParams(JsonElement given, IReadOnlyList<string> path)
    {
        foreach (var (text, under) in Strings(given, path))
        {
            CheckText(text, under);
        }
    }

    private void CheckText(string text, IReadOnlyList<string> path)
    {
        foreach (var placeholder in Placeholders.Find(text).DistinctBy(p => p.Text))
        {
            if ((placeholder.Mistake ?? (placeholder.Parts[0] == Placeholder.Metadata ? MetadataMistake(placeholder) : ResourceMistake(placeholder))) is { } mistake)
            {
                Report(mistake, path);
            }
        }
    }

    private string? MetadataMistake(Placeholder placeholder) =>
        MetadataLookup.Find(score.Metadata.All, placeholder) is null
            ? $"the placeholder {placeholder} leads nowhere: metadata has no such key"
            : null;

    private string? ResourceMistake(Placeholder placeholder)
    {
        var name = placeholder.Parts[1];
        if (score.Resources.ContainsKey(name))
        {
            return null;
        }

        var hint = Nearest.To(name, score.Resources.Keys) is { } meant ? $"did you mean '{meant}'?" : $"declare it under resources.{name}";
        return $"the placeholder {placeholder} asks for the resource '{name}', which is not declared; {hint}";
    }

    private void CheckBefore(string name, ScoreContainer container)
    {
        foreach (var (other, ready) in container.Before)
        {
            IReadOnlyList<string> path = ["containers", name, "before", other];
            if (other == name)
            {
                Report("a container cannot start before itself", path);
            }
            else if (!score.Containers.ContainsKey(other))
            {
                var hint = Nearest.To(other, score.Containers.Keys.Where(k => k != name)) is { } meant ? $"did you mean '{meant}'?" : $"containers here: {string.Join(", ", score.Containers.Keys)}";
                Report($"there is no container '{other}'; {hint}", path);
            }

            if (ready == "healthy" && container is { ReadinessProbe: null, LivenessProbe: null })
            {
                Report($"'{other}' waits until '{name}' is healthy, but '{name}' has no probe that could tell", path);
            }
        }
    }

    private void CheckStartOrder()
    {
        var (_, cycle) = Graph.Order(score.Containers.Keys, name => score.Containers[name].Before.Keys.Where(other => other != name && score.Containers.ContainsKey(other)));
        if (cycle.Count > 0)
        {
            Report($"containers wait for each other in a circle: {string.Join(" before ", [.. cycle, cycle[0]])}", ["containers", cycle[0], "before"]);
        }
    }

    private void CheckResourceOrder()
    {
        var (_, cycle) = Graph.Order(score.Resources.Keys, name => Needs(score.Resources[name]).Where(score.Resources.ContainsKey));
        if (cycle.Count > 0)
        {
            Report($"resources need each other in a circle: {string.Join(" needs ", [.. cycle, cycle[0]])}", ["resources", cycle[0], "params"]);
        }
    }

    // The same resource under two names is allowed, but then it can be described once only.
    private void CheckSharedResources()
    {
        foreach (var same in score.Resources.GroupBy(r => score.UidOf(r.Key)).Where(g => g.Count() > 1))
        {
            var first = same.FirstOrDefault(r => r.Value.Params.ValueKind != JsonValueKind.Undefined);
            foreach (var other in same.Where(r => r.Value.Params.ValueKind != JsonValueKind.Undefined && !JsonElement.DeepEquals(r.Value.Params, first.Value.Params)))
            {
                Report($"'{other.Key}' and '{first.Key}' are the same resource {same.Key}, but their params differ", ["resources", other.Key, "params"]);
            }
        }
    }

    private void Report(string message, IReadOnlyList<string> path)
    {
        var (value, place) = (document, document.Place);
        foreach (var key in path)
        {
            if (value is YamlMap map && map.Find(key) is { } entry)
            {
                (value, place) = (entry.Value, entry.Value.Place ?? entry.Place);
            }
            else if (value is YamlList list && int.TryParse(key, out var index) && index < list.Items.Count)
            {
                (value, place) = (list.Items[index], list.Items[index].Place);
            }
            else if (value is YamlList targets && targets.Items.OfType<YamlMap>().FirstOrDefault(m => m.Find("target")?.Value is YamlScalar t && t.Text == key) is { } item)
            {
                (value, place) = (item, item.Place);
            }
            else
            {
                break;
            }
        }

        problems.Add(new Problem(message, place?.File, place?.Line, place?.Column, path.Aggregate("", Field.Join)));
    }
}

/// <summary>Looks into a JSON object as placeholders do.</summary>
internal static class MetadataLookup
{
    /// <summary>The value under the placeholder's keys after its root, or null.</summary>
    public static JsonElement? Find(JsonElement json, Placeholder placeholder) => Find(json, placeholder.Parts.Skip(1));

    public static JsonElement? Find(JsonElement json, IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(key, out json))
            {
                return null;
            }
        }

        return json;
    }

    /// <summary>How a value reads inside text: strings as they are, anything else as JSON.</summary>
    public static string ToText(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()! : YamlValue.From(json).ToJson().GetRawText();
}

/// <summary>Orders things that depend on each other.</summary>
internal static class Graph
{
    /// <summary>Nodes after all that they point at, otherwise in the given order; or one circle, in the direction of the edges.</summary>
    public static (IReadOnlyList<string> Order, IReadOnlyList<string> Cycle) Order(IEnumerable<string> nodes, Func<string, IEnumerable<string>> edges)
    {
        var waits = nodes.ToDictionary(n => n, n => edges(n).Distinct().ToHashSet());
        var pointedFrom = waits.SelectMany(w => w.Value.Select(to => (From: w.Key, To: to))).ToLookup(e => e.To, e => e.From);
        var left = waits.ToDictionary(w => w.Key, w => w.Value.Count);
        var ready = new Queue<string>(waits.Keys.Where(n => left[n] == 0));
        var order = new List<string>(waits.Count);
        while (ready.TryDequeue(out var node))
        {
            order.Add(node);
            foreach (var from in pointedFrom[node])
            {
                if (--left[from] == 0)
                {
                    ready.Enqueue(from);
                }
            }
        }

        return order.Count == waits.Count ? (order, []) : (order, Circle(waits, left));
    }

    // What is left over has, from every node, an edge to another left-over node: follow until one repeats.
    private static List<string> Circle(Dictionary<string, HashSet<string>> waits, Dictionary<string, int> left)
    {
        var walk = new List<string>();
        var node = left.First(l => l.Value > 0).Key;
        while (!walk.Contains(node))
        {
            walk.Add(node);
            node = waits[node].First(to => left[to] > 0);
        }

        return walk[walk.IndexOf(node)..];
    }
}
