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

internal sealed record ComponentUnknown(EntityRef Component)
    : Error("secrets.component_unknown", $"There is no {Component.Short}.", "axle get components", 404);

internal sealed record TeamUnknown(EntityRef Team)
    : Error("secrets.team_unknown", $"There is no {Team.Short}.", "axle get groups", 404);

internal sealed record EnvironmentUnknown(string Environment)
    : Error("secrets.environment_unknown", $"There is no environment '{SafePath.Shown(Environment)}'.", "axle env list", 404);

internal sealed record SharedByOther(string Name, SecretScope Target, SecretScope Other)
    : Error("secrets.share_taken", $"{Target.Words} is given {Name} by {Other.Words} already.", $"axle secret unshare {Name} {Other.Options}, or give one of them another name", 409);
