namespace Axle.Platform.Templates;

/// <summary>Where templates come from.</summary>
public sealed class TemplatesOptions
{
    /// <summary>Folder with a folder for each template. Without it: <c>templates</c> beside the server's folder, or the nearest one above it.</summary>
    public string? Folder { get; set; }

    /// <summary>Tasks that run at the same time; further ones wait for their turn. Tasks that wait for somebody do not count.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, TasksAtOnceLimit)]
    public int TasksAtOnceMax { get; set; } = 8;

    /// <summary>What templates see as <c>environment.parameters</c>: names and texts, the same for every task.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What templates see as <c>environment.secrets</c>, in the inputs of steps only and never in a dry run. Their values are taken out of every log.</summary>
    public Dictionary<string, EnvironmentSecretOptions> EnvironmentSecrets { get; } = [];

    /// <summary>Flags that are on: pages and questions with <c>ui:backstage.featureFlag</c> are asked only when theirs is.</summary>
    public IReadOnlyList<string> FeatureFlags { get; set; } = [];

    // The reconcile loop looks at 16 keys side by side: some are left for tasks that only want to be looked at.
    private const int TasksAtOnceLimit = 12;

    internal System.Text.Json.Nodes.JsonObject EnvironmentParameters() => new(Environment.Select(one => KeyValuePair.Create(one.Key, (System.Text.Json.Nodes.JsonNode?)one.Value)));

    internal System.Text.Json.Nodes.JsonObject ReadEnvironmentSecrets() =>
        new(EnvironmentSecrets.Where(one => one.Value.Read() is not null).Select(one => KeyValuePair.Create(one.Key, (System.Text.Json.Nodes.JsonNode?)one.Value.Read())));
}

/// <summary>A secret that every template sees.</summary>
public sealed class EnvironmentSecretOptions
{
    public string? Value { get; set; }

    /// <summary>A file that holds it instead; read for each task, so that it can be renewed.</summary>
    public string? File { get; set; }

    /// <summary>The secret as it is now; null when there is none.</summary>
    internal string? Read() =>
        File is { Length: > 0 } file && System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file).Trim()
        : Value?.Trim() is { Length: > 0 } value ? value
        : null;
}
