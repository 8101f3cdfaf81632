using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Secrets;

/// <summary>
/// What people see and ask of secrets, for doors inside this process: the same verbs as the API's, with the same rights.
/// Values go in only; nothing here gives one back.
/// </summary>
public interface ISecretDesk
{
    /// <summary>Why nothing can be read or written now; null when all is well.</summary>
    Error? Sealed { get; }

    /// <summary>Secrets by scope and name; of a component also those that it is given by others. An empty address is all.</summary>
    Result<IReadOnlyList<SecretView>> List(SecretAddress address);

    /// <summary>One secret, with its versions (newest first) and the newest lines of its record.</summary>
    Result<SecretRecord> Find(string name, SecretAddress address);

    /// <summary>Null when the caller may change secrets there; otherwise why not.</summary>
    Error? Refuse(SecretAddress address, Caller caller);

    Task<Result<SecretView>> SetAsync(string name, SecretAddress address, string value, Caller caller, CancellationToken stop);

    /// <summary>A new random value.</summary>
    Task<Result<SecretView>> RotateAsync(string name, SecretAddress address, Caller caller, CancellationToken stop);

    /// <summary>Back to a version; null is the one before.</summary>
    Task<Result<SecretView>> RollBackAsync(string name, SecretAddress address, int? version, Caller caller, CancellationToken stop);

    /// <summary>Takes it away; for a while it can be restored.</summary>
    Task<Result<SecretView>> UnsetAsync(string name, SecretAddress address, Caller caller, CancellationToken stop);

    Task<Result<SecretView>> RestoreAsync(string name, SecretAddress address, Caller caller, CancellationToken stop);
}

/// <summary>All that is to know of one secret, but for its values.</summary>
/// <param name="Options">The options that name its scope on the command line.</param>
public sealed record SecretRecord(SecretView View, string Options, IReadOnlyList<SecretVersion> Versions, IReadOnlyList<SecretUse> Uses);
