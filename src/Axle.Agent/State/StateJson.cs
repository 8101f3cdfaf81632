using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Axle.Agent.State;

/// <summary>
/// How the agent writes its own state. By reflection: generated code gives null to a list that an older version did not
/// write, where a record's initializer says that it is empty.
/// </summary>
internal static class StateJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}

/// <summary>What <c>run/agent.json</c> says once the agent is ready.</summary>
internal sealed record AgentStarted(int Pid, int Port, DateTimeOffset StartedAt, string Version);
