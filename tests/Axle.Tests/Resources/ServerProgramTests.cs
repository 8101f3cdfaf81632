using System.Text.Json;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Servers;

namespace Axle.Tests.Resources;

public sealed class ServerProgramTests
{
    /// <summary>Whatever is written differently here is another revision: every server of every platform would restart with the upgrade.</summary>
    [Fact]
    public void What_the_engine_is_told_of_a_server_stays_the_same_to_the_letter()
    {
        var program = new ServerProgram("pgbouncer", 256L << 20, ServerWorkloads.Listens(17_000))
        {
            Release = "v15",
            Arguments = ["serve"],
            Variables = new Dictionary<string, string> { ["PORT"] = "17000", ["MODE"] = "session" },
            Files = [new FileSpec("/run/secrets/users", "bm8=", "0400")],
            Redact = ["no"],
            StartSeconds = 120,
            StopSeconds = 60,
            StopSignal = "SIGINT",
        };
        const string Told = """
            {
              "id": "resource--pgbouncer-session.staging", "revision": "", "release": "v15", "artifactFolder": "/scripts", "hosts": [],
              "groups": [{
                "name": "server", "kind": 1, "instances": 1, "ports": [],
                "containers": [{
                  "name": "pgbouncer",
                  "command": ["/bin/sh", "pgbouncer.sh", "serve"],
                  "workingFolder": "",
                  "variables": { "PORT": "17000", "MODE": "session" },
                  "files": [{ "target": "/run/secrets/users", "content": "bm8=", "mode": "0400" }],
                  "volumes": [{ "target": "/data", "source": "data", "readOnly": false }],
                  "limits": { "memoryBytes": 268435456 },
                  "readiness": { "exec": ["/bin/bash", "-c", ": <\u0022/dev/tcp/127.0.0.1/$1\u0022", "listens", "17000"], "periodSeconds": 5, "timeoutSeconds": 5, "failures": 3 },
                  "before": {}
                }]
              }],
              "stopped": false, "startTimeoutSeconds": 120, "drainTimeoutSeconds": 30, "stopTimeoutSeconds": 60, "stopSignal": "SIGINT", "redact": ["no"]
            }
            """;
        var told = JsonSerializer.Serialize(program.Workload("resource--pgbouncer-session.staging", "/scripts"), EntityJson.Options);
        Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(Told), EntityJson.Options), told);
    }
}
