using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Nunjucks;
using Axle.Platform.Templates.Schema;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Begins a task: everything that can be checked is, then it is written down. <see cref="TaskReconciler"/> runs it.</summary>
internal sealed class CreateTask(TemplateShelf shelf, IEntityStore entities, TaskParts parts, Foresight foresight, IOptions<TemplatesOptions> options)
{
    /// <param name="values">The answers, typed.</param>
    /// <param name="secrets">Texts by name.</param>
    /// <param name="fill">Whether what was not answered gets its default. Backstage's form does that before it sends; its API does not.</param>
    public async Task<Result<Entity<TaskSpec, TaskState>>> RunAsync(EntityRef template, JsonObject values, JsonObject secrets, bool fill, Caller caller, CancellationToken stop)
    {
        // 1. May they, and is it a template that can be run?
        if (caller.Refuse(Verb.Create) is { } refused)
        {
            return refused;
        }

        if (DiskSpace.IsGone(parts.Folders.Data))
        {
            return DiskSpace.Full(parts.Folders.Data);
        }

        if (!shelf.Find(template).TryGet(out var found, out var unusable))
        {
            return unusable;
        }

        // 2. Do the answers fit?
        var answers = fill ? found.Definition.Filled(values) : values;
        if ((Wrong(found.Definition, answers) ?? WrongSecrets(found.Definition, secrets)) is { } wrong)
        {
            return wrong;
        }

        // 3. Can its steps work here?
        var which = TaskKinds.Ref(Guid.NewGuid().ToString("D"));
        var definition = found.Definition;
        var script = new TaskScript
        {
            Id = which.Name,
            Steps = definition.Steps,
            Output = definition.Output,
            Parameters = answers,
            Secrets = secrets,
            User = TaskScript.UserOf(caller.User, entities.Find(caller.User)),
            Environment = options.Value.EnvironmentParameters(),
            EnvironmentSecrets = options.Value.ReadEnvironmentSecrets(),
            Origin = found.Origin,
        };
        if (foresight.Refuse(script, stop) is { } hopeless)
        {
            return hopeless;
        }

        // 4. Secrets first: a task without them could begin before they are there. Nobody sweeps them away in between.
        using var turn = await parts.Running.TurnAsync(stop);
        if (await parts.Secrets.KeepAsync(which, 1, secrets, stop) is { } notKept)
        {
            return notKept;
        }

        var spec = new TaskSpec
        {
            Template = definition.Ref,
            TemplateMetadata = JsonSerializer.SerializeToNode(definition.Entity.Metadata, EntityJson.Options)!.AsObject(),
            Steps = [.. definition.Steps.Select(step => step.Written.DeepClone())],
            Output = (JsonObject)definition.Output.DeepClone(),
            Parameters = answers,
            CreatedBy = caller.User,
            Scopes = caller.Scopes,
            Folder = found.Origin.Folder,
            Address = found.Origin.Address,
            Version = found.Origin.Version,
            Secrets = [.. secrets.Select(secret => secret.Key)],
            SecretsSchema = (JsonObject?)definition.SecretsSchema?.DeepClone(),
        };
        var entity = TaskKinds.Task.Make(which, spec, metadata => metadata with { Title = definition.Title });
        if (!(await entities.PutAsync(entity, caller.Actor, 0, $"Begun from the template {definition.Ref.Short}", stop)).TryGet(out var put, out var error))
        {
            await parts.Secrets.ForgetAsync(which, CancellationToken.None);
            return error;
        }

        return TaskKinds.Task.Read(put);
    }

    /// <summary>Why these answers cannot be used; null when they can.</summary>
    public static Error? Wrong(TemplateDefinition definition, JsonObject answers) =>
        definition.Check(answers) is { Count: > 0 } problems ? new AnswersRefused(definition.Entity.Metadata.Name, problems)
        : TemplateContext.From(answers).Error;

    /// <summary>Why these secrets cannot be used. Their values are in no message.</summary>
    public static Error? WrongSecrets(TemplateDefinition definition, JsonObject secrets) =>
        definition.CheckSecrets(secrets) is not { Count: > 0 } problems ? null
        : new AnswersRefused(definition.Entity.Metadata.Name, [.. problems.Select(problem => problem with { Path = ["secrets", .. problem.Path], Message = problem.Keyword is SchemaKeywords.Required ? problem.Message : $"does not fit what the template wants ({problem.Keyword})" })]);
}

/// <summary>Answers that do not fit their questions.</summary>
internal sealed record AnswersRefused : Error
{
    public AnswersRefused(string template, IReadOnlyList<SchemaProblem> wrong)
        : base("templates.answers", $"The template {template} cannot be used with these answers: {wrong[0].ToProblem()}.", "Correct the answers and try again.", 422)
    {
        Wrong = wrong;
        Problems = [.. wrong.Select(problem => problem.ToProblem())];
    }

    public IReadOnlyList<SchemaProblem> Wrong { get; }
}
