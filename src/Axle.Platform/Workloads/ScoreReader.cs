using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// Reads the schema of <c>score.dev/v1b1</c> by hand, because the schema validators at hand accept illegal documents and
/// none of them knows lines. Reads on after a mistake; the result counts only when no problem was added.
/// </summary>
internal sealed class ScoreReader(ICollection<Problem> problems)
{
    public Score? Read(YamlValue root)
    {
        if (new Field(root, "", root.Place, problems).Map() is not { } fields)
        {
            return null;
        }

        fields.Only("apiVersion", "metadata", "service", "containers", "resources");
        if (fields.Require("apiVersion", out var version))
        {
            version.Text(ScoreForms.Version(), $"version that Axle reads: write {Score.ApiVersion}");
        }

        var metadata = fields.Require("metadata", out var named) ? Metadata(named) : null;
        var containers = fields.Require("containers", out var contained) ? Containers(contained) : null;
        return new Score
        {
            Metadata = metadata ?? new ScoreMetadata("", Empty<string>(), default),
            Ports = fields.Find("service", out var service) ? Ports(service) : Empty<ScorePort>(),
            Containers = containers ?? Empty<ScoreContainer>(),
            Resources = fields.Find("resources", out var resources) && resources.Map() is { } needed
                ? needed.Each(ScoreForms.Label(), "resource " + ScoreForms.LabelWords, (_, field) => Resource(field))
                : Empty<ScoreResource>(),
        };
    }

    private static OrderedDictionary<string, T> Empty<T>() => [];

    private static ScoreMetadata? Metadata(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        var name = fields.Require("name", out var named) ? named.Text(ScoreForms.Label(), "workload " + ScoreForms.LabelWords) : null;
        return new ScoreMetadata(name ?? "", Annotations(fields), field.Value.ToJson());
    }

    private static IReadOnlyDictionary<string, string> Annotations(Fields fields) =>
        fields.Find("annotations", out var field) && field.Map() is { } annotations
            ? annotations.Each(ScoreForms.Annotation(), ScoreForms.AnnotationWords, (_, value) => value.Text())
            : Empty<string>();

    private static IReadOnlyDictionary<string, ScorePort> Ports(Field service)
    {
        if (service.Map() is not { } fields)
        {
            return Empty<ScorePort>();
        }

        fields.Only("ports");
        return fields.Find("ports", out var field) && field.Map() is { } ports
            ? ports.Each(ScoreForms.Label(), "port " + ScoreForms.LabelWords, (_, port) => Port(port))
            : Empty<ScorePort>();
    }

    private static ScorePort? Port(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("port", "protocol", "targetPort");
        var port = fields.Require("port", out var number) ? number.Port() : null;
        var target = fields.Find("targetPort", out var inner) ? inner.Port() : port;
        var protocol = fields.Find("protocol", out var named) ? named.OneOf("TCP", "UDP") : null;
        return new ScorePort(port ?? 0, target ?? 0, protocol ?? "TCP");
    }

    private IReadOnlyDictionary<string, ScoreContainer> Containers(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return Empty<ScoreContainer>();
        }

        if (!fields.All.Any())
        {
            field.Report("a workload needs at least one container");
        }

