using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Registers places that describe entities, and takes them back.</summary>
internal sealed class LocationService(IEntityStore entities, Rights rights, LocationFiles files, IReconcileQueue queue)
{
    /// <summary>Files that a trial reading follows.</summary>
    private const int TrialMax = 1000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>All that somebody registered, by ref.</summary>
    public IReadOnlyList<Entity> All() =>
        [.. entities.Query(new EntityQuery { Kinds = [Kinds.Location], All = true }).Items.Where(location => LocationSpec.IsRegistered(location) && location.Metadata.DeletedAt is null)];

    public Entity? Find(string id) => All().FirstOrDefault(location => location.Metadata.Uid == id);

    public Entity? FindTarget(string target) => All().FirstOrDefault(location => LocationSpec.TargetsOf(location) is [var only] && only == target);

    /// <summary>The registered one that led to an entity.</summary>
    public Entity? Of(Entity entity)
    {
        // Anybody can write annotations that go in a circle.
        var (at, seen) = (entity, new HashSet<EntityRef>());
        while (seen.Add(at.Ref) && Managed.LocationOf(at) is { } above && entities.Find(above) is { } found)
        {
            at = found;
        }

        return at.Kind == Kinds.Location && LocationSpec.IsRegistered(at) ? at : null;
    }

    public async Task<Result<Entity>> RegisterAsync(string target, Caller caller, CancellationToken stop)
    {
        var location = LocationSpec.Of(target);
        if (Refused(location, caller) is { } refusal)
        {
            return refusal;
        }

        return await entities.PutAsync(location, caller.Actor, expected: 0, stop: stop);
    }

    /// <summary>Another target for the same location; its entity keeps its name. What it describes may be everybody's, so administrators do this.</summary>
    public async Task<Result<Entity>> MoveAsync(Entity location, string target, Caller caller, CancellationToken stop)
    {
        var moved = LocationSpec.Of(target);
        moved = moved with { Metadata = moved.Metadata with { Name = location.Metadata.Name, Namespace = location.Metadata.Namespace } };
        return (Refused(moved, caller) ?? rights.RefuseWrite(caller, moved, location)) is { } refusal ? refusal : await entities.PutAsync(moved, caller.Actor, location.Metadata.Revision, stop: stop);
    }

    /// <summary>Takes it back, with all that its files describe; returns when it is gone, or goes on without the caller when that takes long.</summary>
    public async Task<Error?> RemoveAsync(Entity location, Caller caller, CancellationToken stop)
    {
        if (rights.RefuseDelete(caller, location) is { } refusal)
        {
            return refusal;
        }

        var from = entities.Revision;
        if ((await entities.DeleteAsync(location.Ref, caller.Actor, force: true, location.Metadata.Revision, stop)).Error is { } error)
        {
            return error;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            await foreach (var change in entities.WatchAsync(from, patience.Token))
            {
                if (change.Ref == location.Ref && change.Verb == "delete")
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // It is marked, and its reconciler finishes.
        }

        return null;
    }

    /// <summary>Reads it again now.</summary>
    public void Refresh(Entity location) => queue.Wake(location.Ref);

    /// <summary>What registering would describe: the files, and those that Locations in them name. Nothing is written.</summary>
    public async Task<Result<IReadOnlyList<Entity>>> TryAsync(string target, Caller caller, CancellationToken stop)
    {
        var (found, waiting, seen) = (new List<Entity>(), new Queue<Entity>([LocationSpec.Of(target)]), new HashSet<EntityRef>());
        while (waiting.TryDequeue(out var location) && seen.Count < TrialMax)
        {
            if (!seen.Add(location.Ref))
            {
                continue;
            }

            found.Add(location);
            var reading = new LocationReading();
            await foreach (var one in files.ReadAsync(location, caller.Role == Role.Admin, reading, stop))
            {
                if ((one.Wanted ?? entities.Read(one.Ref, declared: true)) is not { } entity)
                {
                    continue;
                }

                if (entity.Kind == Kinds.Location)
                {
                    waiting.Enqueue(entity);
                }
                else
                {
                    found.Add(entity);
                }
            }

            if (reading.Problems.Count > 0)
            {
                return new CatalogInputInvalid(reading.Problems[0].ToString());
            }
        }

        return found;
    }

    private static Error? Refused(Entity location, Caller caller) =>
        LocationSpec.AddressOf(location, LocationSpec.TargetsOf(location)[0]) is null
            ? new TargetInvalid(LocationSpec.TargetsOf(location)[0])
            : caller.Refuse(Verb.Create);
}
