using Axle.Contracts;

namespace Axle.Entities;

/// <summary>
/// The database cannot do its work: full disk, no rights, damage, wrong version. Not a refusal of what was asked but a lost
/// dependency, so it is thrown; <see cref="Error"/> is the same for a client.
/// </summary>
public sealed class StoreException(string code, string message, string next, int status, Exception? inner = null)
    : Exception($"{message} {next}", inner)
{
    /// <summary>What a door answers: 507 for a full disk, 503 for the rest.</summary>
    public Error Error { get; } = new(code, message, next, status);
}

/// <summary>A watch began at a revision whose changes are not, or not all, in the log any more. Read everything anew, then watch from there.</summary>
public sealed class RevisionGoneException(long revision, long oldest, long newest)
    : Exception($"Changes after revision {revision} cannot be given without a gap: the log has them from {oldest} to {newest}. Read the entities again, then watch from the newest revision.")
{
    /// <summary>The revision that was asked for.</summary>
    public long Revision { get; } = revision;
}
