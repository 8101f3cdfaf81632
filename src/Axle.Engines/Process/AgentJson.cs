using System.Text.Json;
using System.Text.Json.Serialization;
using Axle.Contracts;

namespace Axle.Engines.Process;

/// <summary>How the agent's API writes JSON; the agent and <see cref="ProcessEngine"/> share it.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkloadSpec))]
[JsonSerializable(typeof(WorkloadStatus))]
[JsonSerializable(typeof(List<WorkloadStatus>))]
[JsonSerializable(typeof(JobSpec))]
[JsonSerializable(typeof(JobStatus))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(LogQuery))]
[JsonSerializable(typeof(ExecSpec))]
[JsonSerializable(typeof(ExecInput))]
[JsonSerializable(typeof(ExecOutput))]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(VolumeSize))]
[JsonSerializable(typeof(AgentRefusal))]
[JsonSerializable(typeof(string))]
public sealed partial class AgentJson : JsonSerializerContext;

/// <summary>What the agent says when it refuses; status 400, 404 or 409.</summary>
public sealed record AgentRefusal(string Message);

/// <summary>One piece of standard input on its way to an exec; the item without data ends the input.</summary>
/// <param name="Data">Base64.</param>
public sealed record ExecInput(string? Data);
