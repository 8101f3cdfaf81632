using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Definition;

/// <summary>What Backstage demands of a template's document before it is in the catalogue: the form of its spec, not that it works.</summary>
internal sealed class TemplateDocuments : IDocumentForm
{
    public string Kind => Kinds.Template;

    public IReadOnlyList<Problem> Check(Entity entity) =>
        [.. JsonSchema.Check(JsonObject.Create(entity.Spec)!, TemplateForm.Schema).Select(problem => problem.ToProblem()).Select(problem => problem with { Path = problem.Path is null ? "spec" : $"spec.{problem.Path}" })];
}
