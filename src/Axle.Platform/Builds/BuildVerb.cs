using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Builds;

/// <summary>The verb <c>build</c> as people use it, by API or by button: with the caller's rights.</summary>
public static class BuildVerb
{
    /// <summary>Asks for a build of a component that the caller may deploy.</summary>
    public static async Task<Result<Entity>> RequestAsync(this IBuilds builds, EntityRef component, BuildRequest request, Caller caller, IEntityStore entities, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(builds);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(entities);
        if (entities.Find(component) is not { } found)
        {
            return new ComponentUnknown(component.Name);
        }

        return caller.Refuse(Verb.Deploy, found) is { } refused ? refused : await builds.RequestAsync(found, request.Commit ?? "", null, caller.Actor, request.Retry, stop);
    }
}
