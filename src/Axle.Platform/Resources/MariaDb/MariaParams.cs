using System.Globalization;
using System.Text.Json;
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
    private static readonly string[] s_names = ["collation", "connectionsMax", "statementTimeoutSeconds"];

    public static MariaParams Default { get; } = new("utf8mb4_unicode_ci", 50, 0);

    public static Result<MariaParams> Read(ResourceClaimSpec claim)
    {
        var problems = new List<Problem>();
        var read = Default;
        foreach (var given in claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().ToList() : [])
        {
            var number = given.Value.ValueKind == JsonValueKind.Number && given.Value.TryGetInt32(out var whole) ? whole : -1;
            switch (given.Name)
            {
                case "collation" when given.Value.ValueKind == JsonValueKind.String && CollationName().IsMatch(given.Value.GetString()!):
                    read = read with { Collation = given.Value.GetString()! };
                    break;
                case "connectionsMax" when number is >= 1 and <= ConnectionsMost:
                    read = read with { ConnectionsMax = number };
                    break;
                case "statementTimeoutSeconds" when number is >= 0 and <= TimeoutMost:
                    read = read with { StatementTimeoutSeconds = number };
                    break;
                default:
                    problems.Add(new Problem(Expected(given.Name, claim.Type), Path: $"params.{given.Name}"));
                    break;
            }
        }

        return problems.Count > 0 ? new ParamsInvalid(claim.Uid, problems) : read;
    }

    private static string Expected(string name, string type) => name switch
    {
        "collation" => "must be the name of a collation, as in utf8mb4_unicode_ci",
        "connectionsMax" => string.Create(CultureInfo.InvariantCulture, $"must be a number from 1 to {ConnectionsMost}"),
        "statementTimeoutSeconds" => string.Create(CultureInfo.InvariantCulture, $"must be a number from 0 to {TimeoutMost}"),
        _ => $"is no param of {type}; there are {string.Join(", ", s_names)}",
    };

    [GeneratedRegex(@"^[a-z][a-z0-9_]{1,62}\z")]
    private static partial Regex CollationName();
}
