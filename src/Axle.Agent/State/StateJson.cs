using System.Text.Json;
using System.Text.Json.Serialization;
using Axle.Agent.Jobs;
using Axle.Agent.Runs;
using Axle.Agent.Workloads;

namespace Axle.Agent.State;

/// <summary>How the agent writes its own state.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(WorkloadRecord))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(AgentStarted))]
[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class StateJson : JsonSerializerContext;

/// <summary>What <c>run/agent.json</c> says once the agent is ready.</summary>
internal sealed record AgentStarted(int Pid, int Port, DateTimeOffset StartedAt, string Version);
