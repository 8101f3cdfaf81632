using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>What a value of a resource must be.</summary>
internal enum ValueKind
{
    Text,

    /// <summary>A whole number; text that is one passes too, since provisioners differ.</summary>
    Number,
    Boolean,

    /// <summary>Anything but nothing.</summary>
    Any,
}

/// <param name="Required">Without it nothing can be made.</param>
internal sealed record Input(string Name, ValueKind Kind, string Description, bool Required = false);

/// <param name="Secret">Kept sealed, and never shown.</param>
/// <param name="Extra">Axle's own: not promised by Score's documentation, so provisioners of others may leave it out.</param>
internal sealed record Output(string Name, ValueKind Kind, string Description, bool Secret = false, bool Extra = false);

/// <param name="AnyOutputs">Gives whatever names it is asked for.</param>
internal sealed record ResourceType(string Name, string Description, IReadOnlyList<Input> Inputs, IReadOnlyList<Output> Outputs, bool AnyOutputs = false);

/// <summary>
/// The resource types that Score's provisioners know, with what they take and give, and the outputs that Axle adds. A type
/// that is not here is none the worse: nothing can be checked for it beyond what its provisioner says.
/// </summary>
internal static partial class ResourceTypes
{
    private static readonly Output s_host = new("host", ValueKind.Text, "Name or address of the server");
    private static readonly Output s_port = new("port", ValueKind.Number, "Port of the server");
    private static readonly Output s_username = new("username", ValueKind.Text, "User of the login");
    private static readonly Output s_password = new("password", ValueKind.Text, "Password of the login", Secret: true);
    private static readonly Output s_uri = new("uri", ValueKind.Text, "All of it in one address, login included", Secret: true, Extra: true);
    private static readonly Output s_topicName = new("name", ValueKind.Text, "Name of the component");

