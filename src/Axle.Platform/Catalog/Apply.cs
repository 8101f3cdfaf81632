using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>Makes the catalogue say what a file says: every entity of it, or none.</summary>
internal sealed class Apply(IEntityStore entities, Rights rights) : ICatalog
{
    public const int BodyMax = 4 << 20;

    private static readonly string[] s_origin = [Annotations.Repository, Annotations.DescribedAt, Annotations.SourceLocation, Annotations.SourceTemplate];

    public static async Task<IResult> Endpoint(HttpRequest request, Caller caller, ICatalog catalog, IEnumerable<IApplyGuard> guards, CancellationToken stop, bool dryRun = false)
    {
        if (request.ContentLength > BodyMax)
        {
            return new Error("http.too_large", $"The file is larger than {BodyMax / (1 << 20)} MiB.", "Apply it in parts.", 413).ToHttp();
        }

        using var reader = new StreamReader(request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
        string text;
        try
        {
            text = await reader.ReadToEndAsync(stop);
        }
        catch (DecoderFallbackException)
        {
            return new DescriptorsInvalid([new Problem("the file is not UTF-8")]).ToHttp();
        }

        if (guards.Select(guard => guard.Refuse(text)).FirstOrDefault(refusal => refusal is not null) is { } refused)
        {
            return refused.ToHttp();
        }

        return Descriptors.Read(text).TryGet(out var described, out var error)
            ? (await catalog.ApplyAsync(described, caller, dryRun, stop: stop)).ToHttp(TypedResults.Ok)
            : error.ToHttp();
    }

    public async Task<Result<ApplyAnswer>> ApplyAsync(IReadOnlyList<Described> described, Caller caller, bool dryRun, string? message, CancellationToken stop)
    {
        // 1. Is each one right by itself, and written once?
        if (Check(described) is { } invalid)
        {
            return invalid;
        }

        // 2. May the caller write all of them?
        var before = described.ToDictionary(one => one.Entity.Ref, one => entities.Find(one.Entity.Ref));
        described = [.. described.Select(one => one.As(WithOrigin(one.Entity, before[one.Entity.Ref])))];
        foreach (var one in described)
        {
            if (rights.RefuseWrite(caller, one.Entity, before[one.Entity.Ref]) is { } refusal)
            {
                return refusal;
            }
        }

        if (dryRun)
        {
            return new ApplyAnswer([.. described.Select(one => Foreseen(one.Entity, before[one.Entity.Ref]))]);
        }

        // 3. One transaction.
        var put = await entities.PutAllAsync([.. described.Select(one => one.Entity)], caller.Actor, message, stop);
        return put.TryGet(out var written, out var error)
            ? new ApplyAnswer([.. written.Select(head => Done(head, before[head.Ref]))])
            : error;
    }

    public async Task<Error?> DeleteAsync(EntityRef which, Caller caller, CancellationToken stop) =>
        entities.Find(which) is not { } present ? new EntityNotFound(which)
        : rights.RefuseDelete(caller, present) ?? (await entities.DeleteAsync(which, caller.Actor, stop: stop)).Error;

    private DescriptorsInvalid? Check(IReadOnlyList<Described> described)
    {
        var problems = new List<Problem>();
        var seen = new HashSet<EntityRef>();
        foreach (var one in described)
        {
            // Envelope first: a ref can be made of valid parts only.
            var own = EnvelopeRules.Check(one.Entity);
            if (own.Count == 0 && !seen.Add(one.Entity.Ref))
            {
                own = [new Problem($"{one.Entity.Ref.Short} is in the file twice; keep one of them", Path: "metadata.name")];
            }
            else if (own.Count == 0)
            {
                own = rights.Kind(one.Entity.Kind) is { } kind
                    ? kind.Check(one.Entity)
                    : rights.Unknown(one.Entity.Kind).Problems;
            }

            problems.AddRange(own.Select(one.Placed));
        }

        return problems.Count > 0 ? new DescriptorsInvalid(problems) : null;
    }

    /// <summary>What the platform noted of where a component comes from, and no file says, stays; without it nothing would be built any more.</summary>
    private static Entity WithOrigin(Entity wish, Entity? present)
    {
        if (present is null || !(present.Metadata.Annotations.ContainsKey(Annotations.Repository) || present.Metadata.Annotations.ContainsKey(Annotations.DescribedAt)))
        {
            return wish;
        }

        var annotations = new Dictionary<string, string>(wish.Metadata.Annotations, StringComparer.Ordinal);
        foreach (var key in s_origin)
        {
            if (present.Metadata.Annotations.TryGetValue(key, out var value))
            {
                annotations.TryAdd(key, value);
            }
        }

        return wish with { Metadata = wish.Metadata with { Annotations = annotations } };
    }

    private static ApplyItem Done(EntityHead after, Entity? before) => new(
        after.Ref,
        before is null ? "created" : before.Metadata.Revision == after.Revision ? "unchanged" : "updated",
        after.Revision);

    private static ApplyItem Foreseen(Entity wish, Entity? before) => before is null
        ? new ApplyItem(wish.Ref, "created", 0)
        : new ApplyItem(wish.Ref, SameWish(wish, before) ? "unchanged" : "updated", before.Metadata.Revision);

    private static bool SameWish(Entity a, Entity b) =>
        JsonElement.DeepEquals(Wish(a), Wish(b));

    /// <summary>What a client can ask for: everything but the store's own fields.</summary>
    private static JsonElement Wish(Entity entity) => JsonSerializer.SerializeToElement(
        entity with
        {
            Status = default,
            Relations = [],
            Metadata = entity.Metadata with { Uid = null, Revision = 0, Generation = 0, CreatedAt = null, UpdatedAt = null, DeletedAt = null },
        },
        EntityJson.Options);
}
