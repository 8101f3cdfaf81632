using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;

namespace Axle.Portal.Components;

/// <summary>Whose secrets are: a team's its own, a component's those of the component's owner, the organisation's nobody's but administrators'.</summary>
internal static class SecretOwners
{
    public static IReadOnlyList<string> Of(IEntityStore entities, string scope) => SecretAddress.Of(scope) switch
    {
        { Team: { } team } address => [EntityRef.Of(Kinds.Group, team, address.Namespace).Short],
        { Component: { } component } address => entities.Find(EntityRef.Of(Kinds.Component, component, address.Namespace))?.Related("ownedBy") is { Count: > 0 } owners ? [owners[0].Short] : [],
        _ => [],
    };
}
