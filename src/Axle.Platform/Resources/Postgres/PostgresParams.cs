using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Postgres;

/// <summary>What a workload can ask of its database.</summary>
/// <param name="Extensions">Installed in it.</param>
/// <param name="ConnectionsMax">Open at once in the server, all users together.</param>
/// <param name="StatementTimeoutSeconds">After which a statement is ended; 0 is never.</param>
/// <param name="Locale">Of sorting and case; cannot be changed in place.</param>
/// <param name="Pooling">Through PgBouncer: <c>session</c> or <c>transaction</c>; null is without.</param>
internal sealed partial record PostgresParams(IReadOnlyList<string> Extensions, int ConnectionsMax, int StatementTimeoutSeconds, string Locale, string? Pooling)
{
    public const int ConnectionsDefault = 50;
    public const string LocaleDefault = "C.UTF-8";

    private const int ConnectionsMost = 190;
    private const int ConnectionsPooled = 2 * PostgresPools.PoolSize;
    private static readonly string[] s_names = ["extensions", "connectionsMax", "statementTimeoutSeconds", "locale", "pooling"];

    public static Result<PostgresParams> Read(ResourceClaimSpec claim)
    {
        var problems = new List<Problem>();
        var given = claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().ToDictionary(one => one.Name, one => one.Value) : [];
        problems.AddRange(given.Keys.Except(s_names).Select(name => new Problem($"is no param of postgres; there are {string.Join(", ", s_names)}", Path: $"params.{name}")));

        var extensions = new List<string>();
        if (given.TryGetValue("extensions", out var list))
        {
            foreach (var one in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [])
            {
                if (one.ValueKind == JsonValueKind.String && Extension().IsMatch(one.GetString()!))
                {
                    extensions.Add(one.GetString()!);
                }
                else
                {
                    problems.Add(new Problem($"{Field.Shorten(one.GetRawText())} is no name of an extension", Path: "params.extensions"));
                }
            }

            if (list.ValueKind != JsonValueKind.Array)
            {
                problems.Add(new Problem("must be a list of names, as in [pgcrypto, citext]", Path: "params.extensions"));
            }
        }

        var locale = Text("locale", LocaleDefault);
        if (!LocaleName().IsMatch(locale!))
        {
            problems.Add(new Problem("is no locale, as in C.UTF-8 or en_US.UTF-8", Path: "params.locale"));
        }

        var pooling = Text("pooling", null);
        if (pooling is not (null or "session" or "transaction"))
        {
            problems.Add(new Problem("must be session or transaction", Path: "params.pooling"));
        }

        var connections = Number("connectionsMax", ConnectionsDefault, 1, ConnectionsMost);
        if (pooling is not null && connections < ConnectionsPooled)
        {
            problems.Add(new Problem($"must be at least {ConnectionsPooled} with pooling: they are the pooler's then, {PostgresPools.PoolSize} for each of two users", Path: "params.connectionsMax"));
        }

        var read = new PostgresParams([.. extensions.Distinct().Order(StringComparer.Ordinal)], connections, Number("statementTimeoutSeconds", 0, 0, 86_400), locale!, pooling);
        return problems.Count > 0 ? new ParamsInvalid(claim.Uid, problems) : read;

        int Number(string name, int otherwise, int least, int most)
        {
            if (!given.TryGetValue(name, out var value))
            {
                return otherwise;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
            {
                return number;
            }

            problems.Add(new Problem($"must be a number from {least} to {most}", Path: $"params.{name}"));
            return otherwise;
        }

        string? Text(string name, string? otherwise)
        {
            if (!given.TryGetValue(name, out var value))
            {
                return otherwise;
            }

            if (value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }

            problems.Add(new Problem("must be text", Path: $"params.{name}"));
            return otherwise;
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex Extension();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.@-]{0,62}\z")]
    private static partial Regex LocaleName();
}
