using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources;

/// <summary>Writes a changed claim, however many others write it at the same time.</summary>
internal sealed class ClaimWriter(IEntityStore entities)
{
    private const int TriesMax = 20;

    /// <param name="which">The claim.</param>
    /// <param name="change">From the spec as it is (null while there is none) to the new one, or a refusal. May run several times; an equal spec writes nothing.</param>
    /// <param name="message">Why, for the history.</param>
    public async Task<Result<Entity>> ChangeAsync(EntityRef which, Func<ResourceClaimSpec?, Result<ResourceClaimSpec>> change, string message, string actor, CancellationToken stop)
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var now = entities.Find(ResourceKinds.Claim, which);
            if (!change(now?.Spec).TryGet(out var spec, out var refusal))
            {
                return refusal;
            }

            if (now is not null && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(spec, EntityJson.Options), now.Raw.Spec))
            {
                return now.Raw;
            }

            var put = await entities.PutAsync(ResourceKinds.Claim.Make(which, spec), actor, now?.Metadata.Revision ?? 0, message, stop);
            if (put.Ok || put.Error!.Code != "entities.conflict")
            {
                return put;
            }
        }

        return new ClaimBusy(which);
    }
}
