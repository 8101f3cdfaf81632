using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Templates.Definition;

namespace Axle.Platform.Templates;

/// <summary>A template as its author wrote it: mistakes are told with line and column.</summary>
internal static class TemplateText
{
    /// <summary>Reads and checks one template.</summary>
    /// <param name="file">How messages call it.</param>
    public static Result<TemplateDefinition> Read(string text, string? file, IReadOnlyDictionary<string, Actions.ITemplateAction> actions)
    {
        if (!Descriptors.Read(text, file).TryGet(out var described, out var unreadable))
        {
            return unreadable;
        }

        return described.FirstOrDefault(one => one.Entity.Kind.Equals(Kinds.Template, StringComparison.OrdinalIgnoreCase)) is { } template
            ? Define(template, actions)
            : TemplateErrors.Invalid(file ?? "that was given", [new Problem($"there is no {Kinds.Template} in it", file)]);
    }

    public static Result<TemplateDefinition> Define(Described template, IReadOnlyDictionary<string, Actions.ITemplateAction> actions)
    {
        if (DefinitionReader.Read(template.Entity, actions).TryGet(out var definition, out var error))
        {
            return definition;
        }

        return error.Problems.Count == 0 ? error : TemplateErrors.Invalid(template.Entity.Metadata.Name, [.. error.Problems.Select(template.Placed)]);
    }
}
