namespace Axle.Entities;

/// <summary>Checks that nobody changed history.</summary>
public interface ILogAudit
{
    /// <summary>Reads the whole log and reports the first row that does not fit the rows before it.</summary>
    Task<LogCheck> VerifyAsync(CancellationToken stop = default);
}

/// <summary>What <see cref="ILogAudit.VerifyAsync"/> found.</summary>
/// <param name="Rows">Rows looked at.</param>
/// <param name="Pruned">Rows whose content was dropped by retention; their place in the chain is verified all the same.</param>
/// <param name="FirstBroken">The revision of the first row that does not fit, or null.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record LogCheck(long Rows, long Pruned, long? FirstBroken, string? Problem)
{
    public bool Intact => Problem is null;
}
