using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Secrets;

/// <summary>Which scope a request is about; from its query.</summary>
/// <param name="Component">Name of a component.</param>
/// <param name="Environment">With a component: only there.</param>
/// <param name="Team">Name of a group.</param>
/// <param name="Organisation">True for the secrets of all.</param>
/// <param name="Namespace">Of the component or team; default when null.</param>
public sealed record SecretAddress(string? Component = null, string? Environment = null, string? Team = null, bool? Organisation = null, string? Namespace = null)
{
    /// <summary>Nothing was named.</summary>
    public bool IsEmpty => Component is null && Team is null && Organisation is not true && Environment is null;

    /// <summary>The address of a scope's path, as <see cref="SecretView.Scope"/> writes it; null when it names none that people change.</summary>
    public static SecretAddress? Of(string? path) => path?.Split('/') switch
    {
        ["organisation"] => new SecretAddress(Organisation: true),
        ["team", var space, var name] => new SecretAddress(Team: name, Namespace: space),
        ["component", var space, var name] => new SecretAddress(name, Namespace: space),
        ["component", var space, var name, var environment] => new SecretAddress(name, environment, Namespace: space),
        _ => null,
    };

    /// <summary>The scope, when it exists and the caller may use the verb there.</summary>
    internal Result<SecretScope> For(Caller caller, Verb verb, IEntityStore entities)
    {
        if (!Scope(entities).TryGet(out var found, out var error))
        {
            return error;
        }

        return Refuse(caller, verb, found.Scope, found.Subject) is { } refusal ? refusal : found.Scope;
    }

    /// <summary>The scope, when it exists, for verbs that everybody may use.</summary>
    internal Result<SecretScope> Existing(IEntityStore entities) => Scope(entities).TryGet(out var found, out var error) ? found.Scope : error;

    private Result<(SecretScope Scope, Entity? Subject)> Scope(IEntityStore entities)
    {
        var named = (Component is null ? 0 : 1) + (Team is null ? 0 : 1) + (Organisation is true ? 1 : 0);
        if (named != 1 || (Environment is not null && Component is null))
        {
            return new ScopeUnclear();
        }

        if (Organisation is true)
        {
            return (SecretScope.Organisation, (Entity?)null);
        }

        var which = Ref(Team is null ? Kinds.Component : Kinds.Group, (Component ?? Team)!, Namespace);
        if (which is not { } subject || entities.Find(subject) is not { } entity)
        {
            return Team is null ? new ComponentUnknown(Component!) : new TeamUnknown(Team);
        }

        if (Team is not null)
        {
            return (SecretScope.Team(subject), entity);
        }

        return Environment is { } environment && !Exists(environment, entities)
            ? new EnvironmentUnknown(environment)
            : (SecretScope.Component(subject, Environment), entity);
    }

    internal static EntityRef? Ref(string kind, string text, string? space) =>
        EntityRef.TryParse(text, kind, space ?? EntityRef.DefaultNamespace, out var which) && which.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase) ? which : null;

    private static bool Exists(string environment, IEntityStore entities) => environment.Length > 0 && entities.Find(EntityRef.Of(Kinds.Environment, environment)) is not null;

    /// <summary>A component's owners, a team's members, and for the organisation administrators only.</summary>
    private static Error? Refuse(Caller caller, Verb verb, SecretScope scope, Entity? subject)
    {
        if (subject is null)
        {
            return caller.Refuse(verb) ?? (caller.Role == Role.Admin ? null : new OrganisationForAdministrators(caller.User, verb.Sentence));
        }

        // A team is its members' own, whoever the catalogue says looks after the group.
        return caller.Refuse(verb, scope.IsTeam ? subject with { Relations = [new Relation("ownedBy", subject.Ref)] } : subject);
    }
}
