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

    // The reconcile loop looks at 16 keys side by side: some are left for tasks that only want to be looked at.
    private const int TasksAtOnceLimit = 12;

    internal System.Text.Json.Nodes.JsonObject EnvironmentParameters() => new(Environment.Select(one => KeyValuePair.Create(one.Key, (System.Text.Json.Nodes.JsonNode?)one.Value)));
}
