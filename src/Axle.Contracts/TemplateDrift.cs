namespace Axle.Contracts;

/// <summary>How a component stands to the template that it was made from.</summary>
/// <param name="Behind">The template makes something else now, with the same answers.</param>
/// <param name="Changed">The files that it makes differently.</param>
/// <param name="Unknown">Why it cannot be told; null when it can.</param>
public sealed record TemplateDriftView(EntityRef Component, EntityRef Template, bool Behind, IReadOnlyList<string> Changed, string? Unknown);

/// <param name="Components">Names or refs; none with <paramref name="All"/>.</param>
/// <param name="All">Every component that is behind, and that the caller may push to.</param>
public sealed record TemplateUpdateRequest(IReadOnlyList<string>? Components, bool All = false);

/// <summary>What came of an update.</summary>
/// <param name="Branch">The proposal, in the component's repository; null when there is nothing to do, or it was refused.</param>
/// <param name="Conflicts">Files that need a decision; they have git's markers in them.</param>
/// <param name="Message">One sentence.</param>
public sealed record TemplateUpdateView(EntityRef Component, string? Branch, string? Commit, IReadOnlyList<string> Conflicts, string Message, bool Refused);
