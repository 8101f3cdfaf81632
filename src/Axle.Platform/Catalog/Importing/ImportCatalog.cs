using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Importing;

/// <summary>
/// Takes entities of another catalogue over, each by itself, and says of every one what came of it. It can be repeated: what was
/// imported from the same source is brought up to date, and what belongs to anybody else stays as it is.
/// </summary>
internal sealed class ImportCatalog(IEntityStore entities, Rights rights, IEnumerable<IApplyGuard> guards)
{
    private const int FilesMax = 1000;
    private const int SourceMax = 2000;
    private const int WritesAtOnceMax = 64;

    public static async Task<IResult> Endpoint(CatalogImportRequest request, Caller caller, ImportCatalog self, CancellationToken stop) =>
        (await self.RunAsync(request, caller, stop)).ToHttp(TypedResults.Ok);

    public async Task<Result<CatalogImportAnswer>> RunAsync(CatalogImportRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Is it a request of a size that is meant?
        if (request.Source is not { Length: > 0 and <= SourceMax })
        {
            return new QueryInvalid("An import names its source, in at most 2000 characters.", "Give the address or folder that the entities come from as source.");
        }

        if (request.Files is not { Count: > 0 and <= FilesMax } files || files.Any(file => file?.Text is null || file.Name is null) || files.Sum(file => (long)file.Text.Length) > Apply.BodyMax)
        {
            return new QueryInvalid($"A part of an import has 1 to {FilesMax} files with names and texts, {Apply.BodyMax >> 20} Mi characters in all.", "Send the rest in further requests.");
        }

        // 2. What may be taken.
        var (items, wishes) = (new List<CatalogImportItem>(), new List<(int Item, Entity Wish, Entity? Present)>());
        var seen = (request.Seen ?? []).ToHashSet();
        foreach (var file in files)
        {
            Look(file, request.Source, caller, seen, items, wishes);
        }

        // 3. Each in its own write, and only over what was looked at.
        foreach (var some in request.DryRun ? [] : wishes.Chunk(WritesAtOnceMax))
        {
            await Task.WhenAll(some.Select(async one =>
            {
                var put = await entities.PutAsync(one.Wish, caller.Actor, one.Present?.Metadata.Revision ?? 0, $"imported from {request.Source}", stop);
                items[one.Item] = put.TryGet(out var written, out var error)
                    ? items[one.Item] with { Outcome = one.Present is null ? "created" : written.Metadata.Revision == one.Present.Metadata.Revision ? "unchanged" : "updated" }
                    : Rejected(items[one.Item], error, error.Problems);
            }));
        }

        return new CatalogImportAnswer(items);
    }

    private void Look(CatalogImportFile file, string source, Caller caller, HashSet<EntityRef> seen, List<CatalogImportItem> items, List<(int Item, Entity Wish, Entity? Present)> wishes)
    {
        if (guards.Select(guard => guard.Refuse(file.Text)).FirstOrDefault(refusal => refusal is not null) is { } secret)
        {
            items.Add(Rejected(new CatalogImportItem(null, "rejected", file.Name), secret, [.. secret.Problems.Select(problem => problem with { File = file.Name })]));
            return;
        }

        var problems = new List<Problem>();
        var described = Descriptors.ReadEach(Encoding.UTF8.GetBytes(file.Text), file.Name, problems);
        foreach (var one in described)
        {
            var wish = Imported.Of(one.Entity, source);
            var (item, present) = Judge(one, wish, file.Name, source, caller, seen);
            if (item.Outcome is "created" or "updated" or "unchanged")
            {
                wishes.Add((items.Count, present is null ? wish : Imported.Over(wish, present), present));
            }

            items.Add(item);
        }

        if (problems.Count > 0)
        {
            items.Add(new CatalogImportItem(null, "rejected", file.Name, problems[0].Message) { Problems = problems });
        }
    }

    private (CatalogImportItem Item, Entity? Present) Judge(Described one, Entity wish, string file, string source, Caller caller, HashSet<EntityRef> seen)
    {
        // 1. Envelope first: a ref can be made of valid parts only.
        var item = new CatalogImportItem(null, "rejected", file);
        var problems = EnvelopeRules.Check(wish);
        if (problems.Count > 0)
        {
            return (item with { Reason = problems[0].ToString(), Problems = [.. problems.Select(one.Placed)] }, null);
        }

        item = item with { Ref = wish.Ref };
        if (rights.Kind(wish.Kind) is not BackstageKind kind)
        {
            return (item with { Reason = $"{wish.Kind} is no kind of Backstage's that Axle knows.", Problems = [one.Placed(new Problem("is not taken over", Path: "kind"))] }, null);
        }

        // 2. A Location is an order to read something: it is registered, not copied.
        if (kind.Name == Kinds.Location)
        {
            var targets = LocationSpec.TypeOf(wish) is null or "url" ? LocationSpec.TargetsOf(wish).Where(target => Uri.TryCreate(target, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") : [];
            return (item with { Outcome = "left", Reason = "A location is registered, not copied.", Targets = [.. targets] }, null);
        }

        problems = kind.Check(wish);
        if (problems.Count > 0)
        {
            return (item with { Reason = problems[0].ToString(), Problems = [.. problems.Select(one.Placed)] }, null);
        }

        if (!seen.Add(wish.Ref))
        {
            return (item with { Reason = "It is described twice; the first was taken.", Next = "Keep one of them.", Problems = [one.Placed(new Problem("is described twice", Path: "metadata.name"))] }, null);
        }

        // 3. Whose is it?
        var present = entities.Find(wish.Ref);
        if (present is not null && Imported.SourceOf(present) != source)
        {
            var (holder, next) = Holder(present);
            return (item with { Outcome = "held", Reason = holder, Next = next, Differences = Imported.Differences(wish, present) }, present);
        }

        return rights.RefuseWrite(caller, wish, present) is { } refusal
            ? (Rejected(item, refusal, [.. refusal.Problems.Select(one.Placed)]), present)
            : (item with { Outcome = present is null ? "created" : Imported.Differences(Imported.Over(wish, present), present).Count == 0 ? "unchanged" : "updated" }, present);
    }

    private static (string Holder, string Next) Holder(Entity present) =>
        Managed.LocationOf(present) is not null ? ($"It is here already: {Managed.FileOf(present)} describes it.", "Take it out there, or leave it as it is: the location keeps it up.")
        : Imported.SourceOf(present) is { } other ? ($"It is here already, imported from {other}.", $"axle delete {present.Ref.Short} releases the name.")
        : Standings.IsLive(present) ? ("It is here already: Axle provides it.", "Leave it: what Axle provides describes itself.")
        : ("It is here already: somebody wrote it.", $"axle history {present.Ref.Short} says who; axle delete {present.Ref.Short} releases the name.");

    private static CatalogImportItem Rejected(CatalogImportItem item, Error error, IReadOnlyList<Problem> problems) =>
        item with { Outcome = "rejected", Reason = error.Message, Next = error.Next, Problems = problems };
}
