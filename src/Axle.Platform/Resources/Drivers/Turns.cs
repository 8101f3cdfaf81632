using Axle.Contracts;

namespace Axle.Platform.Resources.Drivers;

/// <summary>One at a time for each thing; different things go side by side. Enough within one process, and only the leader's drives resources.</summary>
internal sealed class Turns
{
    private readonly Dictionary<EntityRef, (SemaphoreSlim Gate, int Users)> _gates = [];
    private readonly Lock _lock = new();

    /// <summary>Waits until it is this one's turn; the turn ends when the result is disposed.</summary>
    public async Task<IDisposable> TakeAsync(EntityRef which, CancellationToken stop)
    {
        SemaphoreSlim gate;
        lock (_lock)
        {
            var (known, users) = _gates.GetValueOrDefault(which);
            gate = known ?? new SemaphoreSlim(1);
            _gates[which] = (gate, users + 1);
        }

        try
        {
            await gate.WaitAsync(stop);
            return new Turn(this, which, gate);
        }
        catch
        {
            Leave(which);
            throw;
        }
    }

    private void Leave(EntityRef which)
    {
        lock (_lock)
        {
            var (gate, users) = _gates[which];
            if (users > 1)
            {
                _gates[which] = (gate, users - 1);
                return;
            }

            _gates.Remove(which);
            gate.Dispose();
        }
    }

    private sealed class Turn(Turns turns, EntityRef which, SemaphoreSlim gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Release();
            turns.Leave(which);
        }
    }
}
