using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Takes what the files of one Location describe into the store while further files are read. Afterwards each is as it was
/// written; what belongs to somebody else, or was refused, is not among <see cref="Count"/>.
/// </summary>
internal sealed class LocationIntake(IEntityStore entities, Entity location, string actor, CancellationToken stop)
{
    /// <summary>One transaction for a large catalogue would leave everybody who follows the log far behind.</summary>
    private const int PutAtOnce = 500;

    /// <summary>Fewer go as soon as those before are written, but one by one they would each be a transaction.</summary>
    private const int PutAtLeast = 100;

    // What is stored already is settled while others are being put, two lots of them at once.
    private readonly Lock _gate = new();
    private List<FileEntity> _waiting = [];

    // The newer is checked while the older is written.
    private Task _older = Task.CompletedTask;
    private Task _newer = Task.CompletedTask;

    /// <summary>Entities that are the Location's.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them had to be read.</summary>
    public int Read { get; private set; }

    /// <summary>Those whose name another one holds.</summary>
    public List<Problem> Conflicts { get; } = [];

    public List<Problem> Refused { get; } = [];

    public List<KnownDocument> Documents { get; } = [];

    public async Task TakeAllAsync(IAsyncEnumerable<FileEntity> described)
    {
        try
        {
            await foreach (var one in described)
            {
                var there = one.Stored is null ? entities.FindHead(one.Ref) : null;
                if (there is not null && IsOfItsRepository(there, one))
                {
                    // Pushes keep it at what this very file says.
                    continue;
                }

                if (Holder(there) is { } holder)
                {
                    Conflicts.Add(new Problem($"{NameConflicts.Begin(one.Ref)}{holder}", Managed.FileOf(one.Wanted!)));
                }
                else if (one.Ref != location.Ref)
                {
                    await TakeAsync(one);
                }
            }

            await PutWaitingAsync();
        }
        finally
        {
            await Task.WhenAll(_older, _newer);
        }
    }

    private async Task TakeAsync(FileEntity one)
    {
        if (one.Stored is { } stored)
        {
            Settle(one, stored);
            return;
        }

        _waiting.Add(one);
        if (_waiting.Count == PutAtOnce || (_waiting.Count >= PutAtLeast && _older.IsCompleted))
        {
            await PutWaitingAsync();
        }
    }

    /// <summary>Returns when all but the newest of those before have been put; these are meanwhile.</summary>
    private async Task PutWaitingAsync()
    {
        await _older;
        var some = _waiting;
        _waiting = [];
        (_older, _newer) = (_newer, some.Count == 0 ? Task.CompletedTask : PutAsync(some));
    }

    private async Task PutAsync(List<FileEntity> some)
    {
        await Task.Yield();
        if ((await entities.PutAllAsync([.. some.Select(one => one.Wanted!)], actor, stop: stop)).TryGet(out var all, out _))
        {
            for (var i = 0; i < some.Count; i++)
            {
                Settle(some[i], all[i]);
            }

            return;
        }

        // One of them is refused: each by itself.
        foreach (var one in some)
        {
            if ((await entities.PutAsync(one.Wanted!, actor, stop: stop)).TryGet(out var stored, out var error))
            {
                Settle(one, new EntityHead(stored));
            }
            else
            {
                lock (_gate)
                {
                    Refused.Add(new Problem($"{one.Ref.Short}: {error.Message}", Managed.FileOf(one.Wanted!)));
                }
            }
        }
    }

    private void Settle(FileEntity one, EntityHead stored)
    {
        lock (_gate)
        {
            Count++;
            Read += one.Place is null ? 0 : 1;
            if (one.Document is { } document)
            {
                Documents.Add(KnownDocument.Of(document, stored));
            }
        }
    }

    private bool IsOfItsRepository(EntityHead present, FileEntity one) =>
        Managed.LocationOf(present) is null
        && entities.Find(present.Ref) is { } entity
        && DescribedAt.Of(entity) is not null
        && entity.Metadata.Annotations.TryGetValue(Annotations.SourceLocation, out var source)
        && $"url:{Managed.FileOf(one.Wanted!)}".StartsWith($"{source}/", StringComparison.Ordinal);

    /// <summary>Who has the name already, and how to release it; null when it is free, or this location's.</summary>
    private string? Holder(EntityHead? present)
    {
        if (present is null)
        {
            return null;
        }

        if (Managed.LocationOf(present) is not { } other)
        {
            return $"an entity of the platform's own; delete that one first (axle delete {present.Ref.Short}) or rename this one";
        }

        return other == location.Ref || entities.FindHead(other) is null || entities.Read(present.Ref, declared: true) is not { } holder
            ? null
            : $"{Managed.FileOf(holder)}, which was there first; take it out there, or rename this one";
    }
}
