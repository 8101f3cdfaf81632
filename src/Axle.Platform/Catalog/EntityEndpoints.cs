using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>One entity: read, write, delete, history.</summary>
internal static class EntityEndpoints
{
    private const int HistoryMax = 1000;

    // Each try reads, checks the owner and writes what was checked; somebody else's write in between means once more.
    private const int TriesMax = 5;

    public static IResult Get(string kind, string @namespace, string name, IEntityStore entities, HttpContext context)
    {
        var which = new EntityRef(kind, @namespace, name);
        if (entities.Find(which) is not { } entity)
        {
            return new NotFound(which).ToHttp();
        }

        context.Response.Headers.ETag = ETags.Of(entity);
        context.Response.Headers.CacheControl = "private, no-cache";
        return context.Request.IsKnown(entity) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(entity);
    }

    public static async Task<IResult> Put(
        string kind,
        string @namespace,
        string name,
        Entity entity,
        Caller caller,
        IEntityStore entities,
        Rights rights,
        HttpContext context,
        CancellationToken stop)
    {
        var which = new EntityRef(kind, @namespace, name);
        if (entity.Kind.Length == 0 || entity.Metadata.Name.Length == 0 || entity.Metadata.Namespace.Length == 0 || entity.Ref != which)
        {
            return new NamedOtherwise(which, entity.Kind.Length * entity.Metadata.Name.Length * entity.Metadata.Namespace.Length == 0 ? default : entity.Ref).ToHttp();
        }

        if (!context.Request.Expected().TryGet(out var expected, out var error))
        {
            return error.ToHttp();
        }

        for (var tries = 1; ; tries++)
        {
            var present = entities.Find(which);
            if (rights.RefuseWrite(caller, entity, present) is { } refusal)
            {
                return refusal.ToHttp();
            }

            var put = await entities.PutAsync(entity, caller.Actor, expected ?? present?.Metadata.Revision ?? 0, stop: stop);
            if (put.TryGet(out var written, out error))
            {
                context.Response.Headers.ETag = ETags.Of(written);
                return present is null ? TypedResults.Created($"/api/entities/{which.Kind}/{which.Namespace}/{which.Name}", written) : TypedResults.Ok(written);
            }

            if (expected is not null || error.Code != "entities.conflict" || tries == TriesMax)
            {
                return (expected is not null && error.Code == "entities.conflict" ? error with { Status = StatusCodes.Status412PreconditionFailed } : error).ToHttp();
            }
        }
    }

    public static async Task<IResult> Delete(
        string kind,
        string @namespace,
        string name,
        Caller caller,
        IEntityStore entities,
        Rights rights,
        HttpContext context,
        CancellationToken stop,
        bool force = false)
    {
        var which = new EntityRef(kind, @namespace, name);
        if (!context.Request.Expected().TryGet(out var expected, out var error))
        {
            return error.ToHttp();
        }

        if (entities.Find(which) is not { } present)
        {
            return new NotFound(which).ToHttp();
        }

        if (rights.RefuseDelete(caller, present) is { } refusal)
        {
            return refusal.ToHttp();
        }

        // The revision that was checked is the one that goes: its owner may have changed since.
        var deleted = await entities.DeleteAsync(which, caller.Actor, force, expected ?? present.Metadata.Revision, stop);
        return deleted.ToHttp(_ => entities.Find(which) is null ? TypedResults.NoContent() : TypedResults.Accepted($"/api/entities/{which.Kind}/{which.Namespace}/{which.Name}"));
    }

    public static async Task<IResult> History(string kind, string @namespace, string name, IEntityStore entities, CancellationToken stop, int limit = 100)
    {
        var which = new EntityRef(kind, @namespace, name);
        var history = await entities.HistoryAsync(which, Math.Clamp(limit, 1, HistoryMax), stop);
        return history.Count == 0 && entities.Find(which) is null ? new NotFound(which).ToHttp() : TypedResults.Ok(history);
    }
}
