using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Templates.Definition;

namespace Axle.Platform.Templates;

/// <summary>A template from a folder: its <c>template.yaml</c>, and the files beside it that its steps fetch.</summary>
internal sealed record ShippedTemplate(Described Source, string Folder)
{
    public const string FileName = "template.yaml";

    /// <summary>The annotation of the entity in the catalogue: the folder's name.</summary>
    public const string Annotation = "axle.dev/shipped-template";

    public Entity Entity => Source.Entity;

    public string Name => Entity.Metadata.Name;

    /// <summary>Reads a template's file; what it says is checked when somebody wants to use it.</summary>
    public static Result<ShippedTemplate> Read(string folder)
    {
        var name = Path.GetFileName(folder);
        var file = $"{name}/{FileName}";
        if (!Descriptors.Read(System.IO.File.ReadAllText(Path.Combine(folder, FileName)), file).TryGet(out var described, out var unreadable))
        {
            return TemplateErrors.Invalid(name, unreadable.Problems);
        }

        var entity = described[0].Entity;
        return described.Count == 1 && entity is { ApiVersion: Kinds.ScaffolderApi, Kind: Kinds.Template } && entity.Metadata.Name == name
            ? new ShippedTemplate(described[0].As(Marked(entity, name)), folder)
            : TemplateErrors.Invalid(name, [new Problem($"must be a {Kinds.Template} of {Kinds.ScaffolderApi} with the name '{name}', as its folder", file, 1, 1)]);
    }

    /// <summary>The definition, or its mistakes with their places in the file.</summary>
    public Result<TemplateDefinition> Define(IReadOnlyDictionary<string, Actions.ITemplateAction> actions) => TemplateText.Define(Source, actions);

    private static Entity Marked(Entity entity, string name) => entity with
    {
        Metadata = entity.Metadata with { Annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal) { [Annotation] = name } },
    };
}
