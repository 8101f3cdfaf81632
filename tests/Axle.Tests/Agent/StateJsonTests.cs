using System.Text.Json;
using Axle.Agent.State;
using Axle.Agent.Workloads;

namespace Axle.Tests.Agent;

public sealed class StateJsonTests
{
    [Fact]
    public void What_an_older_version_did_not_write_is_empty_and_not_null()
    {
        var record = JsonSerializer.Deserialize<WorkloadRecord>(
            """{"wanted":{"id":"orders.staging","revision":"r1","release":"v1","artifactFolder":"/x","groups":[{"name":"web","kind":"Web"}]},"rollout":{"revision":"r1","stage":"Start","startedAt":"2026-11-23T00:00:00Z"}}""",
            StateJson.Options)!;

        Assert.Empty(record.Instances);
        Assert.Empty(record.Crons);
        Assert.Empty(record.Runs);
        Assert.Empty(record.Wanted.Hosts);
        Assert.Equal(30, record.Wanted.DrainTimeoutSeconds);
        Assert.Equal(1, Assert.Single(record.Wanted.Groups).Instances);
        Assert.Equal(Stage.Start, record.Rollout.Stage);
    }
}
