using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Axle.Platform.Templates.Schema;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates;

/// <summary>
/// Makes a component from a template: runs the template as a task and waits for it. Either all of it is there afterwards or
/// nothing; a restart in between goes on with the task.
/// </summary>
internal sealed partial class CreateComponent(TemplateShelf shelf, CreateTask create, IEntityStore entities, IRepositories repositories, TaskFolders folders, TaskLeftovers leftovers)
{
    private const int GroupsShownMax = 20;
    private const string Publish = "publish:";
    private const string Register = "catalog:register";

    public static async Task<IResult> Endpoint(CreateRequest request, Caller caller, CreateComponent self, CancellationToken stop) =>
        (await self.RunAsync(request, caller, stop)).ToHttp(answer => TypedResults.Created($"/api/components/{answer.Component.Name}", answer));

    public async Task<Result<CreateAnswer>> RunAsync(CreateRequest request, Caller caller, CancellationToken stop)
    {
        // 1. May this be, by name and owner?
        if (request.Name is null || !NameFormat().IsMatch(request.Name))
        {
            return TemplateErrors.Name(request.Name ?? "");
        }

        if (!shelf.Find(request.Template ?? "").TryGet(out var template, out var unknown))
        {
            return unknown;
        }

        if (!template.Definition.Steps.Any(step => step.Action.StartsWith(Publish, StringComparison.Ordinal)) || !template.Definition.Steps.Any(step => step.Action == Register))
        {
            return TemplateErrors.MakesNoComponent(template.Definition.Entity.Metadata.Name);
        }

        if (!Owner(request.Owner ?? "", caller).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        // 2. Is the name free?
        var which = EntityRef.Of(Kinds.Component, request.Name);
        if (entities.Find(which) is not null)
        {
            return TemplateErrors.Exists(which);
        }

        if (repositories.Exists(request.Name))
        {
            return TemplateErrors.RepositoryExists(request.Name);
        }

        // 3. Run it. Whoever hangs up does not stop it.
        if (!Answers(template, request, owner).TryGet(out var answers, out var unasked))
        {
            return unasked;
        }

        var begun = entities.Revision;
        if (!(await create.RunAsync(template.Definition.Ref, answers, [], fill: true, caller, stop)).TryGet(out var task, out var notBegun))
        {
            return notBegun;
        }

        var ended = await EndAsync(task.Ref, begun, stop);
        if (!TaskPhases.IsEnd(ended.Status.Phase))
        {
            return TemplateErrors.Waits(template.Definition.Entity.Metadata.Name, task.Ref);
        }

        // 4. Everything, or nothing.
        return ended.Status.Phase == TaskPhases.Completed && Answer(ended) is { } answer ? answer : await UndoAsync(ended, template.Definition.Entity.Metadata.Name);
    }

    private Result<EntityRef> Owner(string text, Caller caller)
    {
        if (!EntityRef.TryParse(text, Kinds.Group, EntityRef.DefaultNamespace, out var owner) || owner.Kind is not ("group" or "user") || entities.Find(owner) is null)
        {
            var groups = entities.Query(new EntityQuery { Kinds = [Kinds.Group], Limit = GroupsShownMax }).Items;
            return TemplateErrors.OwnerUnknown(text, [.. groups.Select(g => g.Metadata.Name)]);
        }

        return caller.Role == Role.Admin || owner == caller.User || caller.Groups.Contains(owner) ? owner : TemplateErrors.NotInGroup(caller.User.Short, owner.Short);
    }

    /// <summary>Texts, as the questions want them. Name, owner and description are answered also where nobody asks.</summary>
    private static Result<JsonObject> Answers(ReadyTemplate template, CreateRequest request, EntityRef owner)
    {
        var questions = template.Definition.Questions;
        var problems = new List<Problem>();
        var answers = new JsonObject { ["name"] = request.Name, ["owner"] = owner.ToString() };
        if (request.Description is not null)
        {
            answers["description"] = request.Description;
        }

        foreach (var (name, text) in request.Values ?? new Dictionary<string, string>())
        {
            if (template.Definition.Question(name) is { } question)
            {
                answers[name] = TextAnswers.Read(text, question);
            }
            else if (!answers.ContainsKey(name))
            {
                problems.Add(new Problem($"the template does not ask for this; it asks for {string.Join(", ", questions)}", Path: name));
            }
        }

        return problems.Count > 0 ? TemplateErrors.Answers(template.Definition.Entity.Metadata.Name, problems) : answers;
    }

    private async Task<Entity<TaskSpec, TaskState>> EndAsync(EntityRef which, long from, CancellationToken stop)
    {
        await foreach (var change in entities.WatchAsync(from, stop))
        {
            if (change.Ref == which && TaskKinds.Task.Read(change.Entity) is var task && (TaskPhases.IsEnd(task.Status.Phase) || IsAsking(task.Status)))
            {
                return task;
            }
        }

        throw new OperationCanceledException("The log of changes ended.", stop);
    }

    /// <summary>Nobody can say when it ends.</summary>
    private static bool IsAsking(TaskState status) => status.Steps.Any(step => step is { Phase: TaskPhases.Waiting, Action: ApproveAction.ActionId });

    private static CreateAnswer? Answer(Entity<TaskSpec, TaskState> task)
    {
        var steps = task.Status.Steps;
        var published = steps.LastOrDefault(step => step.Phase == TaskPhases.Completed && step.Action.StartsWith(Publish, StringComparison.Ordinal))?.Output;
        var registered = steps.LastOrDefault(step => step.Phase == TaskPhases.Completed && step.Action == Register)?.Output;
        return EntityRef.TryParse(Text(registered, "entityRef"), null, out var component) && component.Kind == "component" && Text(published, "remoteUrl") is { } url
            ? new CreateAnswer(component, url, Text(published, "commitHash") ?? "", [.. steps.Where(step => step.Phase == TaskPhases.Completed).Select(step => step.Name)])
            : null;
    }

    private static string? Text(JsonObject? output, string name) => output?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Takes back the repository that the task made at once, so that the next try finds the name free.</summary>
    private async Task<Error> UndoAsync(Entity<TaskSpec, TaskState> task, string template)
    {
        if (await leftovers.RemoveAsync(task.Status, CancellationToken.None))
        {
            // Its later steps would be without what was taken back.
            folders.RemoveWorkspace(task.Metadata.Name);
        }

        return task.Status.Failure?.ToError() ?? TemplateErrors.MadeNoComponent(template, task.Metadata.Name);
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameFormat();
}
