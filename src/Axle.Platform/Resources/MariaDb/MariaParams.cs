using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>What a workload can ask of its MariaDB database.</summary>
/// <param name="Collation">Of tables that do not say otherwise; its character set comes with it.</param>
/// <param name="ConnectionsMax">Open at once, of each of the two users.</param>
/// <param name="StatementTimeoutSeconds">After which a statement is ended; 0 is never.</param>
internal sealed partial record MariaParams(string Collation, int ConnectionsMax, int StatementTimeoutSeconds)
{
    private const int ConnectionsMost = 190;
    private const int TimeoutMost = 86_400;

    public static MariaParams Default { get; } = new("utf8mb4_unicode_ci", 50, 0);

    public static Result<MariaParams> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, claim.Type);
        return given.Done(new MariaParams(
            given.Text("collation", Default.Collation, CollationName().IsMatch, "must be the name of a collation, as in utf8mb4_unicode_ci")!,
            given.Number("connectionsMax", Default.ConnectionsMax, 1, ConnectionsMost),
            given.Number("statementTimeoutSeconds", Default.StatementTimeoutSeconds, 0, TimeoutMost)));
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{1,62}\z")]
    private static partial Regex CollationName();
}
