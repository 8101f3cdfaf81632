using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>
/// What other capabilities may do with secrets. Values leave this folder as <see cref="SecretValue"/> only, which never
/// prints itself; people read values by a verb of their own, which is audited.
/// </summary>
public interface ISecrets
{
    /// <summary>Why no value can be read or written now (the master key is missing or wrong); null when all is well.</summary>
    Error? Sealed { get; }

    /// <summary>
    /// Everything that a component's workload may read in an environment, by name: of the organisation, its team, the component,
    /// and the component in this environment; the more specific wins. From memory.
    /// </summary>
    Result<IReadOnlyDictionary<string, SecretValue>> For(EntityRef component, string environment);

    /// <summary>Keeps the platform's own credential of a thing (a resource claim); only the platform reads it. The version begins as <c>pending</c>.</summary>
    /// <param name="owner">The thing it belongs to; its Secret entity is related to it.</param>
    /// <param name="name">Which of its credentials, for instance <c>login</c>.</param>
    /// <param name="version">Its number. Keeping a version that is there already changes nothing: what was kept first stays.</param>
    /// <returns>What is kept, which after a crash is the value of the first try.</returns>
    Task<Result<SecretValue>> KeepAsync(EntityRef owner, string name, int version, SecretValue value, CancellationToken stop);

    /// <summary>A version of the platform's own credential; null is the current one. Null when there is none.</summary>
    Result<OwnSecret?> Own(EntityRef owner, string name, int? version = null);

    /// <summary>Makes a kept version the current one; the one before becomes <c>previous</c>. Durable when it returns; again changes nothing.</summary>
    Task PublishAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop);

    /// <summary>Destroys the value of one version for good; its number and dates stay for the record.</summary>
    Task DestroyAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop);

    /// <summary>Forgets all credentials of a thing that is gone.</summary>
    Task ForgetAsync(EntityRef owner, string actor, CancellationToken stop);

    /// <summary>Every secret value in a text replaced by a mark. Cheap: for each line that a log takes in.</summary>
    string Redact(string text);

    /// <summary>A short digest that tells nothing about what it was made of to whoever has not this platform's key; the same across restarts and rotations of the master key.</summary>
    string Fingerprint(ReadOnlySpan<byte> content);
}

/// <summary>A value that is never printed, logged or serialized by accident.</summary>
public sealed class SecretValue(string value) : IEquatable<SecretValue>
{
    /// <summary>The value itself. Whoever asks for it keeps it out of logs, errors, arguments and addresses.</summary>
    public string Reveal() => value;

    public bool Equals(SecretValue? other) => other is not null && other.Reveal() == value;

    public override bool Equals(object? obj) => Equals(obj as SecretValue);

    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "••••••";
}

/// <param name="Version">Counts from 1.</param>
/// <param name="State">See <see cref="SecretStates"/>.</param>
public sealed record OwnSecret(int Version, string State, SecretValue Value, DateTimeOffset CreatedAt);

/// <summary>What a version of a secret can be. Exactly one is current.</summary>
public static class SecretStates
{
    public const string Pending = "pending";
    public const string Current = "current";

    /// <summary>Was current; can be rolled back to.</summary>
    public const string Previous = "previous";

    /// <summary>Its value is gone for good.</summary>
    public const string Destroyed = "destroyed";
}
