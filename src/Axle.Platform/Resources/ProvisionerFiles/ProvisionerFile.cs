using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Resources.GoTemplates;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.ProvisionerFiles;

/// <summary>
/// Reads Score's provisioner files: a list of provisioners, each with a uri whose scheme says how it works. Templates are
/// parsed here too, so that a mistake shows at registration and not in the middle of a deployment.
/// </summary>
internal static partial class ProvisionerFile
{
    private static readonly string[] s_common = ["uri", "type", "class", "id", "environment", "description", "supported_params", "expected_outputs"];

    /// <summary>Every provisioner of a file in its order, which is the order of matching; or every mistake.</summary>
    public static Result<IReadOnlyList<ReadProvisioner>> Read(string text, string file)
    {
        var problems = new List<Problem>();
        var read = new List<ReadProvisioner>();
        if (StrictYaml.Read(text, file, problems) is { } document)
        {
            var root = new Field(document, "provisioners", new Place(file, 1, 1), problems);
            foreach (var item in root.List() ?? [])
            {
                if (new Entry(item, text.TrimStart('\uFEFF').Split('\n'), problems).Read() is { } one)
                {
                    if (read.FirstOrDefault(other => other.Name == one.Name) is { } twin)
                    {
                        item.Report($"has the same uri, type, class and id as the one on line {twin.Line}");
                    }

                    read.Add(one);
                }
            }

            if (read.Count == 0 && problems.Count == 0)
            {
                root.Report("the list is empty");
            }
        }

        return problems.Count > 0 ? new ProvisionerFileWrong(file, problems) : Result<IReadOnlyList<ReadProvisioner>>.Of(read);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]\z")]
    private static partial Regex TypeForm();

    [GeneratedRegex(@"^([a-z][a-z0-9-]*)://[^\s]+\z")]
    private static partial Regex UriForm();

    /// <summary>One entry on its way into a <see cref="ReadProvisioner"/>.</summary>
    private sealed class Entry(Field item, string[] lines, ICollection<Problem> problems)
    {
        private readonly JsonObject _config = [];

        public ReadProvisioner? Read()
        {
            if (item.Map() is not { } fields || !fields.Require("uri", out var uriField) || uriField.NotEmpty("the uri") is not { } text)
            {
                return null;
            }

            if (UriForm().Match(text) is not { Success: true } uri)
            {
                uriField.Report("is no uri with a scheme, as template://my-provisioners/redis");
                return null;
            }

            var secretOutputs = ReadScheme(uri.Groups[1].Value, text, uriField, fields);
            var type = fields.Find("type", out var typeField) ? typeField.Text(TypeForm(), "resource type") : uri.Groups[1].Value == "local-env" ? "environment" : Missing(fields);
            if (type is null)
            {
                return null;
            }

            var spec = new ProvisionerSpec
            {
                Uri = text,
                Type = type,
                Class = Optional(fields, "class", f => f.Text(TypeForm(), "resource class")),
                Id = Optional(fields, "id", f => f.NotEmpty("the id")),
                Environment = Optional(fields, "environment", f => f.NotEmpty("the environment")),
                Description = Optional(fields, "description", f => f.Text()),
                SupportedParams = Names(fields, "supported_params"),
                ExpectedOutputs = Names(fields, "expected_outputs"),
                SecretOutputs = secretOutputs ?? Names(fields, "secret_outputs"),
                Config = JsonSerializer.SerializeToElement(_config),
            };
            return new ReadProvisioner(ProvisionerNames.Of(spec), spec, Runnable.Of(spec), item.Place?.Line ?? 1);
        }

        private static string? Missing(Fields fields)
        {
            fields.Require("type", out _);
            return null;
        }

