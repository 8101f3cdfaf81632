using Axle.Contracts;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>A template that cannot be read, or that failed while it ran. One place: Go's templates stop at the first mistake.</summary>
internal sealed record TemplateWrong(string Template, Problem Problem)
    : Error("resources.template_wrong", $"The template {Template} is wrong: {Problem}.", "Correct the template and register the provisioner again.", 422);

/// <summary>Carries a mistake from deep inside a template to <see cref="GoTemplate"/>, which makes a refusal of it; it never leaves this folder.</summary>
internal sealed class TemplateException(string message, int at = TemplateException.Nowhere) : Exception(message)
{
    public const int Nowhere = -1;

    /// <summary>The offset in the source, or <see cref="Nowhere"/> until whoever knows it adds it.</summary>
    public int At { get; } = at;
}
