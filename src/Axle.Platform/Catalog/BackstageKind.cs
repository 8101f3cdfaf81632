using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog;

/// <summary>
/// A kind of Backstage's, described by its fields. Only the fields named here are checked: further ones are kept as they
/// are, since plugins and companies put their own into a spec.
/// </summary>
public sealed class BackstageKind : EntityKind
{
    private readonly IReadOnlyList<Field> _fields;

    internal BackstageKind(string name, IReadOnlyList<Field> fields, string apiVersion = Kinds.BackstageApi)
        : base(apiVersion, name)
    {
        _fields = fields;
        AlsoReads = apiVersion == Kinds.BackstageApi ? ["backstage.io/v1beta1"] : [];
    }

    public EntityRef Ref(string name, string @namespace = EntityRef.DefaultNamespace) => new(Name, @namespace, name);

    public override IReadOnlyList<Problem> Check(Entity entity)
    {
        var problems = new List<Problem>();
        if (entity.Spec.ValueKind != JsonValueKind.Object)
        {
            return _fields.Any(field => field.Required) ? [new Problem("is missing or no object", Path: "spec")] : [];
        }

        foreach (var field in _fields)
        {
            field.Check(entity, problems);
        }

        RoleRule(entity, problems);
        return problems;
    }

    public override IEnumerable<Relation> Relations(Entity entity)
    {
        var edges = entity.Spec.ValueKind == JsonValueKind.Object
            ? EdgesOf(entity)
            : [];
        return Locations.Managed.By(entity) is { } location ? edges.Append(location) : edges;
    }

    private List<Relation> EdgesOf(Entity entity)
    {
        var edges = new List<Relation>();
        foreach (var field in _fields)
        {
            field.AddEdges(entity, edges);
        }

        return edges;
    }

    /// <summary>A mistyped role would silently be another one.</summary>
    private static void RoleRule(Entity entity, List<Problem> problems)
    {
        if (Ownership.Roles.Decides(entity.Kind)
            && entity.Metadata.Annotations.TryGetValue(Ownership.Roles.Annotation, out var role)
            && Ownership.Roles.Named(entity) is null)
        {
            problems.Add(new Problem($"'{role}' is no role; use viewer, member or admin", Path: $"metadata.annotations.{Ownership.Roles.Annotation}"));
        }
    }
}

/// <summary>What a field of a spec holds.</summary>
internal enum Shape
{
    Text,
    TextList,
    List,
    Object,
}

/// <summary>One field of a spec: whether it must be there, what it holds, and which edge each of its values is.</summary>
/// <param name="Relation">The edge's type; null when the field names no entity.</param>
/// <param name="DefaultKind">The kind that a bare name means; null when the kind must be written.</param>
internal sealed record Field(string Name, Shape Shape = Shape.Text, bool Required = false, string? Relation = null, string? DefaultKind = null)
{
    /// <summary>Values of <c>spec.type</c> for which the field need not be there.</summary>
    public string? NotRequiredForType { get; init; }

    /// <summary>The value of <c>spec.type</c> for which the field means this; else it is one of the company's own.</summary>
    public string? OnlyForType { get; init; }

    public void Check(Entity entity, List<Problem> problems)
    {
        if (!Applies(entity))
        {
            return;
        }

        if (!entity.Spec.TryGetProperty(Name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            if (Required && !IsOfType(entity, NotRequiredForType))
            {
                problems.Add(new Problem($"is missing; {entity.Kind} needs {Words()}", Path: Path));
            }

            return;
        }

        if (!Fits(value))
        {
            problems.Add(new Problem($"must be {Words()}", Path: Path));
            return;
        }

        if (Relation is not null)
        {
            CheckRefs(entity, value, problems);
        }
    }

    private void CheckRefs(Entity entity, JsonElement value, List<Problem> problems)
    {
        var i = 0;
        foreach (var text in Texts(value))
        {
            if (!(DefaultKind is not null && string.IsNullOrWhiteSpace(text)) && !EntityRef.IsRef(text, DefaultKind, entity.Metadata.Namespace))
            {
                problems.Add(new Problem(
                    $"'{text}' is no entity ref; write {(DefaultKind is null ? "" : "name or ")}kind:namespace/name",
                    Path: Shape == Shape.Text ? Path : $"{Path}[{i}]"));
            }

            i++;
        }
    }

    private string Path => $"spec.{Name}";

    /// <summary>Adds the edges that the field's values are.</summary>
    public void AddEdges(Entity entity, List<Relation> edges)
    {
        if (Relation is null || !Applies(entity) || !entity.Spec.TryGetProperty(Name, out var value) || !Fits(value))
        {
            return;
        }

        foreach (var text in Texts(value))
        {
            if (EntityRef.TryParse(text, DefaultKind, entity.Metadata.Namespace, out var target))
            {
                edges.Add(new Relation(Relation, target));
            }
        }
    }

    private static bool IsOfType(Entity entity, string? wanted) =>
        wanted is not null && entity.Spec.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(wanted);

    private bool Applies(Entity entity) => OnlyForType is null || IsOfType(entity, OnlyForType);

    private bool Fits(JsonElement value) => Shape switch
    {
        Shape.Text => IsText(value),
        Shape.TextList => value.ValueKind == JsonValueKind.Array && AreTexts(value),
        Shape.List => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    /// <summary>As in Backstage a blank is a text, and names nothing.</summary>
    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && !value.ValueEquals("");

    private static bool AreTexts(JsonElement list)
    {
        foreach (var item in list.EnumerateArray())
        {
            if (!IsText(item))
            {
                return false;
            }
        }

        return true;
    }

    private string Words() => Shape switch
    {
        Shape.Text => "a text",
        Shape.TextList => "a list of texts",
        Shape.List => "a list",
        _ => "an object",
    };

    private static string[] Texts(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return [value.GetString()!];
        }

        var (texts, i) = (new string[value.GetArrayLength()], 0);
        foreach (var item in value.EnumerateArray())
        {
            texts[i++] = item.GetString()!;
        }

        return texts;
    }
}
