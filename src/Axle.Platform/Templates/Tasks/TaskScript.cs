using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;

namespace Axle.Platform.Templates.Tasks;

/// <summary>All that a run of a template is given, whether it counts or is a dry run.</summary>
internal sealed record TaskScript
{
    public required string Id { get; init; }

    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    public required JsonObject Output { get; init; }

    public required JsonObject Parameters { get; init; }

    /// <summary>By name; their values are seen by inputs and <c>each</c> only.</summary>
    public JsonObject Secrets { get; init; } = [];

    /// <summary><c>environment.secrets</c>: what the platform's operator gives to every template; seen where <see cref="Secrets"/> are, and by no dry run.</summary>
    public JsonObject EnvironmentSecrets { get; init; } = [];

    public bool HasSecrets => Secrets.Count + EnvironmentSecrets.Count > 0;

    public IEnumerable<string> SecretValues => Secrets.Concat(EnvironmentSecrets).Select(secret => secret.Value!.GetValue<string>());

    /// <summary>The same with a mark in place of each secret.</summary>
    public TaskScript Hidden => this with { Secrets = Marked(Secrets), EnvironmentSecrets = Marked(EnvironmentSecrets) };

    private static JsonObject Marked(JsonObject secrets) => new(secrets.Select(secret => KeyValuePair.Create(secret.Key, (JsonNode?)TaskRedaction.Mark)));

    /// <summary><c>user.ref</c> and <c>user.entity</c>.</summary>
    public required JsonObject User { get; init; }

    /// <summary><c>environment.parameters</c>.</summary>
    public JsonObject Environment { get; init; } = [];

    public required TemplateOrigin Origin { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>What templates see of the user: their entity, as the catalogue has it.</summary>
    public static JsonObject UserOf(EntityRef user, Entity? entity) => new()
    {
        ["entity"] = entity is null ? null : System.Text.Json.JsonSerializer.SerializeToNode(entity with { Status = default, Relations = [] }, Entities.EntityJson.Options),
        ["ref"] = user.ToString(),
    };
}
