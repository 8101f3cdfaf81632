using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Every refusal of the template language.</summary>
internal static class NunjucksErrors
{
    public static Error Values(TemplateFault fault) =>
        new("templates.values", $"These values cannot be given to a template: {fault.Message}.", "Give fewer or plainer values.", 422);

    /// <param name="file">The template's name, where it has one.</param>
    public static Error Failed(TemplateFault fault, int line, int column, string? file)
    {
        var problem = new Problem($"{fault.Message}", file, line, column);
        var (code, next) = fault.Kind switch
        {
            FaultKind.Syntax => ("templates.syntax", "Correct the template at this place."),
            FaultKind.Capability => ("templates.refused", "Correct the template, or the value it passes on at this place."),
            FaultKind.Limit => ("templates.too_large", "Make the template smaller, or do less in it."),
            _ => ("templates.evaluation", "Correct the template at this place, or the values it is given."),
        };
        return new Error(code, $"The template fails at {(file is null ? $"line {line}, column {column}" : $"{file}:{line}:{column}")}: {fault.Message}.", next, 422) { Problems = [problem] };
    }
}
