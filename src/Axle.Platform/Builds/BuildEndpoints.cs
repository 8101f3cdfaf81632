using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Builds;

/// <summary>Asks for a build of a component.</summary>
/// <param name="Commit">A commit, branch or tag; the newest of the default branch when not given.</param>
/// <param name="Retry">Tries a failed or cancelled build again.</param>
public sealed record BuildRequest(string? Commit = null, bool Retry = false);

/// <summary>The HTTP face of builds.</summary>
internal static class BuildEndpoints
{
    /// <summary>The build's log as server-sent events: <c>log</c> for each line, <c>end</c> when no more will come.</summary>
    public static IResult Log(string name, string? @namespace, bool? follow, IEntityStore entities, IBuilds builds, CancellationToken stop)
    {
        var build = BuildKind.Instance.Ref(name, @namespace ?? EntityRef.DefaultNamespace);
        return entities.Find(build) is null ? new BuildUnknown(name).ToHttp() : TypedResults.ServerSentEvents(LogEvents.Of(builds.LogAsync(build, follow ?? false, stop), about: null, stop));
    }

    public static async Task<IResult> Request(string component, string? @namespace, BuildRequest request, Caller caller, IEntityStore entities, IBuilds builds, CancellationToken stop) =>
        (await builds.RequestAsync(EntityRef.Of(Contracts.Kinds.Component, component, @namespace), request, caller, entities, stop))
            .ToHttp(build => TypedResults.Accepted($"/api/entities/{build.Ref.Kind}/{build.Ref.Namespace}/{build.Ref.Name}", build));
}
