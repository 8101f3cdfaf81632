using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Source;
using Axle.Platform.Templates.Actions;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// What a task that did not succeed leaves on this platform: repositories that it made itself. They stay while it can be retried,
/// since a retry goes on with them, and go with its files. One that somebody pushed to, or that is in the catalogue, stays.
/// </summary>
internal sealed class TaskLeftovers(IEntityStore entities, IRepositories repositories)
{
    /// <summary>Names of the repositories that it made, that are there and that nothing in the catalogue comes from.</summary>
    public IReadOnlyList<string> Of(TaskState status) => [.. Made(status).Select(made => made.Name)];

    /// <summary>Whether there was anything to remove. A second run finds nothing, so that a crash in between is mended by it.</summary>
    public async Task<bool> RemoveAsync(TaskState status, CancellationToken stop)
    {
        var removed = false;
        foreach (var (name, commit) in Made(status))
        {
            // As the task left it: nobody committed to it, or made a branch.
            var head = await repositories.ResolveAsync(name, null, stop);
            if (head?.Commit == commit && (await repositories.BranchesAsync(name, stop)).Count <= 1)
            {
                await repositories.DeleteAsync(name, stop);
                removed = true;
            }
        }

        return removed;
    }

    private List<RepositoryMade> Made(TaskState status) =>
    [
        .. status.Steps.SelectMany(step => step.Iterations, (step, one) => PublishAxle.Made(step.Action, one.State)).OfType<RepositoryMade>()
            .Where(made => repositories.Exists(made.Name) && !IsUsed(made.Name))
            .DistinctBy(made => made.Name),
    ];

    private bool IsUsed(string name) =>
        entities.Query(new EntityQuery { Kinds = [Kinds.Component], Where = [new($"metadata.annotations.{Annotations.Repository}", name)], Limit = 1 }).Total > 0
        || entities.Query(new EntityQuery { Kinds = [Kinds.Location], All = true }).Items.Any(location => location.Spec.ValueKind == JsonValueKind.Object && location.Spec.GetRawText().Contains($"/git/{name}.git", StringComparison.OrdinalIgnoreCase));
}
