using System.Text.Json;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Entities that verbs make by themselves.</summary>
internal static class EntitySpecs
{
    public sealed record Group(string Type, IReadOnlyList<string> Children);

    public static Entity Team(string name, string description) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Group,
        Metadata = new Metadata { Name = name, Description = description },
        Spec = JsonSerializer.SerializeToElement(new Group("team", []), CliJson.Default.Group),
    };

    public static Entity Environment(string name, EnvironmentSpec spec, string? description) => new()
    {
        ApiVersion = Kinds.AxleApi,
        Kind = Kinds.Environment,
        Metadata = new Metadata { Name = name, Description = description },
        Spec = JsonSerializer.SerializeToElement(spec, AxleJson.Default.EnvironmentSpec),
    };
}
