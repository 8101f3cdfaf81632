using System.Diagnostics.CodeAnalysis;

namespace Axle.Agent.Ingress;

/// <summary>
/// One destination with the number of requests it serves. Claiming and retiring change the same word, so they have one order: a claim
/// before the retirement is counted and waited for; a claim after it fails, whichever table the claimer read.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Sources without timer or link hold nothing; requests may still read their tokens after the last drain.")]
internal sealed class Upstream
{
    private const int RetiredBit = int.MinValue;

    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _endless = new();
    private readonly CancellationTokenSource _all = new();

    // The sign bit: retired. The others: requests under way.
    private int _state;
    private long _refusedAt = long.MinValue;

    public Upstream(Destination destination)
    {
        Destination = destination;
        Prefix = $"http://127.0.0.1:{destination.Port}";
        Transformer = new(this);
    }

    public Destination Destination { get; }

    public string Prefix { get; }

    public UpstreamTransformer Transformer { get; }

    public int InFlight => Volatile.Read(ref _state) & ~RetiredBit;

    public bool IsRetired => Volatile.Read(ref _state) < 0;

    /// <summary>Done when it is retired and its last request has ended.</summary>
    public Task Empty => _empty.Task;

    /// <summary>Cancelled when the requests still under way must end.</summary>
    public CancellationToken Cut => _all.Token;

    public bool TryClaim()
    {
        var state = Volatile.Read(ref _state);
        while (state >= 0)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _state) == RetiredBit)
        {
            _empty.TrySetResult();
        }
    }

    public void Retire()
    {
        if ((Interlocked.Or(ref _state, RetiredBit) & ~RetiredBit) == 0)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>The response will not end by itself: close its connection when the destination is drained.</summary>
    public void MarkEndless(HttpContext context) =>
        context.Response.RegisterForDispose(_endless.Token.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context));

    public Task CloseEndlessAsync() => _endless.CancelAsync();

    public Task CutAsync() => _all.CancelAsync();

    public void MarkRefused(long nowMilliseconds) => Volatile.Write(ref _refusedAt, nowMilliseconds);

    public bool RefusedSince(long milliseconds) => Volatile.Read(ref _refusedAt) >= milliseconds;
}
