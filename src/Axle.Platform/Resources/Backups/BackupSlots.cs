namespace Axle.Platform.Resources.Backups;

/// <summary>Bounds how many copies are made, and how many are brought back, at once: each reads or writes a whole database.</summary>
internal sealed class BackupSlots : IDisposable
{
    public const int CopiesMax = 2;
    public const int RestoresMax = 2;

    private readonly SemaphoreSlim _copies = new(CopiesMax);
    private readonly SemaphoreSlim _restores = new(RestoresMax);

    /// <summary>A place for a copy, or null when none is free now.</summary>
    public IDisposable? Copy() => Enter(_copies);

    /// <summary>A place for a restore, or null when none is free now.</summary>
    public IDisposable? Restore() => Enter(_restores);

    public void Dispose()
    {
        _copies.Dispose();
        _restores.Dispose();
    }

    private static Slot? Enter(SemaphoreSlim places) => places.Wait(TimeSpan.Zero) ? new Slot(places) : null;

    private sealed class Slot(SemaphoreSlim places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
