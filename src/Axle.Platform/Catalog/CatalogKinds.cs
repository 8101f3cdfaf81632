using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>Backstage's kinds: required fields, and which field is which edge, as its catalog model has them.</summary>
public static class CatalogKinds
{
    public static readonly BackstageKind Component = new(Kinds.Component,
    [
        Type,
        new("lifecycle", Required: true),
        Owner,
        System,
        new("subcomponentOf", Relation: "partOf", DefaultKind: Kinds.Component),
        new("providesApis", Shape.TextList, Relation: "providesApi", DefaultKind: "API"),
        new("consumesApis", Shape.TextList, Relation: "consumesApi", DefaultKind: "API"),
        DependsOn,
        DependencyOf,
    ]);

    public static readonly BackstageKind Api = new("API",
    [
        Type,
        new("lifecycle", Required: true),
        Owner,
        System,

        // An MCP server is described by where it runs instead.
        new("definition", Required: true) { NotRequiredForType = "mcp-server" },
        new("remotes", Shape.List),
    ]);

    public static readonly BackstageKind Resource = new("Resource", [Type, Owner, System, DependsOn, DependencyOf]);

    public static readonly BackstageKind SystemKind = new("System",
    [Owner, new("type"), new("domain", Relation: "partOf", DefaultKind: "Domain")]);

    public static readonly BackstageKind Domain = new("Domain",
    [Owner, new("type"), new("subdomainOf", Relation: "partOf", DefaultKind: "Domain")]);

    public static readonly BackstageKind Group = new(Kinds.Group,
    [
        Type,
        new("children", Shape.TextList, Required: true, Relation: "parentOf", DefaultKind: Kinds.Group),
        new("parent", Relation: "childOf", DefaultKind: Kinds.Group),
        new("members", Shape.TextList, Relation: "hasMember", DefaultKind: Kinds.User),
        new("profile", Shape.Object),
    ]);

    public static readonly BackstageKind User = new(Kinds.User,
    [new("memberOf", Shape.TextList, Relation: "memberOf", DefaultKind: Kinds.Group), new("profile", Shape.Object)]);

    /// <summary>When it is deleted, what it describes goes with it.</summary>
    public static readonly BackstageKind Location = new(Kinds.Location,
    [new("type"), new("target"), new("targets", Shape.TextList), new("presence")])
    {
        Finalized = true,
    };

    public static readonly BackstageKind Template = new(Kinds.Template,
    [Type, new("steps", Shape.List, Required: true), new("owner", Relation: "ownedBy", DefaultKind: Kinds.Group)], Kinds.ScaffolderApi);

    public static readonly BackstageKind AiResource = new("AiResource",
    [
        Type,
        new("lifecycle", Required: true),
        Owner,
        System,
        new("dependsOn", Shape.TextList, Relation: "dependsOn", DefaultKind: "AiResource") { OnlyForType = "skill" },
        new("skills", Shape.TextList, Relation: "hasPart", DefaultKind: "AiResource") { OnlyForType = "plugin" },
        new("plugins", Shape.TextList, Relation: "hasPart", DefaultKind: "AiResource") { OnlyForType = "marketplace" },
    ]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<BackstageKind> All => [Component, Api, Resource, SystemKind, Domain, Group, User, Location, Template, AiResource];

    private static Field Type => new("type", Required: true);

    private static Field Owner => new("owner", Required: true, Relation: "ownedBy", DefaultKind: Kinds.Group);

    private static Field System => new("system", Relation: "partOf", DefaultKind: "System");

    private static Field DependsOn => new("dependsOn", Shape.TextList, Relation: "dependsOn");

    private static Field DependencyOf => new("dependencyOf", Shape.TextList, Relation: "dependencyOf");
}
