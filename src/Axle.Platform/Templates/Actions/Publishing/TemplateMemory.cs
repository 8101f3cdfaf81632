using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Entities;

namespace Axle.Platform.Templates.Actions;

/// <summary>How a repository was made from a template, kept beside it.</summary>
/// <param name="Version">Of the template, where it has one.</param>
/// <param name="Answers">As they were given, without those that are secret.</param>
/// <param name="SourcePath">The folder of the workspace that became the repository.</param>
internal sealed record MadeFrom(string Template, string? Version, JsonObject Answers, string? SourcePath)
{
    public string ToText() => JsonSerializer.Serialize(this);

    public static MadeFrom? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<MadeFrom>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Says what is to be remembered of a run: never an answer that the template treats as a secret.</summary>
internal sealed class TemplateMemory(IEntityStore entities)
{
    private const int DepthMax = 32;

    /// <summary>Null when the template is not known, and with it which answers are secret.</summary>
    public MadeFrom? Of(ActionRun run)
    {
        var spec = entities.Find(run.Origin.Template)?.Spec ?? (run.Origin.Folder is { } folder && File.Exists(Path.Combine(folder, ShippedTemplate.FileName)) && ShippedTemplate.Read(folder).TryGet(out var shipped, out _) ? shipped.Entity.Spec : default);
        if (spec.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var secret = new HashSet<string>(StringComparer.Ordinal);
        if (spec.TryGetProperty("parameters", out var parameters))
        {
            Collect(parameters, secret, 0);
        }

        var answers = new JsonObject(run.Parameters.Where(answer => !secret.Contains(answer.Key)).Select(answer => KeyValuePair.Create(answer.Key, answer.Value?.DeepClone())));
        return new MadeFrom(run.Origin.Template.ToString(), run.Origin.Version, answers, run.Input.Text("sourcePath"));
    }

    /// <summary>The names of questions whose answers nobody may see, however deep their form nests.</summary>
    private static void Collect(JsonElement schema, HashSet<string> secret, int depth)
    {
        if (depth > DepthMax)
        {
            return;
        }

        if (schema.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in schema.EnumerateArray())
            {
                Collect(part, secret, depth + 1);
            }
        }
        else if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in schema.EnumerateObject())
            {
                if (IsSecret(member.Value))
                {
                    secret.Add(member.Name);
                }

                Collect(member.Value, secret, depth + 1);
            }
        }
    }

    private static bool IsSecret(JsonElement question) => question.ValueKind == JsonValueKind.Object
        && ((question.TryGetProperty("ui:field", out var field) && field.ValueEquals("Secret"))
            || (question.TryGetProperty("ui:widget", out var widget) && widget.ValueEquals("password")));
}
