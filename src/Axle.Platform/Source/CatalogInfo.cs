using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog;

namespace Axle.Platform.Source;

/// <summary>The component that a repository's <c>catalog-info.yaml</c> describes, and the file that is proposed where there is none.</summary>
internal static class CatalogInfo
{
    public const string FileName = "catalog-info.yaml";

    /// <summary>The file that says the same as an import.</summary>
    public static string Propose(string name, EntityRef owner) => $"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
          annotations:
            {Annotations.Repository}: {name}
        spec:
          type: service
          lifecycle: production
          owner: {owner.Short}

        """;

    /// <summary>
    /// The first component of a descriptor file, with the name, owner and repository of the import. What the file says
    /// beyond that is kept.
    /// </summary>
    public static Result<Entity> Read(string text, string name, EntityRef owner, string? upstream)
    {
        if (!Descriptors.Read(text, FileName).TryGet(out var described, out var wrong))
        {
            return Errors.CatalogInfo(wrong.Problems);
        }

        var component = described.Select(one => one.Entity).FirstOrDefault(entity => entity.Kind == Kinds.Component);
        return component is null
            ? Errors.CatalogInfo([new Problem("describes no entity of the kind Component", FileName)])
            : Complete(component, name, owner, upstream);
    }

    private static Entity Complete(Entity component, string name, EntityRef owner, string? upstream)
    {
        var annotations = new Dictionary<string, string>(component.Metadata.Annotations, StringComparer.Ordinal) { [Annotations.Repository] = name };
        if (upstream is not null)
        {
            annotations[Annotations.SourceLocation] = $"url:{upstream}";
        }

        var spec = component.Spec.ValueKind == JsonValueKind.Object ? JsonObject.Create(component.Spec)! : [];
        spec["owner"] = owner.ToString();
        spec["type"] ??= "service";
        spec["lifecycle"] ??= "production";
        return component with
        {
            Metadata = component.Metadata with { Name = name, Namespace = EntityRef.DefaultNamespace, Annotations = annotations },
            Spec = JsonSerializer.SerializeToElement(spec),
        };
    }
}
