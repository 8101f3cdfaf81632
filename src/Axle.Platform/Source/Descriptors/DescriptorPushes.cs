using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Ownership;

namespace Axle.Platform.Source;

/// <summary>
/// Keeps the catalogue at what the descriptor file of a component's own repository says: what a push changed in the file changes in
/// the catalogue, in the name of who pushed and with the rights of the component's owner. What cannot be taken is told to them with its place, stays at the
/// component until it is corrected, and leaves everything as it was.
/// </summary>
/// <remarks>Components that a Location describes are brought up to date by that.</remarks>
internal sealed class DescriptorPushes(
    Repositories repositories,
    DescriptorFiles files,
    RepositoryDescriptors descriptors,
    SourceComponents components,
    IEntityStore entities,
    ICatalog catalog) : IPushListener
{
    private const string Actor = "system:source";
    private const string DescribedBy = "describedBy";
    private readonly KeyedLock _locks = new();

    public async Task PushedAsync(Pushed push, Func<string, ValueTask> progress, CancellationToken stop)
    {
        using var alone = await _locks.HoldAsync(push.Repository, stop);
        if (components.OwnerOf(push.Repository) is not { } main || main.TargetOf(DescribedBy) is not null || !await IsHeadAsync(push, stop))
        {
            return;
        }

        // 1. What did the file say when the component was last brought up to it, and what does it say now?
        var at = DescribedAt.Of(main) is { } known && known.Repository == push.Repository ? known : new DescribedAt(push.Repository, CatalogInfo.FileName, "");
        if (await repositories.ReadAsync(push.Repository, push.Commit, at.Path, stop) is null)
        {
            // Gone, or never there: the catalogue keeps what it says.
            return;
        }

        if (!(await files.ReadAsync(push.Repository, push.Commit, at.Path, stop)).TryGet(out var now, out var unread))
        {
            await RefusedAsync(main, at, unread, progress, stop);
            return;
        }

        var before = at.Commit.Length > 0 && (await files.ReadAsync(push.Repository, at.Commit, at.Path, stop)).TryGet(out var read, out _) ? read : [];

        // 2. What follows from the difference?
        var changes = Compare(main, at, push.Commit, before, now);
        foreach (var remark in changes.Remarks)
        {
            await progress($"{at.Path}: {remark}");
        }

        if (changes.Nothing && !main.Metadata.Annotations.ContainsKey(Annotations.DescriptorProblem))
        {
            return;
        }

        // 3. All of it, or nothing; what is no longer described goes afterwards, when nothing points at it any more.
        if (CallerOf(push, main) is not { } caller)
        {
            await progress($"{at.Path} is not taken over: {main.Ref.Short} has no owner in whose name it could be.");
            return;
        }

        if (!(await catalog.ApplyAsync(changes.Wishes, caller, message: $"{at.Path} at {push.Commit[..12]}", stop: stop)).TryGet(out var applied, out var refused))
        {
            await RefusedAsync(main, at, refused, progress, stop);
            return;
        }

        foreach (var item in applied.Items.Where(item => changes.Said.Contains(item.Ref)))
        {
            await progress($"{at.Path}: {item.Ref.Short} {item.Outcome}");
        }

        foreach (var gone in changes.Gone)
        {
            var left = await catalog.DeleteAsync(gone, caller, stop);
            await progress($"{at.Path}: {gone.Short} {(left is null ? "removed" : $"stays: {left.Message}")}");
        }

        // Only now, so that after a crash in between the rest of it goes too.
        if (changes.Gone.Count > 0 && changes.Wishes is [var own, ..])
        {
            await catalog.ApplyAsync([own.As((at with { Commit = push.Commit }).On(own.Entity))], caller, message: $"{at.Path} at {push.Commit[..12]}", stop: stop);
        }
    }

    private Changes Compare(Entity main, DescribedAt taken, string commit, IReadOnlyList<Described> before, IReadOnlyList<Described> now)
    {
        var at = taken with { Commit = commit };
        var changes = new Changes();
        var (mainBefore, mainNow) = (MainOf(before), MainOf(now));
        var source = descriptors.SourceOf(at.Repository);
        var own = main;
        foreach (var one in now)
        {
            var which = one.Entity.Ref;
            if (one == mainNow)
            {
                own = DescriptorMerge.Into(main, mainBefore?.Entity, one.Entity) ?? main;
                if (mainBefore is not null && mainBefore.Entity.Ref != which)
                {
                    changes.Remarks.Add($"{main.Ref.Short} keeps its name; {which.Short} would be another component");
                }
            }
            else if (entities.Find(which) is not { } present)
            {
                changes.Add(one, at.On(RepositoryDescriptors.Marked(one.Entity, source)));
            }
            else if (which == main.Ref || !at.IsSameFile(DescribedAt.Of(present)))
            {
                changes.Remarks.Add($"{which.Short} is not taken: it exists already and comes from elsewhere. Next: axle describe {which.Short}");
            }
            else if (DescriptorMerge.Into(present, before.FirstOrDefault(other => other.Entity.Ref == which)?.Entity, one.Entity) is { } changed)
            {
                changes.Add(one, at.On(changed));
            }
        }

        var described = now.Select(one => one.Entity.Ref).ToHashSet();
        changes.Gone.AddRange(before
            .Where(one => one != mainBefore && !described.Contains(one.Entity.Ref) && entities.Find(one.Entity.Ref) is { } there && at.IsSameFile(DescribedAt.Of(there)))
            .Select(one => one.Entity.Ref));

        // The component says up to where the file was taken, so it is written with every change.
        changes.AddMain(mainNow ?? mainBefore ?? (now is [var first, ..] ? first : null), (changes.Gone.Count > 0 ? taken : at).On(own), own != main);
        return changes;
    }

    private async Task RefusedAsync(Entity main, DescribedAt at, Error error, Func<string, ValueTask> progress, CancellationToken stop)
    {
        var problems = error.Problems.Count > 0 ? error.Problems : [new Problem(error.Message, at.Path)];
        await progress($"{at.Path} is not taken over; the catalogue stays as it was:");
        foreach (var problem in problems)
        {
            await progress($"  {problem}");
        }

        var said = problems[0].ToString();
        if (main.Metadata.Annotations.GetValueOrDefault(Annotations.DescriptorProblem) != said)
        {
            var annotations = new Dictionary<string, string>(main.Metadata.Annotations, StringComparer.Ordinal) { [Annotations.DescriptorProblem] = said };
            await entities.PutAsync(main with { Metadata = main.Metadata with { Annotations = annotations }, Status = default, Relations = [] }, Actor, stop: stop);
        }
    }

    /// <summary>A newer one is told by itself, and must not be undone by this.</summary>
    private async Task<bool> IsHeadAsync(Pushed push, CancellationToken stop) =>
        repositories.Folder(push.Repository) is { } folder && await repositories.HeadAsync(folder, stop) == push.Commit;

    /// <summary>
    /// Whoever pushed, with the rights of the component's owner and no others: what they push others may have written, and only an
    /// administrator's own word makes users, groups, or another owner.
    /// </summary>
    private static Caller? CallerOf(Pushed push, Entity main) =>
        main.TargetOf("ownedBy") is not { } owner ? null
        : new Caller
        {
            User = EntityRef.TryParse(push.By, Kinds.User, EntityRef.DefaultNamespace, out var user) && user.Kind == "user" ? user : owner,
            Groups = [owner],
            Role = Role.Member,
        };

    private static Described? MainOf(IReadOnlyList<Described> described) => described.FirstOrDefault(one => one.Entity.Kind == Kinds.Component);

    /// <summary>What one push changes.</summary>
    private sealed class Changes
    {
        public List<Described> Wishes { get; } = [];

        /// <summary>Those of the wishes that are more than a note of the commit.</summary>
        public HashSet<EntityRef> Said { get; } = [];

        public List<EntityRef> Gone { get; } = [];

        public List<string> Remarks { get; } = [];

        public bool Nothing => Said.Count == 0 && Gone.Count == 0;

        public void Add(Described from, Entity wish)
        {
            Wishes.Add(from.As(wish));
            Said.Add(wish.Ref);
        }

        public void AddMain(Described? from, Entity wish, bool changed)
        {
            if (from is not null)
            {
                Wishes.Insert(0, from.As(wish));
            }

            if (changed)
            {
                Said.Add(wish.Ref);
            }
        }
    }
}
