using Axle.Contracts;
using Axle.Entities.Index;

namespace Axle.Entities.Store;

/// <summary>A write in line for the writer.</summary>
internal abstract class Work
{
    /// <summary>Decides on what is stored and what the writes before it in the same transaction made of that.</summary>
    public abstract void Decide(Desk desk);

    /// <summary>The transaction is on disk, and the snapshot is what readers see.</summary>
    public abstract void Succeed(Snapshot snapshot);

    public abstract void Fail(Exception reason);
}

/// <summary>What a write answers once it is durable.</summary>
internal sealed record Decision<T>(Func<Snapshot, T> Answer);

internal sealed class Work<T>(Func<Desk, Result<Decision<T>>> decide, CancellationToken stop) : Work
{
    private readonly TaskCompletionSource<Result<T>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Result<Decision<T>> _decision;

    public Task<Result<T>> Answer => _answer.Task;

    public override void Decide(Desk desk)
    {
        // A caller that gave up while waiting gets nothing written; from here on it waits for the outcome, a commit's time.
        if (stop.IsCancellationRequested)
        {
            _answer.TrySetCanceled(stop);
            return;
        }

        var mark = desk.Here();
        try
        {
            _decision = decide(desk);
            if (!_decision.Ok)
            {
                desk.Back(mark);
            }
        }
        catch (Exception e)
        {
            // Its fault only; the others in the transaction go on.
            desk.Back(mark);
            _answer.TrySetException(e);
        }
    }

    public override void Succeed(Snapshot snapshot)
    {
        if (!_answer.Task.IsCompleted)
        {
            _answer.TrySetResult(_decision.TryGet(out var decision, out var refusal) ? Result<T>.Of(decision.Answer(snapshot)) : refusal);
        }
    }

    public override void Fail(Exception reason) => _answer.TrySetException(reason);
}
