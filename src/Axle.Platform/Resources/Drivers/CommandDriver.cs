using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Files;
using Axle.Platform.Processes;
using Axle.Platform.Resources.ProvisionerFiles;
using Axle.Platform.Secrets;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// <c>cmd://</c>: a program that the administrator placed in <c>provisioners/bin</c> of the data folder. It is given JSON and
/// prints JSON, with the fields of Score's commands; <c>action</c> is Axle's own field. Programs that do not say that they
/// know <c>destroy</c> are never called for it, since they would make the thing again.
/// </summary>
internal sealed class CommandDriver(ScoreKeeper keeper, ProgramRunner programs, ISecrets secrets, IWorkloadServices workloads, PlatformOptions options) : IResourceDriver
{
    private const int OutputMax = 1024 * 1024;
    private const int ErrorLinesMax = 10;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(10);

    public string Uri => "cmd://";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) =>
        await keeper.MakeAsync(claim, before => RunAsync(claim, CommandActions.Ensure, before, stop), stop);

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(
        claim.Status.ReadyAt is null ? new Foreseen(ForeseenActions.Create, [$"{claim.Provisioner.Uri} makes it"])
        : SameParams(claim) ? Foreseen.Unchanged
        : new Foreseen(ForeseenActions.Change, [$"{claim.Provisioner.Uri} is run with other params; what it does with them only it knows"]));

    public Task SuspendAsync(Claim claim, CancellationToken stop) => CallAsync(claim, CommandActions.Suspend, forgets: false, stop);

    public Task DestroyAsync(Claim claim, CancellationToken stop) => CallAsync(claim, CommandActions.Destroy, forgets: true, stop);

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

    private async Task CallAsync(Claim claim, string action, bool forgets, CancellationToken stop)
    {
        if (Texts(claim, "actions").Contains(action))
        {
            var run = await keeper.TryAsync(claim, before => RunAsync(claim, action, before, stop), stop);
            if (run.Error is { } error)
            {
                throw new InvalidOperationException($"{error.Message} Next: {error.Next}");
            }
        }

        if (forgets)
        {
            await keeper.ForgetAsync(claim, stop);
        }
    }

    private async Task<Result<ScoreMade>> RunAsync(Claim claim, string action, ScoreBefore before, CancellationToken stop)
    {
        if (!Program(claim).TryGet(out var program, out var error))
        {
            return error;
        }

        var input = JsonSerializer.SerializeToUtf8Bytes(await InputAsync(claim, action, before, stop), EntityJson.Options);
        ProgramEnd end;
        try
        {
            end = await programs.RunAsync(
                new ProgramCall(program, [.. Texts(claim, "args").Select(argument => argument == "<mode>" ? (action == CommandActions.Ensure ? "provision" : action) : argument)])
                {
                    Folder = options.Folder("provisioners"),
                    Input = (stream, cancel) => stream.WriteAsync(input, cancel).AsTask(),
                    OutputMax = OutputMax,
                    TimeMax = s_timeMax,
                },
                stop);
        }
        catch (ProgramMissingException)
        {
            return new ProgramNotThere(Path.GetFileName(program), "a program that can be started", $"chmod +x {program}, and check its first line.");
        }
        catch (TimeoutException)
        {
            return Failed(claim, $"took longer than {s_timeMax.TotalMinutes:0} minutes and was stopped");
        }

        if (!end.Ok)
        {
            return Failed(claim, $"ended with code {end.ExitCode}{Last(end.Errors)}");
        }

        return end.Truncated ? Failed(claim, $"printed more than {OutputMax} bytes") : Read(claim, action, end);
    }

    private Result<string> Program(Claim claim)
    {
        var folder = options.Folder("provisioners", "bin");
        if (!CommandPath.Of(claim.Provisioner.Uri).TryGet(out var name, out var error) || !SafePath.Join(folder, name).TryGet(out var path, out error))
        {
            return error;
        }

        return File.Exists(path) ? path : new ProgramNotThere(name, "in the folder of allowed programs", $"Place it in {folder}, if you trust it.");
    }

    private async Task<JsonObject> InputAsync(Claim claim, string action, ScoreBefore before, CancellationToken stop) => new()
    {
        ["action"] = action,
        ["resource_guid"] = ScoreKeeper.GuidOf(claim),
        ["resource_uid"] = claim.Spec.Uid,
        ["resource_type"] = claim.Spec.Type,
        ["resource_class"] = claim.Spec.Class,
        ["resource_id"] = ScoreIdentity.Id(claim.Spec),
        ["resource_params"] = claim.Spec.Params.ValueKind == JsonValueKind.Object ? JsonObject.Create(claim.Spec.Params) : new JsonObject(),
        ["resource_metadata"] = new JsonObject { ["annotations"] = JsonSerializer.SerializeToNode(claim.Entity.Metadata.Annotations) },
        ["source_workload"] = ScoreIdentity.SourceWorkload(claim.Spec),
        ["workload_metadata"] = new JsonObject(),
        ["workload_services"] = JsonSerializer.SerializeToNode(WorkloadServiceValues.ForCommands(await workloads.InAsync(claim.Spec.Environment, stop))),
        ["resource_state"] = before.State.DeepClone(),
        ["shared_state"] = before.Shared.DeepClone(),
        ["compose_project_name"] = claim.Spec.Environment.Name,
        ["mount_directory_path"] = before.Folder,
        ["namespace"] = "",
        ["environment"] = claim.Spec.Environment.Name,
    };

    private Result<ScoreMade> Read(Claim claim, string action, ProgramEnd end)
    {
        if (action != CommandActions.Ensure)
        {
            // There is nothing to keep of what is gone.
            return new ScoreMade([], [], [], new Dictionary<string, bool>(), new Dictionary<string, string?>());
        }

        JsonObject? json;
        try
        {
            json = JsonNode.Parse(end.Output, documentOptions: new JsonDocumentOptions { MaxDepth = StrictYaml.DepthMax }) as JsonObject;
            json?.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // ArgumentException: a key that is there twice. The text itself may hold secrets and is not repeated.
            json = null;
        }

        if (json is null)
        {
            return Failed(claim, $"printed no JSON object{Last(end.Errors)}");
        }

        string[] known = ["resource_state", "shared_state", "resource_outputs", "relative_directories", "relative_file_contents"];
        string[] foreign = ["manifests", "compose_networks", "compose_volumes", "compose_services", "compose_models"];
        if (json.FirstOrDefault(entry => foreign.Contains(entry.Key) && entry.Value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) is { Key: { } wants })
        {
            return new ProvisionerNotRunnable(claim.Provisioner.Uri, $"It asks for containers or Kubernetes objects ('{wants}'), and this engine runs processes.");
        }

        if (json.FirstOrDefault(entry => !known.Contains(entry.Key) && !foreign.Contains(entry.Key)) is { Key: { } unknown })
        {
            return Failed(claim, $"printed the unknown field '{Field.Shorten(unknown)}'; there are {string.Join(", ", known)}");
        }

        if (json.FirstOrDefault(entry => known.Contains(entry.Key) && entry.Value is not (null or JsonObject)) is { Key: { } wrong })
        {
            return Failed(claim, $"printed '{wrong}' that is no object");
        }

        var folders = Object(json, "relative_directories");
        var files = Object(json, "relative_file_contents");
        if (folders.Any(f => f.Value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)) || files.Any(f => f.Value is not null && f.Value.GetValueKind() != JsonValueKind.String))
        {
            return Failed(claim, "printed a directory that is neither true nor false, or a file that is no text");
        }

        return new ScoreMade(
            Object(json, "resource_state"),
            Object(json, "shared_state"),
            Object(json, "resource_outputs"),
            folders.ToDictionary(f => f.Key, f => f.Value!.GetValue<bool>()),
            files.ToDictionary(f => f.Key, f => f.Value?.GetValue<string>()));
    }

    private static JsonObject Object(JsonObject json, string name) => (JsonObject?)json[name]?.DeepClone() ?? [];

    private static bool SameParams(Claim claim) => JsonElement.DeepEquals(ObjectOf(claim.Spec.Params), ObjectOf(claim.Status.Params));

    private static JsonElement ObjectOf(JsonElement json) => json.ValueKind == JsonValueKind.Object ? json : JsonElement.Parse("{}");

    private static List<string> Texts(Claim claim, string name) =>
        claim.Provisioner.Config.ValueKind == JsonValueKind.Object && claim.Provisioner.Config.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!)]
            : [];

    // The end of what it said says why it failed.
    private string Last(string errors)
    {
        var lines = secrets.Redact(errors).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? " and said nothing on standard error" : $": {string.Join(" | ", lines.TakeLast(ErrorLinesMax))}";
    }

    private static ProvisionerFailed Failed(Claim claim, string what) =>
        new(claim.Provisioner.Uri, $"the program {what}.", "Correct the program; it is tried again by itself.");
}
