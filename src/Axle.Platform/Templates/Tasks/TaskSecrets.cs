using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Tasks;

/// <summary>What a task must know and nobody may read: its secrets, and outputs that hold something of them. Sealed until it ends.</summary>
internal sealed class TaskSecrets(ISecrets secrets, IEntityStore entities)
{
    private const string Given = "secrets";
    private const string Actor = "system:tasks";

    /// <summary>Keeps what a task was begun, or retried, with.</summary>
    public async Task<Error?> KeepAsync(EntityRef task, int attempt, JsonObject values, CancellationToken stop) =>
        values.Count == 0 ? null : (await secrets.KeepAsync(task, Given, attempt, new SecretValue(values.ToJsonString()), stop)).Error;

    public Result<JsonObject> Of(EntityRef task, TaskSpec spec)
    {
        if (spec.Secrets.Count == 0)
        {
            return new JsonObject();
        }

        if (!secrets.Own(task, Given, spec.Attempt).TryGet(out var kept, out var error))
        {
            return error;
        }

        return kept is null ? TemplateErrors.SecretsGone(task) : (JsonObject)JsonNode.Parse(kept.Value.Reveal())!;
    }

    public async Task SealAsync(EntityRef task, int step, int version, StepStatus status, CancellationToken stop)
    {
        var text = JsonSerializer.Serialize(new Hidden(status.Output, status.Iterations), EntityJson.Options);
        if ((await secrets.KeepAsync(task, Name(step), version, new SecretValue(text), stop)).Error is { } error)
        {
            throw new InvalidOperationException(error.Message);
        }
    }

    /// <summary>The step with what was sealed of it; null when that is gone.</summary>
    public StepStatus? Unsealed(EntityRef task, int step, StepStatus status)
    {
        if (status.Sealed == 0)
        {
            return status;
        }

        return secrets.Own(task, Name(step), status.Sealed).TryGet(out var kept, out _) && kept is not null && JsonSerializer.Deserialize<Hidden>(kept.Value.Reveal(), EntityJson.Options) is { } hidden
            ? status with { Output = hidden.Output, Iterations = hidden.Iterations }
            : null;
    }

    /// <summary>Forgets everything of a task.</summary>
    public Task ForgetAsync(EntityRef task, CancellationToken stop) => secrets.Sealed is null ? secrets.ForgetAsync(task, Actor, stop) : Task.CompletedTask;

    /// <summary>Forgets what was kept for tasks that were never made: the platform was killed in between.</summary>
    public async Task SweepAsync(CancellationToken stop)
    {
        var owners = entities.Query(new EntityQuery { Kinds = [Kinds.Secret], All = true }).Items
            .SelectMany(secret => secret.Spec.TryGetProperty("of", out var of) && of.ValueKind == JsonValueKind.String && EntityRef.TryParse(of.GetString(), null, out var owner) ? [owner] : Array.Empty<EntityRef>())
            .Where(owner => owner.Kind.Equals(Kinds.Task, StringComparison.OrdinalIgnoreCase) && entities.Find(owner) is null)
            .Distinct()
            .ToList();
        foreach (var owner in owners)
        {
            await ForgetAsync(owner, stop);
        }
    }

    private static string Name(int step) => $"step-{step}";

    private sealed record Hidden(JsonObject? Output, IReadOnlyList<Iteration> Iterations);
}
