using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Resources.GoTemplates;
using Axle.Platform.Resources.ProvisionerFiles;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// One run of a template provisioner's templates, as Score runs them: <c>init</c>, <c>state</c>, <c>shared</c>,
/// <c>outputs</c>, then files. Each sees what the ones before it made. Keeps nothing.
/// </summary>
internal sealed class TemplateRun(Claim claim, ScoreBefore before, IReadOnlyDictionary<string, WorkloadService> services)
{
    private readonly IReadOnlyDictionary<string, string> _sources = TemplateParts.Of(claim.Provisioner.Config);

    private readonly Dictionary<string, object?> _dot = new()
    {
        ["Uid"] = claim.Spec.Uid,
        ["Guid"] = ScoreKeeper.GuidOf(claim),
        ["Type"] = claim.Spec.Type,
        ["Class"] = claim.Spec.Class,
        ["Id"] = ScoreIdentity.Id(claim.Spec),
        ["Params"] = GoValues.Map(claim.Spec.Params),
        ["Metadata"] = ScoreIdentity.Metadata(claim),
        ["Init"] = new GoMap(),
        ["State"] = Values(before.State),
        ["Shared"] = Values(before.Shared),
        ["SourceWorkload"] = ScoreIdentity.SourceWorkload(claim.Spec),
        ["WorkloadMetadata"] = new GoMap(),
        ["WorkloadServices"] = WorkloadServiceValues.ForTemplates(services),
        ["ComposeProjectName"] = claim.Spec.Environment.Name,
        ["MountsDirectory"] = before.Folder,
        ["Namespace"] = "",
    };

    public Result<ScoreMade> Run()
    {
        if (!Map(TemplateParts.Init).TryGet(out var init, out var error))
        {
            return error;
        }

        _dot["Init"] = Values(init);
        if (!Map(TemplateParts.State).TryGet(out var state, out error))
        {
            return error;
        }

        _dot["State"] = Values(state);
        if (!Map(TemplateParts.Shared).TryGet(out var shared, out error))
        {
            return error;
        }

        _dot["Shared"] = Values(MergePatch.Apply(before.Shared, shared));
        if (!Map(TemplateParts.Outputs).TryGet(out var outputs, out error) || !Map(TemplateParts.Directories).TryGet(out var folders, out error) || !Map(TemplateParts.Files).TryGet(out var files, out error))
        {
            return error;
        }

        if (folders.FirstOrDefault(f => f.Value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)) is { Key: { } folder })
        {
            return Failed(TemplateParts.Directories, $"'{Field.Shorten(folder)}' must be true or false");
        }

        if (files.FirstOrDefault(f => f.Value is not null && f.Value.GetValueKind() != JsonValueKind.String) is { Key: { } file })
        {
            return Failed(TemplateParts.Files, $"the content of '{Field.Shorten(file)}' must be text");
        }

        return new ScoreMade(state, shared, outputs, folders.ToDictionary(f => f.Key, f => f.Value!.GetValue<bool>()), files.ToDictionary(f => f.Key, f => f.Value?.GetValue<string>()));
    }

    // What a template prints, read as YAML; nothing is an empty mapping.
    private Result<JsonObject> Map(string part)
    {
        if (!_sources.TryGetValue(part, out var source))
        {
            return new JsonObject();
        }

        if (!GoTemplate.Parse($"{claim.Provisioner.Uri} {part}", source).TryGet(out var template, out var error) || !template.Run(new GoStruct("templateprov.Data", _dot)).TryGet(out var printed, out error))
        {
            return error;
        }

        if (printed.Split('\n').All(line => line.AsSpan().Trim() is [] or ['#', ..]))
        {
            return new JsonObject();
        }

        var problems = new List<Problem>();
        return StrictYaml.Read(printed, null, problems) switch
        {
            YamlMap map when problems.Count == 0 => JsonNode.Parse(map.ToJson().GetRawText())!.AsObject(),
            null => Failed(part, $"what it prints {problems[0].Message} (line {problems[0].Line} of its output)"),
            var other when problems.Count == 0 => Failed(part, $"prints {other.Describe()} where a mapping is needed"),
            _ => Failed(part, $"what it prints: {problems[0].Message} (line {problems[0].Line} of its output)"),
        };
    }

    private ProvisionerFailed Failed(string part, string what) => new(claim.Provisioner.Uri, $"template '{part}': {what}.", "Correct the template and register the provisioner again.");

    private static GoMap Values(JsonObject json) => GoValues.Map(JsonSerializer.SerializeToElement(json));
}
