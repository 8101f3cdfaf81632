using Axle.Contracts;

namespace Axle.Platform.Ownership;

/// <summary>For work that goes on after the request that began it.</summary>
public interface ICallers
{
    /// <summary>The user with the rights that they have now; null when the catalogue has no such user any more.</summary>
    /// <param name="scopes">What their token was limited to when they asked.</param>
    Caller? Of(EntityRef user, IReadOnlyList<string> scopes);
}
