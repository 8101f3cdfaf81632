using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog.Browsing;

/// <summary>What a person starred; named as the person is. In the store, so that it is there on every machine, and in the backup.</summary>
internal sealed record StarredSpec
{
    public IReadOnlyList<EntityRef> Refs { get; init; } = [];
}

internal sealed record NoStatus;

internal sealed record TooManyStars(EntityRef Which)
    : Error("catalog.stars", $"{Which.Short} was not starred: {Starring.StarsMax} stars are the most.", "Take the star from something else.", 422);

/// <summary>Keeps people's stars.</summary>
internal sealed class Starring(IEntityStore store)
{
    public const string KindName = "Starred";
    public const int StarsMax = 200;

    // A second window of the same person may star at the same moment.
    private const int TriesMax = 5;

    public static readonly EntityKind<StarredSpec, NoStatus> Kind = new(Kinds.AxleApi, KindName) { Internal = true };

    public IReadOnlyList<EntityRef> Of(Caller caller) => store.Find(Kind, RefOf(caller))?.Spec.Refs ?? [];

    public async Task<Result<bool>> PutAsync(EntityRef which, bool on, Caller caller, CancellationToken stop)
    {
        if (on && store.Find(which) is null)
        {
            return new EntityNotFound(which);
        }

        for (var tries = 1; ; tries++)
        {
            var present = store.Find(Kind, RefOf(caller));
            var before = present?.Spec.Refs ?? [];
            if (before.Contains(which) == on)
            {
                return on;
            }

            if (on && before.Count >= StarsMax)
            {
                return new TooManyStars(which);
            }

            IReadOnlyList<EntityRef> after = on ? [.. before, which] : [.. before.Where(one => one != which)];
            var put = await store.PutAsync(Kind.Make(RefOf(caller), new StarredSpec { Refs = after }), caller.Actor, present?.Metadata.Revision ?? 0, stop: stop);
            if (put.Ok)
            {
                return on;
            }

            if (put.Error!.Code != "entities.conflict" || tries == TriesMax)
            {
                return put.Error;
            }
        }
    }

    private static EntityRef RefOf(Caller caller) => Kind.Ref(caller.User.Name, caller.User.Namespace);
}
