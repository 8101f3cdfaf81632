using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Files;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Schema;
using Axle.Platform.Templates.Tasks;

namespace Axle.Platform.Templates;

/// <summary>Every refusal of this capability.</summary>
internal static class TemplateErrors
{
    private const int ProblemsShownMax = 5;

    public static Error Unknown(string name, IReadOnlyList<string> known) =>
        new("templates.unknown", $"There is no template '{SafePath.Shown(name)}'; there are {(known.Count == 0 ? "none" : string.Join(", ", known))}.", "axle template list", 404);

    public static Error Invalid(string template, IReadOnlyList<Problem> problems) =>
        new("templates.invalid", $"The template {template} has mistakes: {problems[0]}{(problems.Count > 1 ? $" (and {problems.Count - 1} more)" : "")}", "Tell the template's owner.", 422) { Problems = problems };

    public static Error NoTemplate(Entity entity) =>
        new("templates.not_a_template", $"{entity.Ref.Short} is no template: it must be of the kind {Kinds.Template} and of {Kinds.ScaffolderApi}, and is a {SafePath.Shown(entity.Kind ?? "")} of {SafePath.Shown(entity.ApiVersion ?? "")}.", "axle template list", 422);

    public static Error Each(StepDefinition step, System.Text.Json.Nodes.JsonNode? value) =>
        new("templates.each", $"The step {step.Id} cannot be run for each: {(value is null ? $"{step.Each!.ToJsonString()} cannot be resolved to a value" : "it must be a list or an object")}.", "Correct each of this step.", 422);

    public static Error EachTooMany(StepDefinition step, int most) =>
        new("templates.each_too_many", $"The step {step.Id} would run for more than {most} elements.", "Give it fewer, or do them in one action.", 422);

    public static Error TooMuch(string what, Error why) =>
        new("templates.too_much", $"{what} cannot be kept: {why.Message.TrimEnd('.')}.", "Give less: a task keeps at most 1 MiB of outputs.", 422);

    public static Error Waits(string template, EntityRef task) =>
        new("templates.waits", $"The template {template} is run, and waits for an approval.", $"axle task show {task.Name}", 409);

    public static Error Input(StepDefinition step, string? key, IReadOnlyList<SchemaProblem> problems) =>
        new("templates.input", $"Invalid input passed to action {step.Action}{(key is null ? "" : $"[{key}]")}: {string.Join("; ", problems.Take(ProblemsShownMax).Select(problem => problem.ToProblem()))}.", $"Correct the input of the step {step.Id}.", 422);

    public static Error TooLong(StepDefinition step, TimeSpan most) =>
        new("templates.too_long", $"The step {step.Id} ran for {most.TotalHours} hours and was ended.", "Make it smaller, or let it wait instead.", 504);

    public static Error Crashed(StepDefinition step, Exception e) =>
        new("templates.action_failed", $"The action {step.Action} of the step {step.Id} failed: {e.Message.TrimEnd('.')}.", "Correct what it says and retry the task.", 500);

    public static Error CreatorGone(EntityRef user) =>
        new("templates.creator_gone", $"The task belongs to {user.Short}, whom the catalogue does not have any more; it cannot run with their rights.", "Run the template again as somebody else.", 409);

    public static Error SecretsGone(EntityRef task) =>
        new("templates.secrets_gone", $"The secrets of {task.Short} are forgotten, and with them what its steps gave.", "Run the template again.", 409);

    public static Error ApproverUnknown(string text) =>
        new("templates.approver_unknown", $"There is no group or user '{SafePath.Shown(text)}' that could approve.", "axle get groups", 422);

    public static Error Rejected(Decision decision) =>
        new("templates.rejected", $"{decision.By.Short} rejected it{(decision.Message is null ? "" : $": {decision.Message.TrimEnd('.')}")}.", $"Talk to {decision.By.Short}; axle task retry asks again.", 409);

    public static Error TaskUnknown(string id) =>
        new("templates.task_unknown", $"There is no task '{SafePath.Shown(id)}'.", "axle task list", 404);

    public static Error NotTheirs(Entity<TaskSpec, TaskState> task, EntityRef user, string what) =>
        new("templates.task_not_theirs", $"{user.Short} may not {what} the task {task.Metadata.Name}: it belongs to {task.Spec.CreatedBy.Short}.", $"Ask {task.Spec.CreatedBy.Short} or an administrator.", 403);

    public static Error TaskRuns(Entity<TaskSpec, TaskState> task, string what) =>
        new("templates.task_runs", $"The task {task.Metadata.Name} cannot be {what}: it has not ended.", $"axle task show {task.Metadata.Name}", 409);

