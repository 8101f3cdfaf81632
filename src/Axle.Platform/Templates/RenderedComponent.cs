using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Source;
using Axle.Platform.Workloads;

namespace Axle.Platform.Templates;

/// <summary>What a template makes for one set of answers, before anything of it exists.</summary>
/// <param name="Names">Of the steps, for the answer.</param>
internal sealed record RenderedComponent(IReadOnlyList<SourceFile> Files, Entity Entity, IReadOnlyList<string> Names)
{
    private const string CatalogFile = "catalog-info.yaml";

    /// <summary>Runs a template's steps in memory. Changes nothing, so that a mistake in a template costs nothing to undo.</summary>
    public static Result<RenderedComponent> Of(ShippedTemplate template, JsonObject answers, string name, EntityRef owner, string cloneUrl)
    {
        var problems = new List<Problem>();
        var outputs = new JsonObject();
        var variables = new JsonObject { ["parameters"] = answers.DeepClone(), ["steps"] = outputs };
        var files = new List<SourceFile>();
        var catalogInfo = CatalogFile;
        foreach (var step in template.Actions)
        {
            var input = step.Evaluate(variables, template.File, problems);
            var output = new JsonObject();
            switch (step.Action)
            {
                case TemplateStep.Fetch:
                    Fetch(template, step, input, files, problems);
                    break;
                case TemplateStep.Publish when Expression.ToText(input["repository"]) is var repository && repository != name:
                    problems.Add(new Problem($"the repository must be called as the component ('{name}'), and is '{repository}'", template.File, step.Place?.Line, step.Place?.Column));
                    break;
                case TemplateStep.Publish:
                    (output["remoteUrl"], output["repoContentsUrl"]) = (cloneUrl, cloneUrl);
                    break;
                default:
                    catalogInfo = input["catalogInfoPath"] is { } path ? Expression.ToText(path).TrimStart('.', '/') : CatalogFile;
                    break;
            }

            outputs[step.Id] = new JsonObject { ["output"] = output };
        }

        var entity = problems.Count == 0 ? Component(files, catalogInfo, name, owner, problems) : null;
        CheckScore(files, problems);
        return problems.Count > 0 || entity is null
            ? TemplateErrors.Invalid(template.Name, problems)
            : new RenderedComponent(files, Annotated(entity, template, name, cloneUrl), [.. template.Actions.Select(s => s.Name)]);
    }

    private static void Fetch(ShippedTemplate template, TemplateStep step, JsonObject input, List<SourceFile> files, List<Problem> problems)
    {
        var url = Expression.ToText(input["url"]);
        var inside = url.StartsWith("./", StringComparison.Ordinal) ? url[2..] : url;
        if (inside.Contains("..", StringComparison.Ordinal) || inside.Contains(':', StringComparison.Ordinal) || inside.StartsWith('/') || !Directory.Exists(Path.Combine(template.Folder, inside)))
        {
            problems.Add(new Problem($"the url must be a folder beside {ShippedTemplate.FileName}, as ./skeleton, and is '{url}'", template.File, step.Place?.Line, step.Place?.Column));
            return;
        }

        files.AddRange(Skeleton.Render(Path.Combine(template.Folder, inside), input["values"] as JsonObject ?? [], problems));
    }

    private static Entity? Component(List<SourceFile> files, string path, string name, EntityRef owner, List<Problem> problems)
    {
        if (files.FirstOrDefault(f => f.Path == path) is not { } file)
        {
            problems.Add(new Problem($"the template makes no {path}"));
            return null;
        }

        var before = problems.Count;
        var document = StrictYaml.Read(Encoding.UTF8.GetString(file.Content.Span), path, problems);
        if (document is null || problems.Count > before)
        {
            return null;
        }

        try
        {
            var entity = document.ToJson().Deserialize<Entity>(EntityJson.Options)!;
            var owned = entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty("owner", out var said) && EntityRef.TryParse(said.ToString(), Kinds.Group, EntityRef.DefaultNamespace, out var found) && found == owner;
            if (entity.Kind == Kinds.Component && entity.Metadata.Name == name && owned)
            {
                return entity;
            }

            problems.Add(new Problem($"must describe the Component '{name}' with the owner {owner.Short}", path, 1, 1));
        }
        catch (JsonException e)
        {
            problems.Add(new Problem(e.Message.Split(" Path:")[0], path, 1, 1, e.Path?.TrimStart('$', '.')));
        }

        return null;
    }

    // A workload that is refused would only show at the first build.
    private static void CheckScore(List<SourceFile> files, List<Problem> problems)
    {
        if (problems.Count == 0 && files.FirstOrDefault(f => f.Path == ScoreFile.Name) is { } file && !ScoreFile.Parse(Encoding.UTF8.GetString(file.Content.Span)).TryGet(out _, out var error))
        {
            problems.AddRange(error.Problems);
        }
    }

    private static Entity Annotated(Entity entity, ShippedTemplate template, string name, string cloneUrl) => entity with
    {
        Metadata = entity.Metadata with
        {
            Annotations = new Dictionary<string, string>(entity.Metadata.Annotations)
            {
                [Annotations.Repository] = name,
                [Annotations.SourceLocation] = $"url:{cloneUrl}",
                [Annotations.SourceTemplate] = template.Entity.Ref.ToString(),
            },
        },
    };
}
