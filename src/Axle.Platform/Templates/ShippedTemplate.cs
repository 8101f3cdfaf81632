using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Templates;

/// <summary>A template from a folder: its <c>template.yaml</c>, checked. Steps keep their places, for messages.</summary>
internal sealed record ShippedTemplate(Entity Entity, string Folder, YamlMap Steps, IReadOnlyList<TemplateStep> Actions)
{
    public const string FileName = "template.yaml";

    public string Name => Entity.Metadata.Name;

    /// <summary>How messages call its file.</summary>
    public string File => $"{Name}/{FileName}";

    /// <summary>The JSON schema of the answers: one object, or one for each page of a form.</summary>
    public JsonElement Parameters => Entity.Spec.TryGetProperty("parameters", out var parameters) ? parameters : JsonElement.Parse("{}");

    /// <summary>Reads a template; refuses steps that cannot be run before any of them is.</summary>
    public static Result<ShippedTemplate> Read(string folder)
    {
        var name = Path.GetFileName(folder);
        var file = $"{name}/{FileName}";
        var problems = new List<Problem>();
        var document = StrictYaml.Read(System.IO.File.ReadAllText(Path.Combine(folder, FileName)), file, problems);
        if (document is not YamlMap map || problems.Count > 0)
        {
            return TemplateErrors.Invalid(name, problems.Count > 0 ? problems : [new Problem("is no mapping", file, 1, 1)]);
        }

        if (Envelope(map, file, name).TryGet(out var entity, out var error))
        {
            var spec = map.Find("spec")?.Value as YamlMap;
            var steps = TemplateStep.ReadAll(spec?.Find("steps")?.Value as YamlList, file, problems);
            return problems.Count > 0 ? TemplateErrors.Invalid(name, problems) : new ShippedTemplate(entity, folder, spec!, steps);
        }

        return error;
    }

    private static Result<Entity> Envelope(YamlMap map, string file, string name)
    {
        try
        {
            var entity = map.ToJson().Deserialize<Entity>(EntityJson.Options)!;
            if (entity is { ApiVersion: Kinds.ScaffolderApi, Kind: Kinds.Template } && entity.Metadata.Name == name && entity.Spec.ValueKind == JsonValueKind.Object)
            {
                return entity;
            }

            return TemplateErrors.Invalid(name, [new Problem($"must be a {Kinds.Template} of {Kinds.ScaffolderApi} with the name '{name}', as its folder, and a spec", file, 1, 1)]);
        }
        catch (JsonException e)
        {
            return TemplateErrors.Invalid(name, [new Problem(e.Message.Split(" Path:")[0], file, 1, 1, e.Path?.TrimStart('$', '.'))]);
        }
    }
}

/// <summary>One step of a template.</summary>
/// <param name="Id">What later steps call its outputs by.</param>
internal sealed record TemplateStep(string Id, string Name, string Action, YamlMap Input, Place? Place)
{
    public const string Fetch = "fetch:template";
    public const string Publish = "publish:axle";
    public const string Register = "catalog:register";

    private static readonly Dictionary<string, string[]> s_inputs = new(StringComparer.Ordinal)
    {
        [Fetch] = ["url", "values"],
        [Publish] = ["repository", "description"],
        [Register] = ["catalogInfoPath", "repository"],
    };

    public static IReadOnlyList<TemplateStep> ReadAll(YamlList? list, string file, ICollection<Problem> problems)
    {
        var steps = (list?.Items ?? []).Select((item, i) => Read(item, i, file, problems)).ToList();
        string[] expected = [Fetch, Publish, Register];

        // The three belong together in this order; anything else would leave half a component behind.
        if (problems.Count == 0 && !steps.Select(s => s.Action).DistinctBy(a => a).SequenceEqual(expected))
        {
            problems.Add(new Problem($"the steps must be {string.Join(", then ", expected)}", file, list?.Place?.Line ?? 1, list?.Place?.Column ?? 1, "spec.steps"));
        }

        return steps;
    }

    /// <summary>The input with its expressions evaluated.</summary>
    public JsonObject Evaluate(JsonObject variables, string file, ICollection<Problem> problems) => (JsonObject)Evaluate(Input, variables, file, problems)!;

    private static JsonNode? Evaluate(YamlValue value, JsonObject variables, string file, ICollection<Problem> problems) => value switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key, Evaluate(e.Value, variables, file, problems)))),
        YamlList list => new JsonArray([.. list.Items.Select(i => Evaluate(i, variables, file, problems))]),
        YamlScalar { Type: ScalarType.Text } text => TemplateText.Evaluate(text.Text, variables, file, problems, text.Place),
        _ => JsonNode.Parse(value.ToJson().GetRawText()),
    };

    private static TemplateStep Read(YamlValue item, int index, string file, ICollection<Problem> problems)
    {
        var path = $"spec.steps.{index}";
        var map = item as YamlMap;
        var action = Text(map, "action");
        if (action is null || !s_inputs.TryGetValue(action, out var known))
        {
            var place = map?.Find("action")?.Value.Place ?? item.Place;
            problems.Add(new Problem($"there is no action '{action}'; there are {string.Join(", ", s_inputs.Keys)}", file, place?.Line, place?.Column, $"{path}.action"));
            known = [];
        }

        var input = map?.Find("input")?.Value as YamlMap ?? new YamlMap([], item.Place);
        foreach (var unknown in known.Length == 0 ? [] : input.Entries.Where(e => !known.Contains(e.Key)))
        {
            problems.Add(new Problem($"the action {action} has no input '{unknown.Key}'; it has {string.Join(", ", known)}", file, unknown.Place?.Line, unknown.Place?.Column, $"{path}.input.{unknown.Key}"));
        }

        return new TemplateStep(Text(map, "id") ?? $"step{index + 1}", Text(map, "name") ?? action ?? "", action ?? "", input, item.Place);
    }

    private static string? Text(YamlMap? map, string key) => (map?.Find(key)?.Value as YamlScalar)?.Text;
}
