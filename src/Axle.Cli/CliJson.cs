using System.Text.Json.Serialization;
using Axle.Cli.Configuration;
using Axle.Cli.Machine;
using Axle.Cli.Verbs;
using Axle.Contracts;

namespace Axle.Cli;

/// <summary>The CLI's own documents, source-generated like the contracts.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CliConfig))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(Ports))]
[JsonSerializable(typeof(List<ComponentView>))]
[JsonSerializable(typeof(List<LogLine>))]
[JsonSerializable(typeof(PlatformStatus))]
[JsonSerializable(typeof(ExecRequest))]
[JsonSerializable(typeof(ExecEvent))]
[JsonSerializable(typeof(ExitEvent))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(DemoResult))]
[JsonSerializable(typeof(UpResult))]
[JsonSerializable(typeof(List<DoctorCheck>))]
[JsonSerializable(typeof(VersionView))]
[JsonSerializable(typeof(OpenView))]
[JsonSerializable(typeof(List<InstanceRow>))]
[JsonSerializable(typeof(EntitySpecs.Group))]
[JsonSerializable(typeof(WithConditions))]
[JsonSerializable(typeof(Dictionary<string, System.Text.Json.JsonElement>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(LocationRegistered))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(LocationVerbs.LocationView))]
[JsonSerializable(typeof(List<LocationVerbs.LocationView>))]
[JsonSerializable(typeof(List<Problem>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ErrorView))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>How a refusal is written with <c>--output json</c>, on standard error.</summary>
internal sealed record ErrorView(string Code, string Message, string? Next, IReadOnlyList<Problem>? Problems);