    public static Error TaskEnded(Entity<TaskSpec, TaskState> task, string what) =>
        new("templates.task_ended", $"The task {task.Metadata.Name} cannot be {what}: it is {task.Status.Phase}.", $"axle task show {task.Metadata.Name}", 409);

    public static Error FilesGone(Entity<TaskSpec, TaskState> task) =>
        new("templates.files_gone", $"The task {task.Metadata.Name} cannot be retried: {(task.Spec.Discarded is { } given ? $"{given.By.Short} discarded it" : $"its files are kept for {TaskRules.WorkspaceKept.TotalHours} hours after it ended, and are gone")}.", "Run the template again.", 409);

    public static Error Secrets(IReadOnlyList<Problem> problems) =>
        new("templates.secrets", $"The secrets are not what the task needs: {problems[0]}.", "Give them with --secret NAME=VALUE.", 422) { Problems = problems };

    public static Error NothingToApprove(Entity<TaskSpec, TaskState> task) =>
        new("templates.nothing_to_approve", $"The task {task.Metadata.Name} waits for nobody's approval: it is {task.Status.Phase}.", $"axle task show {task.Metadata.Name}", 409);

    public static Error OwnTask(EntityRef user) =>
        new("templates.own_task", $"{user.Short} began this task, and its template wants somebody else to decide.", "Ask one of the other approvers.", 403);

    public static Error NoApprover(EntityRef user, IReadOnlyList<EntityRef> approvers) =>
        new("templates.no_approver", $"{user.Short} may not decide this; {string.Join(" or ", approvers.Select(approver => approver.Short))} may.", $"Ask {string.Join(" or ", approvers.Select(approver => approver.Short))}.", 403);

    public static Error DryRunTooLarge(int files, long bytes) =>
        new("templates.dry_run_too_large", $"A dry run has at most {files} files and {bytes / (1024 * 1024)} MB.", "Leave out what the steps do not fetch.", 422);

    public static Error NoBase64(string path) =>
        new("templates.no_base64", $"The content of '{SafePath.Shown(path)}' is no Base64.", "Send the file's content as Base64.", 400);

    public static Error MakesNoComponent(string template) =>
        new("templates.makes_no_component", $"The template {template} makes no component: it has no steps publish:… and catalog:register.", $"axle template run {template}", 422);

    public static Error MadeNoComponent(string template, string task) =>
        new("templates.made_no_component", $"The template {template} was run, and registered no component.", $"axle task show {task}", 422);

    public static Error Foreseen(StepDefinition step, Error why) => why with { Message = $"The step {step.Id} cannot work here: {why.Message}" };

    public static Error ActionGone(StepDefinition step) =>
        new("templates.action_gone", $"The platform has no action {step.Action} any more, which the step {step.Id} needs.", "axle template actions", 409);

    public static Error EnvironmentExists(string name) =>
        new("templates.environment_exists", $"There is an environment {SafePath.Shown(name)} already.", "Choose another name.", 409);

    public static Error ResourceGone(string name) =>
        new("templates.resource_gone", $"The resource {name} was removed while it was waited for.", $"axle undo {name}", 409);

    public static Error ResourceFailed(ResourceView resource) =>
        new("templates.resource_failed", $"The resource {resource.Name} cannot be made: {resource.Message?.TrimEnd('.') ?? "it failed"}.", resource.Next ?? $"axle describe resource:{resource.Name}", 409);

    public static Error BuildOver(EntityRef component, BuildStatus build) =>
        new("templates.build_over", $"{component.Short} has no release: its build {(build.Phase == BuildPhases.Cancelled ? "was cancelled" : $"failed{(build.Error is { } why ? $": {why.Message.TrimEnd('.')}" : "")}")}.", $"axle status {component.Name}", 409);

    public static Error NotDeployed(EntityRef component, string environment, string why) =>
        new("templates.not_deployed", $"{component.Short} does not serve in {environment}: {why}.", $"axle status {component.Name}", 409);

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

    public static Error ComponentUnknown(string name) =>
        new("templates.component_unknown", $"There is no component '{SafePath.Shown(name)}'.", "axle template drift", 404);

    public static Error NothingToUpdate() =>
        new("templates.nothing_to_update", "No component was named to update.", "axle template update NAME, or --all", 422);

    public static Error NotRemembered(EntityRef component) =>
        new("templates.not_remembered", $"{component.Short} was not made by a template on this platform, or before it remembered that.", null, 422);
}