        // What the scheme reads; gives the names of secret outputs where they are not a plain list.
        private IReadOnlyList<string>? ReadScheme(string scheme, string uri, Field uriField, Fields fields)
        {
            switch (scheme)
            {
                case "template":
                    fields.Only([.. s_common, "secret_outputs", .. TemplateParts.All]);
                    foreach (var part in TemplateParts.All)
                    {
                        Template(fields, part);
                    }

                    return null;
                case "cmd":
                    fields.Only([.. s_common, "secret_outputs", "args", "actions", "params", "outputs"]);
                    if (CommandPath.Of(uri) is { Error: { } error })
                    {
                        uriField.Report(error.Message);
                    }

                    Set("args", Texts(fields, "args"));
                    Set("actions", Texts(fields, "actions", CommandActions.All));
                    return null;
                case "local-env":
                    fields.Only(s_common);
                    return null;
                case "terraform":
                    fields.Only([.. s_common, "secret_outputs", "variables", "secret_variables"]);
                    Set("variables", Json(fields, "variables"));
                    Set("secretVariables", TextMap(fields, "secret_variables"));
                    return null;
                case "external":
                    fields.Only([.. s_common, "secret_outputs", "outputs"]);
                    var secrets = TextMap(fields, "secret_outputs");
                    Set("outputs", Json(fields, "outputs"));
                    Set("secretOutputs", secrets);
                    return [.. (secrets ?? []).Select(entry => entry.Key)];
                case "axle":
                    // A built-in driver checks what is its own.
                    foreach (var (key, value) in fields.All.Where(f => !s_common.Contains(f.Key) && f.Key != "secret_outputs"))
                    {
                        _config[key] = JsonSerializer.SerializeToNode(value.Value.ToJson());
                    }

                    return null;
                default:
                    uriField.Report($"'{Field.Shorten(scheme)}' is no scheme of provisioners; there are template, cmd, terraform, external, local-env and axle");
                    return null;
            }
        }

        private void Template(Fields fields, string part)
        {
            if (Optional(fields, part, f => f.Text()) is not { } source || !fields.Find(part, out var field))
            {
                return;
            }

            var (place, indent) = Inside(field);
            if (GoTemplate.Parse(part, source, place, indent).TryGet(out _, out var error))
            {
                _config[part] = source;
            }
            else
            {
                problems.Add(((TemplateWrong)error).Problem with { Path = field.Path });
            }
        }

        // Where the first character of a template stands: below its '|', behind the indentation.
        private (Place? Place, int Indent) Inside(Field field)
        {
            if (field.Place is not { } place || place.Line > lines.Length || place.Column > lines[place.Line - 1].Length || lines[place.Line - 1][place.Column - 1] != '|')
            {
                return (field.Place, 0);
            }

            var first = lines.Skip(place.Line).FirstOrDefault(line => line.Trim().Length > 0) ?? "";
            return (place with { Line = place.Line + 1, Column = 1 }, first.Length - first.TrimStart(' ').Length);
        }

        private void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                _config[name] = value;
            }
        }

        private static T? Optional<T>(Fields fields, string key, Func<Field, T?> read)
            where T : class =>
            fields.Find(key, out var field) && field.Value is not YamlScalar { Type: ScalarType.Null } ? read(field) : null;

        private static JsonArray? Texts(Fields fields, string key, params string[] allowed) =>
            Optional(fields, key, f => f.List() is { } list ? new JsonArray([.. list.Select(text => (JsonNode?)(allowed.Length > 0 ? text.OneOf(allowed) : text.Text()))]) : null);

        private static IReadOnlyList<string> Names(Fields fields, string key) =>
            Optional<IReadOnlyList<string>>(fields, key, f => [.. (f.List() ?? []).Select(name => name.NotEmpty("a name")).OfType<string>()]) ?? [];

        private static JsonNode? Json(Fields fields, string key) =>
            Optional(fields, key, f => f.Map() is null ? null : JsonSerializer.SerializeToNode(f.Value.ToJson()));

        private static JsonObject? TextMap(Fields fields, string key) =>
            Optional(fields, key, f => f.Map() is { } map ? new JsonObject(map.All.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value.NotEmpty("a name")))) : null);
    }
}
