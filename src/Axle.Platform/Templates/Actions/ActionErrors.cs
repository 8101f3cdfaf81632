using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>Every refusal of an action.</summary>
internal static class ActionErrors
{
    public static Error Input(string message, string? next = "Correct the input of the step in the template.") => new("templates.action_input", message, next, 422);

    public static Error PathRefused(string path, string why) =>
        new("templates.action_path", $"The path '{SafePath.Shown(path)}' is refused: {why}.", "Use a path inside the task's own files.", 422);

    public static Error Missing(string path) =>
        new("templates.action_missing", $"There is no '{SafePath.Shown(path)}' among the task's files.", "Correct the path in the template, or make the file in an earlier step.", 422);

    public static Error Exists(string path) =>
        new("templates.action_exists", $"'{SafePath.Shown(path)}' exists already among the task's files.", "Say overwrite: true in the step, or use another name.", 422);

    public static Error Source(string url, string why, string? next = "Correct the url in the template.") =>
        new("templates.action_source", $"'{SafePath.Shown(url)}' cannot be fetched: {why}.", next, 422);

    public static Error Unreachable(string host, string why) =>
        new("templates.action_unreachable", $"{SafePath.Shown(host)} cannot be reached: {why}.", "Check the address; administrators allow private hosts with Catalog:ReadingAllow.", 422);

    public static Error TooLarge(string what, string limit) =>
        new("templates.action_too_large", $"{what} is larger than what a template may have: {limit}.", "Fetch or make less.", 422);

    public static Error NotPublished(string what, string why, string? next) => new("templates.action_publish", $"{what}: {why}.", next, 422);
}
