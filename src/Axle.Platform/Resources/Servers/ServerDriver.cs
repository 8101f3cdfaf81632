using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Servers;

/// <summary>
/// A server for one claim, run by the engine: its ports are written down, it runs, it answers. A driver says only what is its
/// own. Other resources may stand on the server, or people use it as it is.
/// </summary>
/// <typeparam name="TState">What the claim remembers: ports above all.</typeparam>
internal abstract class ServerDriver<TState>(ServerWorkloads servers, ServerAdmin admins) : IResourceDriver
    where TState : class
{
    public abstract string Uri { get; }

    protected ServerWorkloads Servers => servers;

    protected ServerAdmin Admins => admins;

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Can it run here, and as it was asked for?
        if (Refuse(claim) is { } refusal)
        {
            return refusal;
        }

        // 2. Its ports are written down before anything starts on them.
        if (claim.State<TState>() is not { } state)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(NewState()) };
        }

        foreach (var port in ServerState.PortsOf(claim.Status))
        {
            servers.Port(port);
        }

        // 3. Running.
        if (!(await admins.MakeAsync(claim.Ref, stop)).TryGet(out var password, out var error))
        {
            return error;
        }

        if (await PrepareAsync(claim, state, password, stop) is { } first)
        {
            return first;
        }

        if (!(await servers.EnsureAsync(claim.Ref, Program(claim, state, password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        // 4. Answering.
        if (waiting.Length > 0 || !await AnswersAsync(claim, state, password, stop))
        {
            return new Provisioned { Waiting = waiting.Length > 0 ? waiting : "the server is starting", State = Provisioned.StateOf(state) };
        }

        if (!Lacks(claim, state).TryGet(out var lacking, out error))
        {
            return error;
        }

        return lacking ?? new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", ServerWorkloads.Host), ("port", ServerState.PortOf(claim.Status)!.Value)) };
    }

    public virtual Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public virtual Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(claim.Ref, stop);

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        try
        {
            return claim.State<TState>() is { } state ? await FactsAsync(claim, state, stop) : null;
        }
        catch (Exception e) when (IsAway(e))
        {
            return null;
        }
    }

    /// <summary>Why there cannot be such a server here; null when there can.</summary>
    protected abstract Error? Refuse(Claim claim);

    /// <summary>What a new claim remembers.</summary>
    protected abstract TState NewState();

    /// <summary>Makes what must be there before it runs; what it waits for, when that cannot be now.</summary>
    protected virtual Task<Provisioned?> PrepareAsync(Claim claim, TState state, SecretValue password, CancellationToken stop) => Task.FromResult<Provisioned?>(null);

    /// <summary>What runs.</summary>
    /// <param name="claim">That <see cref="Refuse"/> has nothing against.</param>
    /// <param name="state">What it remembers.</param>
    /// <param name="password">Of the administrator; the server gets no more of it than it needs to check it.</param>
    protected abstract ServerProgram Program(Claim claim, TState state, SecretValue password);

    /// <summary>Whether it lets the administrator in, now that it listens; then it also has what everybody needs who stands on it.</summary>
    protected abstract Task<bool> AnswersAsync(Claim claim, TState state, SecretValue password, CancellationToken stop);

    /// <summary>What it waits for although it answers; null when nothing is missing.</summary>
    protected virtual Result<Provisioned?> Lacks(Claim claim, TState state) => (Provisioned?)null;

    /// <summary>Asks the server. Whatever <see cref="IsAway"/> knows may be thrown.</summary>
    protected abstract Task<ResourceFacts?> FactsAsync(Claim claim, TState state, CancellationToken stop);

    /// <summary>Whether an exception says that the server cannot be asked now.</summary>
    protected abstract bool IsAway(Exception e);
}
