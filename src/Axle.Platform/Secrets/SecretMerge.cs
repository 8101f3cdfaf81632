using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>Which secrets a component is given in an environment: the more specific scope wins, and what is one's own wins over what is shared.</summary>
internal static class SecretMerge
{
    /// <summary>By name, with the secret that won. What is unset is as if it were not there.</summary>
    public static IReadOnlyDictionary<string, StoredSecret> Of(SecretStore store, Entity component, string environment)
    {
        var merged = new SortedDictionary<string, StoredSecret>(StringComparer.Ordinal);
        foreach (var secret in Layers(store, component, environment).SelectMany(layer => layer).Where(secret => !secret.Removed && secret.Current is not null))
        {
            merged[secret.Name] = secret;
        }

        return merged;
    }

    /// <summary>The least specific first.</summary>
    private static IEnumerable<IEnumerable<StoredSecret>> Layers(SecretStore store, Entity component, string environment)
    {
        yield return store.In(SecretScope.Organisation);
        if (component.TargetOf("ownedBy") is { } owner)
        {
            var team = SecretScope.Team(owner);
            yield return store.SharedWith(team);
            yield return store.In(team);
        }

        var everywhere = SecretScope.Component(component.Ref);
        yield return store.SharedWith(everywhere);
        yield return store.In(everywhere);
        yield return store.In(SecretScope.Component(component.Ref, environment));
    }
}