    private static readonly Output[] s_database =
    [
        s_host, s_port, new("name", ValueKind.Text, "Name of the database"), new("database", ValueKind.Text, "The same again"), s_username, s_password, s_uri,
    ];

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        new("postgres", "A PostgreSQL database", [], s_database),
        new("mysql", "A MySQL database", [], s_database),
        new("mariadb", "A MariaDB database", [], s_database),
        new("postgres-instance", "A PostgreSQL server with its administrator", [], [s_host, s_port, s_username, s_password, s_uri]),
        new("mssql", "A SQL Server database", [],
        [
            new("server", ValueKind.Text, "Name or address of the server"), s_port, new("connection", ValueKind.Text, "Connection string, login included", Secret: true),
            new("database", ValueKind.Text, "Name of the database"), s_username, s_password,
        ]),
        new("mongodb", "A MongoDB server", [], [s_host, s_port, s_username, s_password, new("connection", ValueKind.Text, "Connection string, login included", Secret: true)]),
        new("redis", "A Redis server", [], [s_host, s_port, s_username, s_password, s_uri]),
        new("elasticsearch", "An Elasticsearch server", [], [s_host, s_port, s_username, s_password]),
        new("amqp", "A virtual host of an AMQP broker", [], [s_host, s_port, new("vhost", ValueKind.Text, "Name of the virtual host"), s_username, s_password, s_uri]),
        new("nats", "An account of a NATS server", [], [s_host, s_port, s_username, s_password, s_uri]),
        new("kafka-topic", "A topic of a Kafka broker", [], [s_host, s_port, new("name", ValueKind.Text, "Name of the topic"), new("num_partitions", ValueKind.Number, "How many partitions it has")]),
        new("s3", "A bucket of an object store", [],
        [
            new("bucket", ValueKind.Text, "Name of the bucket"), new("access_key_id", ValueKind.Text, "Id of the access key"), new("secret_key", ValueKind.Text, "The access key", Secret: true),
            new("endpoint", ValueKind.Text, "Address of the store"), new("region", ValueKind.Text, "Region of the bucket"),
            new("aws_access_key_id", ValueKind.Text, "The id again"), new("aws_secret_key", ValueKind.Text, "The access key again", Secret: true),
        ]),
        new("azure-blob", "A container of Azure's blob store", [],
        [
            new("connection_string", ValueKind.Text, "Connection string, key included", Secret: true), new("account_name", ValueKind.Text, "Name of the account"),
            new("account_key", ValueKind.Text, "Key of the account", Secret: true), new("blob_endpoint", ValueKind.Text, "Address of the store"), new("container", ValueKind.Text, "Name of the container"),
        ]),
        new("volume", "A folder that outlives the workload", [], [new("source", ValueKind.Any, "What a workload's volume refers to")]),
        new("dns", "A host name", [], [new("host", ValueKind.Text, "The name"), new("url", ValueKind.Text, "Its address", Extra: true)]),
        new("route", "A way from a host name and path to a port of the workload",
            [new("host", ValueKind.Text, "The host name", Required: true), new("path", ValueKind.Text, "Begins with /", Required: true), new("port", ValueKind.Any, "Name or number of a port of the workload", Required: true)], []),
        new("service-port", "The address of a port of another workload",
            [new("workload", ValueKind.Text, "Name of the workload", Required: true), new("port", ValueKind.Text, "Name of the port", Required: true)],
            [new("hostname", ValueKind.Text, "Name or address of the workload"), s_port]),
        new("service", "The name of another workload", [], [new("name", ValueKind.Text, "The name under which it is reached")]),
        new("endpoint", "The address of another workload, or of a mock of it",
            [new("port", ValueKind.Any, "Port of the workload"), new("openapi_file", ValueKind.Text, "Its description, for a mock"), new("openapi_title", ValueKind.Text, "Title of the description")],
            [new("url", ValueKind.Text, "The address")]),
        new("environment", "Variables of the environment", [], [], AnyOutputs: true),
        new("llm-model", "A language model behind an API",
            [new("model", ValueKind.Text, "Name of the model"), new("context_size", ValueKind.Number, "Tokens of its context")],
            [new("model", ValueKind.Text, "Name of the model"), new("url", ValueKind.Text, "Address of the API"), new("api-key", ValueKind.Text, "Key of the API", Secret: true, Extra: true)]),
        new("horizontal-pod-autoscaler", "Replicas by load",
            [new("minReplicas", ValueKind.Number, "At least"), new("maxReplicas", ValueKind.Number, "At most"), new("targetCPUUtilizationPercentage", ValueKind.Number, "The load to aim at")], []),
        new("dapr-pubsub", "A Dapr component for messages", [], [s_topicName]),
        new("dapr-state-store", "A Dapr component for state", [], [s_topicName]),
        new("dapr-subscription", "A subscription of a topic by Dapr",
            [new("topic", ValueKind.Text, "Name of the topic", Required: true), new("pubsub", ValueKind.Text, "Name of the component", Required: true)],
            [s_topicName, new("topic", ValueKind.Text, "Name of the topic")]),
        new("gcp-pubsub-emulator", "An emulator of Google's Pub/Sub", [new("project_id", ValueKind.Text, "Id of the project")],
            [s_host, s_port, new("project_id", ValueKind.Text, "Id of the project"), new("emulator_host", ValueKind.Text, "Host and port")]),
    ];

    private static readonly Dictionary<string, ResourceType> s_byName = All.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Null when nothing is known of the type.</summary>
    public static ResourceType? Find(string type) => s_byName.GetValueOrDefault(type);

    /// <summary>Whether an output's name alone says that its value is secret.</summary>
    public static bool SaysSecret(string name) => SecretName().IsMatch(name);

    /// <summary>Whether an output is kept sealed: its provisioner or its type says so, or its name does.</summary>
    public static bool IsSecret(ProvisionerSpec provisioner, string output) =>
        provisioner.SecretOutputs.Contains(output) || (Find(provisioner.Type)?.Outputs.FirstOrDefault(known => known.Name == output) is { } known ? known.Secret : SaysSecret(output));

    /// <summary>Everything wrong with what a workload asks, as far as the type and the provisioner's own list say.</summary>
    public static IReadOnlyList<Problem> CheckParams(ProvisionerSpec provisioner, JsonElement @params)
    {
        if (@params.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.Null))
        {
            return [new Problem("must be a mapping", Path: "params")];
        }

        var given = @params.ValueKind == JsonValueKind.Object ? @params.EnumerateObject().ToDictionary(p => p.Name, p => p.Value) : [];
        var inputs = Find(provisioner.Type)?.Inputs ?? [];
        var problems = new List<Problem>();
        foreach (var input in inputs)
        {
            if (!given.TryGetValue(input.Name, out var value))
            {
                // A provisioner that lists its params knows best which of them it needs.
                if (input.Required && (provisioner.SupportedParams.Count == 0 || provisioner.SupportedParams.Contains(input.Name)))
                {
                    problems.Add(new Problem($"is missing: {Lower(input.Description)}", Path: $"params.{input.Name}"));
                }
            }
            else if (WrongKind(input.Kind, value) is { } wrong)
            {
                problems.Add(new Problem(wrong, Path: $"params.{input.Name}"));
            }
        }

        if (provisioner.SupportedParams.Count > 0)
        {
            problems.AddRange(given.Keys.Where(name => !provisioner.SupportedParams.Contains(name)).Select(name =>
                new Problem(Workloads.Nearest.To(name, provisioner.SupportedParams) is { } near ? $"is not known; did you mean {near}?" : $"is not known; the provisioner takes {string.Join(", ", provisioner.SupportedParams)}", Path: $"params.{name}")));
        }

        return problems;
    }

    /// <summary>Everything wrong with what a provisioner gave: outputs that are promised and missing, or of another kind.</summary>
    public static IReadOnlyList<Problem> CheckOutputs(ProvisionerSpec provisioner, IReadOnlyDictionary<string, JsonElement> outputs, IReadOnlyDictionary<string, string> secretOutputs)
    {
        var problems = new List<Problem>();
        var known = Find(provisioner.Type)?.Outputs ?? [];

        // What the provisioner promises counts; without a promise, what the type does.
        var promised = provisioner.ExpectedOutputs.Count > 0 ? provisioner.ExpectedOutputs : [.. known.Where(output => !output.Extra).Select(output => output.Name)];
        foreach (var name in promised.Where(name => !outputs.ContainsKey(name) && !secretOutputs.ContainsKey(name)))
        {
            problems.Add(new Problem(provisioner.ExpectedOutputs.Count > 0 ? "is promised by expected_outputs and missing" : $"is missing: every {provisioner.Type} has it", Path: $"outputs.{name}"));
        }

        foreach (var output in known)
        {
            if (outputs.TryGetValue(output.Name, out var value) && WrongKind(output.Kind, value) is { } wrong)
            {
                problems.Add(new Problem(wrong, Path: $"outputs.{output.Name}"));
            }

            if (secretOutputs.TryGetValue(output.Name, out var secret) && secret.Length == 0)
            {
                problems.Add(new Problem("is secret and empty", Path: $"outputs.{output.Name}"));
            }
        }

        problems.AddRange(outputs.Keys.Where(name => IsSecret(provisioner, name)).Select(name => new Problem("is secret, and is given openly", Path: $"outputs.{name}")));
        return problems;
    }

    private static string? WrongKind(ValueKind kind, JsonElement value) => kind switch
    {
        ValueKind.Text when value.ValueKind != JsonValueKind.String => $"must be text, and is {Describe(value)}",
        ValueKind.Number when !(value.ValueKind == JsonValueKind.Number ? value.TryGetInt64(out _) : value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)) => $"must be a whole number, and is {Describe(value)}",
        ValueKind.Boolean when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) => $"must be true or false, and is {Describe(value)}",
        ValueKind.Any when value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined => "must not be empty",
        _ => null,
    };

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        _ => "empty",
    };

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    // An id of a key is public; the key is not.
    [GeneratedRegex(@"passw(or)?d|passphrase|secret|token|credential|private[-_]?key|(api|account|access|master|encryption)[-_]?key(?![-_]?id)|connection[-_]?string|\bdsn\b", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