        return fields.Each(ScoreForms.Label(), "container " + ScoreForms.LabelWords, (_, container) => Container(container));
    }

    private ScoreContainer? Container(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("image", "command", "args", "variables", "files", "volumes", "before", "resources", "livenessProbe", "readinessProbe");
        var (limits, requests) = fields.Find("resources", out var resources) ? Quantities(resources) : default;
        return new ScoreContainer
        {
            Image = (fields.Require("image", out var image) ? image.NotEmpty("the image") : null) ?? "",
            Command = fields.Find("command", out var command) ? Texts(command) : null,
            Args = fields.Find("args", out var args) ? Texts(args) : null,
            Variables = fields.Find("variables", out var variables) && variables.Map() is { } pairs
                ? pairs.Each(ScoreForms.Variable(), "variable name: it must not be empty or contain '='", (_, value) => value.Text())
                : Empty<string>(),
            Files = fields.Find("files", out var files) ? new ScoreMountReader(files, problems).Files() : Empty<ScoreContainerFile>(),
            Volumes = fields.Find("volumes", out var volumes) ? new ScoreMountReader(volumes, problems).Volumes() : Empty<ScoreVolume>(),
            Before = fields.Find("before", out var before) && before.Map() is { } others
                ? others.Each(ScoreForms.Label(), "container " + ScoreForms.LabelWords, (_, other) => Ready(other))
                : Empty<string>(),
            Limits = limits,
            Requests = requests,
            LivenessProbe = fields.Find("livenessProbe", out var liveness) ? Probe(liveness) : null,
            ReadinessProbe = fields.Find("readinessProbe", out var readiness) ? Probe(readiness) : null,
        };
    }

    private static List<string>? Texts(Field field) => field.List() is { } items ? [.. items.Select(i => i.Text() ?? "")] : null;

    private static string? Ready(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("ready");
        return fields.Require("ready", out var ready) ? ready.OneOf("started", "healthy", "complete") : null;
    }

    private static (ScoreQuantities? Limits, ScoreQuantities? Requests) Quantities(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return default;
        }

        fields.Only("limits", "requests");
        return (fields.Find("limits", out var limits) ? Amounts(limits) : null, fields.Find("requests", out var requests) ? Amounts(requests) : null);
    }

    private static ScoreQuantities? Amounts(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("cpu", "memory");
        return new ScoreQuantities(
            fields.Find("cpu", out var cpu) ? Amount(cpu, ScoreForms.CpuWords, text => Quantity.CpuMillis(text) is not null) : null,
            fields.Find("memory", out var memory) ? Amount(memory, ScoreForms.MemoryWords, text => Quantity.Bytes(text) is not null) : null);
    }

    private static string? Amount(Field field, string expected, Func<string, bool> fits)
    {
        if (field.Text(ScoreForms.Target(), expected) is not { } text)
        {
            return null;
        }

        if (fits(text))
        {
            return text;
        }

        field.Report($"'{Field.Shorten(text)}' is no {expected}, and not beyond what a machine can have");
        return null;
    }

    private static ScoreProbe? Probe(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("httpGet", "exec");
        if (!fields.Has("httpGet") && !fields.Has("exec"))
        {
            field.Report("a probe needs httpGet or exec");
        }

        return new ScoreProbe(fields.Find("httpGet", out var http) ? HttpProbe(http) : null, fields.Find("exec", out var exec) ? ExecProbe(exec) : null);
    }

    private static List<string>? ExecProbe(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("command");
        var command = fields.Require("command", out var words) ? Texts(words) : null;
        if (command is { Count: 0 })
        {
            words!.Report("the command must not be empty");
        }

        return command;
    }

    private static ScoreHttpProbe? HttpProbe(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("port", "path", "host", "scheme", "httpHeaders");
        return new ScoreHttpProbe(
            (fields.Require("port", out var port) ? port.Port() : null) ?? 0,
            (fields.Require("path", out var path) ? path.Text() : null) ?? "",
            fields.Find("host", out var host) ? host.NotEmpty("the host") : null,
            fields.Find("scheme", out var scheme) ? scheme.OneOf("HTTP", "HTTPS") : null,
            fields.Find("httpHeaders", out var headers) && headers.List() is { } items ? [.. items.Select(Header)] : []);
    }

    private static KeyValuePair<string, string> Header(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return default;
        }

        fields.Only("name", "value");
        return new KeyValuePair<string, string>(
            (fields.Require("name", out var name) ? name.Text(ScoreForms.Header(), "header name: letters, digits, '-' and '_'") : null) ?? "",
            (fields.Require("value", out var value) ? value.NotEmpty("a header's value") : null) ?? "");
    }

    private static ScoreResource? Resource(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return null;
        }

        fields.Only("type", "class", "id", "metadata", "params");
        return new ScoreResource
        {
            Type = (fields.Require("type", out var type) ? type.Text(ScoreForms.Type(), ScoreForms.TypeWords) : null) ?? "",
            Class = fields.Find("class", out var @class) ? @class.Text(ScoreForms.Type(), ScoreForms.TypeWords) : null,
            Id = fields.Find("id", out var id) ? id.Text(ScoreForms.Id(), ScoreForms.IdWords) : null,
            Metadata = fields.Find("metadata", out var metadata) ? ResourceMetadata(metadata) : default,
            Params = fields.Find("params", out var given) && given.Map() is not null ? given.Value.ToJson() : default,
            Place = fields.PlaceOf("type"),
        };
    }

    private static JsonElement ResourceMetadata(Field field)
    {
        if (field.Map() is not { } fields)
        {
            return default;
        }

        Annotations(fields);
        return field.Value.ToJson();
    }
}
