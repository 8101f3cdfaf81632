using Axle.Platform.Secrets.Stores;

namespace Axle.Platform.Secrets;

/// <summary>A secret as the store has it in memory.</summary>
internal sealed record StoredSecret(SecretScope Scope, string Name)
{
    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredVersion> Versions { get; init; } = [];

    /// <summary>Scopes of teams and components that are given it too.</summary>
    public IReadOnlyList<SecretScope> Shares { get; init; } = [];

    /// <summary>Set while it is unset, but can be restored.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    public string? RemovedBy { get; init; }

    /// <summary>Where its values are fetched from; null when people set them.</summary>
    public RemoteReference? From { get; init; }

    public bool Removed => RemovedAt is not null;

    public StoredVersion? Current => Versions.FirstOrDefault(version => version.State == SecretStates.Current);

    public StoredVersion? Version(int number) => Versions.FirstOrDefault(version => version.Number == number);
}

/// <param name="Value">Null when it was destroyed or does not open.</param>
internal sealed record StoredVersion(int Number, string State, DateTimeOffset CreatedAt, string CreatedBy, SecretValue? Value)
{
    /// <summary>What is on the disk is not what was written there.</summary>
    public bool Broken => Value is null && State != SecretStates.Destroyed;
}
