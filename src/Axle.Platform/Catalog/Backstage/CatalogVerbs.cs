using System.Runtime.InteropServices;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Validation;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>The verbs on one entity: read it again, check it, take it out.</summary>
internal static class CatalogVerbs
{
    public static async Task<IResult> Refresh(HttpContext context, IEntityStore store, LocationService locations, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<RefreshBody>(context.Request, stop)).TryGet(out var body, out var wrong))
        {
            return wrong.ToHttp();
        }

        if (!EntityRef.TryParse(body.EntityRef, null, out var which) || store.Find(which) is not { } entity)
        {
            return new CatalogEntityUnknown($"Entity {body.EntityRef} not found").ToHttp();
        }

        var location = entity.Kind == Kinds.Location ? entity : Managed.LocationOf(entity) is { } by ? store.Find(by) : null;
        if (location is not null)
        {
            locations.Refresh(location);
        }

        return TypedResults.Ok();
    }

    public static async Task<IResult> Validate(HttpContext context, EntityKinds kinds, DocumentForm form, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<ValidateBody>(context.Request, stop)).TryGet(out var body, out var wrong))
        {
            return wrong.ToHttp();
        }

        if (body.Location is null || !body.Location.StartsWith("url:", StringComparison.Ordinal) || !Uri.TryCreate(body.Location[4..], UriKind.Absolute, out _))
        {
            return Invalid([new Problem("Malformed request: location must be a url: reference with an absolute address")]);
        }

        var problems = new List<Problem>();
        var described = Descriptors.ReadEach(body.Entity.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(body.Entity).ToArray(), null, problems, asBackstage: true);
        foreach (var entity in described.Select(one => one.Entity))
        {
            var envelope = EnvelopeRules.Check(entity);
            problems.AddRange(envelope.Count > 0 ? envelope
                : Known(kinds, entity) is not { } kind ? [new Problem($"No processor recognized the entity {entity.Ref} as valid, possibly caused by a foreign kind or apiVersion")]
                : kind.Check(entity) is { Count: > 0 } found ? found
                : form.Check(entity));
        }

        return problems.Count == 0 ? TypedResults.Ok() : Invalid(problems);
    }

    public static async Task<IResult> DeleteByUid(string uid, Caller caller, IEntityStore store, Rights rights, Index.CatalogIndexing indexing, Index.CatalogIndex index, LocationService locations, CancellationToken stop)
    {
        await indexing.CaughtUpAsync(stop);
        if (index.WithUid(uid) is not { } key || store.Find(EntityRef.Parse(key)) is not { } entity)
        {
            return TypedResults.NoContent();
        }

        if (entity.Kind == Kinds.Location)
        {
            return await locations.RemoveAsync(entity, caller, stop) is { } error ? error.ToHttp() : TypedResults.NoContent();
        }

        return rights.RefuseDelete(caller, entity) is { } refusal
            ? refusal.ToHttp()
            : (await store.DeleteAsync(entity.Ref, caller.Actor, expected: entity.Metadata.Revision, stop: stop)).ToHttp(_ => TypedResults.NoContent());
    }

    private static EntityKind? Known(EntityKinds kinds, Entity entity) =>
        kinds.Find(entity.Kind) is { } kind && (kind.ApiVersion == entity.ApiVersion || kind.AlsoReads.Contains(entity.ApiVersion)) ? kind : null;

    private static JsonHttpResult<Invalidity> Invalid(IReadOnlyList<Problem> problems) =>
        TypedResults.Json(
            new Invalidity([.. problems.Select(problem => new Mistake("InputError", problem.Path is null ? problem.Message : $"{problem.Path} {problem.Message}"))]),
            JsonSerializerOptions.Web,
            statusCode: StatusCodes.Status400BadRequest);

    private sealed record RefreshBody(string? EntityRef);

    private sealed record Invalidity(IReadOnlyList<Mistake> Errors);

    private sealed record Mistake(string Name, string Message);

    private sealed record ValidateBody(JsonElement Entity, string? Location);
}
