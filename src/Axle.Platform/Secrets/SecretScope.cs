using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>
/// Whose a secret is, as a path: <c>organisation</c>, <c>team/&lt;namespace&gt;/&lt;group&gt;</c>,
/// <c>component/&lt;namespace&gt;/&lt;name&gt;</c> with <c>/&lt;environment&gt;</c> for one of them, and
/// <c>own/&lt;kind&gt;/&lt;namespace&gt;/&lt;name&gt;</c> for credentials that the platform made and nobody else reads.
/// </summary>
internal readonly record struct SecretScope(string Path)
{
    private const string OwnHead = "own";

    public static SecretScope Organisation { get; } = new("organisation");

    /// <summary>The group or component that the path is about; null for the organisation.</summary>
    public EntityRef? Subject => Path.Split('/') switch
    {
        ["team", var space, var name] => new EntityRef(Kinds.Group, space, name),
        ["component", var space, var name, ..] => new EntityRef(Kinds.Component, space, name),
        [OwnHead, var kind, var space, var name] => new EntityRef(kind, space, name),
        _ => null,
    };

    public string? Environment => Path.Split('/') is ["component", _, _, var environment] ? environment : null;

    /// <summary>Holds credentials that only the platform reads.</summary>
    public bool IsOwn => Path.StartsWith(OwnHead + "/", StringComparison.Ordinal);

    public bool IsTeam => Path.StartsWith("team/", StringComparison.Ordinal);

    /// <summary>As a sentence names it.</summary>
    public string Words => Subject is not { } subject ? "the organisation" : IsTeam ? $"team {subject.Name}" : Environment is { } environment ? $"{subject.Name} in {environment}" : IsOwn ? subject.Short : subject.Name;

    /// <summary>The options that name it on the command line.</summary>
    public string Options => Subject is not { } subject ? "--organisation" : IsTeam ? $"--team {subject.Name}" : Environment is { } environment ? $"-c {subject.Name} -e {environment}" : $"-c {subject.Name}";

    public static SecretScope Team(EntityRef group) => new($"team/{group.Namespace}/{group.Name}");

    public static SecretScope Component(EntityRef component, string? environment = null) =>
        new($"component/{component.Namespace}/{component.Name}{(environment is null ? "" : "/" + environment.ToLowerInvariant())}");

    public static SecretScope Own(EntityRef owner) => new($"{OwnHead}/{owner.Kind}/{owner.Namespace}/{owner.Name}");

    public override string ToString() => Path;
}
