using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates;

/// <summary>Every refusal of this capability.</summary>
internal static class TemplateErrors
{
    public static Error Unknown(string name, IReadOnlyList<string> known) =>
        new("templates.unknown", $"There is no template '{SafePath.Shown(name)}'; there are {(known.Count == 0 ? "none" : string.Join(", ", known))}.", "axle template list", 404);

    public static Error Invalid(string template, IReadOnlyList<Problem> problems) =>
        new("templates.invalid", $"The template {template} has mistakes: {problems[0]}{(problems.Count > 1 ? $" (and {problems.Count - 1} more)" : "")}", "Tell the template's owner.", 422) { Problems = problems };

    public static Error NoTemplate(Entity entity) =>
        new("templates.not_a_template", $"{entity.Ref.Short} is no template: it must be of the kind {Kinds.Template} and of {Kinds.ScaffolderApi}, and is a {SafePath.Shown(entity.Kind)} of {SafePath.Shown(entity.ApiVersion)}.", "axle template list", 422);

    public static Error Name(string name) =>
        new("templates.name", $"'{SafePath.Shown(name)}' cannot name a component: use 2 to 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.", "Choose another name.", 422);

    public static Error Answers(string template, IReadOnlyList<Problem> problems) =>
        new("templates.answers", $"The template {template} cannot be used with these answers: {problems[0]}", "Correct the answers and try again.", 422) { Problems = problems };

    public static Error OwnerUnknown(string owner, IReadOnlyList<string> groups) =>
        new("templates.owner_unknown", $"There is no group or user '{SafePath.Shown(owner)}' to own the component; groups here: {(groups.Count == 0 ? "none" : string.Join(", ", groups))}.", "axle get groups", 422);

    public static Error NotInGroup(string user, string owner) =>
        new("templates.not_in_group", $"{user} may not create components for {owner}, which they do not belong to.", $"Choose one of your own groups, or ask a member of {owner}.", 403);

    public static Error Exists(EntityRef component) =>
        new("templates.exists", $"{component.Short} exists already.", $"Choose another name, or axle describe {component.Short}", 409);

    public static Error RepositoryExists(string name) =>
        new("templates.repository_exists", $"There is a repository {name} already, and no component is built from it.", $"Choose another name, or axle import the repository {name}.", 409);
}
