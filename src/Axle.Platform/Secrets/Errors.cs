using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Secrets;

internal sealed record NameRefused(string Name)
    : Error("secrets.name", $"'{SafePath.Shown(Name)}' cannot name a secret: use 1 to {SecretNames.NameMax} letters, digits and underscores, not beginning with a digit.", "Choose a name that works as an environment variable, as in DATABASE_PASSWORD.", 422);

internal sealed record ValueRefused(string Name, string Why, string Advice)
    : Error("secrets.value", $"The value of {Name} {Why}.", Advice, 422);

internal sealed record CaseClash(string Name, string Known, SecretScope Scope)
    : Error("secrets.case", $"{Scope.Words} has the secret {Known} already, which differs from {Name} by upper and lower case only.", $"axle secret set {Known} {Scope.Options}", 409);

internal sealed record SecretUnknown(string Name, SecretScope Scope)
    : Error("secrets.unknown", $"There is no secret {SafePath.Shown(Name)} of {Scope.Words}.", $"axle secret list {Scope.Options}", 404);

internal sealed record SecretRemoved(string Name, SecretScope Scope)
    : Error("secrets.removed", $"The secret {Name} of {Scope.Words} is unset.", $"axle secret restore {Name} {Scope.Options}", 409);

internal sealed record SecretNotRemoved(string Name, SecretScope Scope)
    : Error("secrets.not_removed", $"The secret {Name} of {Scope.Words} is not unset, so there is nothing to restore.", $"axle secret versions {Name} {Scope.Options}", 409);

internal sealed record VersionUnknown(string Name, int Version, SecretScope Scope)
    : Error("secrets.version_unknown", $"{Name} of {Scope.Words} has no version {Version}.", Scope.IsOwn ? null : $"axle secret versions {Name} {Scope.Options}", 404);

internal sealed record VersionDestroyed(string Name, int Version, SecretScope Scope)
    : Error("secrets.version_destroyed", $"Version {Version} of {Name} of {Scope.Words} was destroyed; its value is gone for good.", Scope.IsOwn ? null : $"axle secret set {Name} {Scope.Options}", 409);

internal sealed record NoPrevious(string Name, SecretScope Scope)
    : Error("secrets.no_previous", $"{Name} of {Scope.Words} has no earlier version to go back to.", $"axle secret versions {Name} {Scope.Options}", 409);

/// <summary>A row was changed, moved or cut off outside of Axle.</summary>
internal sealed record SecretUnreadable(string Name, int Version, SecretScope Scope)
    : Error("secrets.unreadable", $"Version {Version} of {Name} of {Scope.Words} does not open: what is stored is not what was written.", Scope.IsOwn ? "Restore secrets.db from a backup." : $"axle secret set {Name} {Scope.Options}, or restore secrets.db from a backup", 500);

internal sealed record ComponentUnknown(string Component)
    : Error("secrets.component_unknown", $"There is no component '{SafePath.Shown(Component)}'.", "axle get components", 404)
{
    public ComponentUnknown(EntityRef component)
        : this(component.ToString())
    {
    }
}

internal sealed record TeamUnknown(string Team)
    : Error("secrets.team_unknown", $"There is no team '{SafePath.Shown(Team)}'.", "axle get groups", 404);

internal sealed record EnvironmentUnknown(string Environment)
    : Error("secrets.environment_unknown", $"There is no environment '{SafePath.Shown(Environment)}'.", "axle env list", 404);

internal sealed record SharedByOther(string Name, SecretScope Target, SecretScope Other)
    : Error("secrets.share_taken", $"{Target.Words} is given {Name} by {Other.Words} already.", $"axle secret unshare {Name} {Other.Options}, or give one of them another name", 409);

internal sealed record ScopeUnclear()
    : Error("secrets.scope", "It is not clear whose secret is meant.", "Name one of -c COMPONENT (with -e ENVIRONMENT for one environment), --team TEAM, or --organisation.", 400);

internal sealed record OrganisationForAdministrators(EntityRef User, string What)
    : Error("secrets.organisation", $"{User.Short} may not {What} of the organisation: they are administrators'.", "Use --team or -c, or ask an administrator.", 403);

internal sealed record ImportRefused(int Count, int CountMax)
    : Error("secrets.import", Count == 0 ? "The file sets nothing." : Count > CountMax ? $"The file sets {Count} secrets; {CountMax} are the most." : "The file cannot be taken; nothing was changed.", "Correct it and import it again.", 422);

internal sealed record LengthRefused(int Length, int Least, int Most)
    : Error("secrets.length", $"A generated value has {Least} to {Most} characters, not {Length}.", "axle secret rotate NAME --length 32", 422);

internal sealed record ShareNeedless(string Name, SecretScope Scope, SecretScope Target)
    : Error("secrets.share_needless", $"{Target.Words} has {Name} of {Scope.Words} already.", $"axle secret list {Target.Options}", 409);

internal sealed record NotShared(string Name, SecretScope Scope, SecretScope Target)
    : Error("secrets.not_shared", $"{Name} of {Scope.Words} is not shared with {Target.Words}.", $"axle secret list {Scope.Options}", 404);

internal sealed record LinkTimeRefused(int Minutes, int MinutesMax)
    : Error("secrets.link_time", $"A link is valid for 1 to {MinutesMax} minutes, not {Minutes}.", "axle secret link NAME --minutes 60", 422);

internal sealed record KeyFromVariable()
    : Error("secrets.key_variable", "The master key comes from AXLE_MASTER_KEY, which only whoever sets it can change.", "Put a new key in front of it, separated by a comma, and restart: everything is closed anew then.", 409);
