using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Templates;

/// <summary>Runs of templates: the same verbs as the API's, with the same rights.</summary>
public interface ITasks
{
    /// <summary>Newest first.</summary>
    /// <param name="createdBy">A ref of a user; null is everybody's.</param>
    TaskPage List(string? createdBy, string? phase, int limit);

    Result<TaskView> Find(string id);

    /// <summary>What it has written after a line; nothing to who may not read logs.</summary>
    IReadOnlyList<TaskLine> Log(string id, long after, Caller caller);

    /// <summary>Begins one.</summary>
    /// <param name="values">The answers, typed; what is not answered gets its default.</param>
    /// <param name="secrets">Texts by name.</param>
    Task<Result<TaskView>> BeginAsync(EntityRef template, JsonObject values, JsonObject secrets, Caller caller, CancellationToken stop);

    /// <summary>What one would do, without doing it.</summary>
    Task<Result<DryRunAnswer>> DryRunAsync(EntityRef template, JsonObject values, JsonObject secrets, Caller caller, CancellationToken stop);

    Task<Result<TaskView>> CancelAsync(string id, Caller caller, CancellationToken stop);

    /// <param name="secrets">The same as before have to be given again; see <see cref="SecretsOf"/>.</param>
    Task<Result<TaskView>> RetryAsync(string id, JsonObject secrets, Caller caller, CancellationToken stop);

    /// <summary>Gives up one that did not succeed; what it left goes.</summary>
    Task<Result<TaskView>> DiscardAsync(string id, Caller caller, CancellationToken stop);

    Task<Result<TaskView>> DecideAsync(string id, bool approved, string? message, Caller caller, CancellationToken stop);

    /// <summary>The names of the secrets that a task was given.</summary>
    IReadOnlyList<string> SecretsOf(string id);

    /// <summary>Whether this caller may end it and go on with it.</summary>
    bool IsTheirs(TaskView task, Caller caller);

    /// <summary>Whether this caller may say yes or no to what it waits for.</summary>
    bool MayDecide(TaskView task, Caller caller);
}
