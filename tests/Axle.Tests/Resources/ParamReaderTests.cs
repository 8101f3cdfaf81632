using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Amqp;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Nats;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Redis;

namespace Axle.Tests.Resources;

/// <summary>What people can ask of the built-in types, and what they are told when they ask for something else.</summary>
public sealed class ParamReaderTests
{
    public static TheoryData<string, string, string> Right => new()
    {
        // type       params                                                                    what is read
        { "amqp",     "null",                                                                   "200 1000" },
        { "amqp",     """{"connectionsMax": 1, "queuesMax": 10000}""",                          "1 10000" },
        { "nats",     "{}",                                                                     "1073741824 67108864 1048576" },
        { "nats",     """{"maxStorage": 0, "maxMemory": "0", "maxPayload": "1Ki"}""",           "0 0 1024" },
        { "redis",    "{}",                                                                     "134217728 noeviction True" },
        { "redis",    """{"maxMemory": 1048576, "eviction": "volatile-ttl", "persistent": false}""", "1048576 volatile-ttl False" },
        { "mariadb",  "{}",                                                                     "utf8mb4_unicode_ci 50 0" },
        { "mariadb",  """{"collation": "latin1_bin", "statementTimeoutSeconds": 86400}""",      "latin1_bin 50 86400" },
        { "postgres", "{}",                                                                     " 50 0 C.UTF-8 none" },
        { "postgres", """{"extensions": ["pg_trgm", "citext", "pg_trgm"], "pooling": "session"}""", "citext,pg_trgm 50 0 C.UTF-8 session" },
    };

    public static TheoryData<string, string, string[]> Wrong => new()
    {
        { "amqp",     """{"connectionsMax": 2001}""",                     ["params.connectionsMax: must be a number from 1 to 2000"] },
        { "amqp",     """{"connectionsMax": "5", "queuesMax": 1.5}""",    ["params.connectionsMax: must be a number from 1 to 2000", "params.queuesMax: must be a number from 1 to 10000"] },
        { "amqp",     """{"queues": 1}""",                                ["params.queues: is no param of amqp; there are connectionsMax, queuesMax"] },
        { "nats",     """{"maxPayload": 0}""",                            ["params.maxPayload: must be an amount from 1Ki to 64Mi, as in \"1Mi\""] },
        { "nats",     """{"maxStorage": "-1"}""",                         ["params.maxStorage: must be an amount up to 1Ti, as in \"1Gi\"; 0 is without JetStream"] },
        { "redis",    """{"maxMemory": "0"}""",                           ["params.maxMemory: must be an amount of memory from 1Mi to 64Gi, as in \"256Mi\""] },
        { "redis",    """{"persistent": "true"}""",                       ["params.persistent: must be true or false"] },
        { "redis",    """{"eviction": true}""",                           ["params.eviction: must be one of noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, volatile-random, volatile-ttl"] },
        { "mysql",    """{"collation": "x; DROP", "size": 1}""",          ["params.collation: must be the name of a collation, as in utf8mb4_unicode_ci", "params.size: is no param of mysql; there are collation, connectionsMax, statementTimeoutSeconds"] },
        { "postgres", """{"extensions": ["citext", "Bad\"", 5]}""",      ["params.extensions: \"Bad\\\"\" is no name of an extension", "params.extensions: 5 is no name of an extension"] },
        { "postgres", """{"extensions": "citext"}""",                     ["params.extensions: must be a list of names, as in [pgcrypto, citext]"] },
        { "postgres", """{"locale": "C'"}""",                             ["params.locale: is no locale, as in C.UTF-8 or en_US.UTF-8"] },
        { "postgres", """{"pooling": "statement"}""",                     ["params.pooling: must be session or transaction"] },
        { "postgres", """{"pooling": "session", "connectionsMax": 39}""", ["params.connectionsMax: must be at least 40 with pooling: they are the pooler's then, 20 for each of two users"] },
    };

    [Theory, MemberData(nameof(Right))]
    public void What_is_not_asked_for_has_its_default(string type, string asked, string expected) => Assert.Equal(expected, Read(type, asked).Value);

    [Theory, MemberData(nameof(Wrong))]
    public void Everything_that_is_wrong_is_said_at_once(string type, string asked, string[] expected) =>
        Assert.Equal(expected, Assert.IsType<ParamsInvalid>(Read(type, asked).Error).Problems.Select(problem => problem.ToString()));

    private static Result<string> Read(string type, string asked)
    {
        var claim = new ResourceClaimSpec
        {
            Uid = $"{type}.default#x",
            Type = type,
            Environment = EntityRef.Of(Kinds.Environment, "staging"),
            Params = JsonSerializer.Deserialize<JsonElement>(asked),
        };
        return type switch
        {
            "amqp" => Shown(AmqpParams.Read(claim), read => $"{read.ConnectionsMax} {read.QueuesMax}"),
            "nats" => Shown(NatsParams.Read(claim), read => $"{read.StreamBytes} {read.MemoryBytes} {read.PayloadBytes}"),
            "redis" => Shown(RedisParams.Read(claim), read => $"{read.MemoryBytes} {read.Eviction} {read.Persistent}"),
            "postgres" => Shown(PostgresParams.Read(claim), read => $"{string.Join(',', read.Extensions)} {read.ConnectionsMax} {read.StatementTimeoutSeconds} {read.Locale} {read.Pooling ?? "none"}"),
            _ => Shown(MariaParams.Read(claim), read => $"{read.Collation} {read.ConnectionsMax} {read.StatementTimeoutSeconds}"),
        };
    }

    private static Result<string> Shown<T>(Result<T> read, Func<T, string> show) => read.TryGet(out var value, out var error) ? show(value) : error;
}
