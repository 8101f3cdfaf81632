using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Resources.Postgres;

/// <summary>What a workload can ask of its database.</summary>
/// <param name="Extensions">Installed in it.</param>
/// <param name="ConnectionsMax">Open at once in the server, all users together.</param>
/// <param name="StatementTimeoutSeconds">After which a statement is ended; 0 is never.</param>
/// <param name="Locale">Of sorting and case; cannot be changed in place.</param>
/// <param name="Pooling">Through PgBouncer: <c>session</c> or <c>transaction</c>; null is without.</param>
internal sealed partial record PostgresParams(IReadOnlyList<string> Extensions, int ConnectionsMax, int StatementTimeoutSeconds, string Locale, string? Pooling)
{
    private const int ConnectionsDefault = 50;
    private const string LocaleDefault = "C.UTF-8";
    private const int ConnectionsMost = 190;
    private const int ConnectionsPooled = 2 * PostgresPools.PoolSize;
    private const int TimeoutMost = 86_400;

    public static Result<PostgresParams> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, "postgres");
        var read = new PostgresParams(
            given.Set("extensions", Extension().IsMatch, "is no name of an extension", "must be a list of names, as in [pgcrypto, citext]"),
            given.Number("connectionsMax", ConnectionsDefault, 1, ConnectionsMost),
            given.Number("statementTimeoutSeconds", 0, 0, TimeoutMost),
            given.Text("locale", LocaleDefault, LocaleName().IsMatch, "is no locale, as in C.UTF-8 or en_US.UTF-8")!,
            given.Text("pooling", null, PostgresPools.Modes.Contains, "must be session or transaction"));
        if (read.Pooling is not null && read.ConnectionsMax < ConnectionsPooled)
        {
            given.Refuse("connectionsMax", $"must be at least {ConnectionsPooled} with pooling: they are the pooler's then, {PostgresPools.PoolSize} for each of two users");
        }

        return given.Done(read);
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex Extension();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.@-]{0,62}\z")]
    private static partial Regex LocaleName();
}
