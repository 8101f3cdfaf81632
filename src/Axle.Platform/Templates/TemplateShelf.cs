using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Tasks;

namespace Axle.Platform.Templates;

/// <summary>A template that can be run, and where it comes from.</summary>
internal sealed record ReadyTemplate(TemplateDefinition Definition, TemplateOrigin Origin);

/// <summary>
/// Every template that there is: those of the catalogue, whoever described them, and those that ship with the platform, whose
/// folders are read each time, so that a change there needs no restart.
/// </summary>
internal sealed class TemplateShelf(TemplateLibrary library, IEntityStore entities, ActionTable actions)
{
    private const string UrlPrefix = "url:";

    /// <summary>Templates that can be run, by ref. One with mistakes is left out; asking for it by its ref says what they are.</summary>
    public IReadOnlyList<ReadyTemplate> All() =>
        [.. Refs().Select(Find).Where(found => found.Ok).Select(found => found.Value)];

    /// <summary>The template, or what is wrong with it.</summary>
    public Result<ReadyTemplate> Find(EntityRef which)
    {
        var entity = entities.Find(which) is { Metadata.DeletedAt: null } there ? there : null;
        var shipped = entity is null
            ? which.Namespace == EntityRef.DefaultNamespace ? which.Name : null
            : entity.Metadata.Annotations.GetValueOrDefault(ShippedTemplate.Annotation);
        if (shipped is not null && library.Has(shipped))
        {
            if (!library.Find(shipped).TryGet(out var read, out var unreadable))
            {
                return unreadable;
            }

            return read.Define(actions.All).TryGet(out var definition, out var invalid)
                ? new ReadyTemplate(definition, new TemplateOrigin(definition.Ref, read.Folder, null, Digest(read.Entity)))
                : invalid;
        }

        if (entity is null || !which.Kind.Equals(Kinds.Template, StringComparison.OrdinalIgnoreCase))
        {
            return TemplateErrors.Unknown(which.Short["template:".Length..], [.. Refs().Select(one => one.Short["template:".Length..])]);
        }

        return DefinitionReader.Read(entity, actions.All).TryGet(out var found, out var error)
            ? new ReadyTemplate(found, new TemplateOrigin(which, null, AddressOf(entity), Digest(entity)))
            : error;
    }

    /// <summary>A name, or a ref, as people write it.</summary>
    public Result<ReadyTemplate> Find(string text) =>
        EntityRef.TryParse(text, Kinds.Template, EntityRef.DefaultNamespace, out var which) && which.Kind == "template"
            ? Find(which)
            : TemplateErrors.Unknown(text, [.. Refs().Select(one => one.Short["template:".Length..])]);

    /// <summary>Where relative addresses of a template begin: where its source is, else the file that describes it.</summary>
    private static Uri? AddressOf(Entity entity) =>
        ((string[])[Annotations.SourceLocation, "backstage.io/managed-by-location"])
            .Select(name => entity.Metadata.Annotations.GetValueOrDefault(name))
            .Where(text => text is not null && text.StartsWith(UrlPrefix, StringComparison.Ordinal))
            .Select(text => Uri.TryCreate(text![UrlPrefix.Length..], UriKind.Absolute, out var address) ? address : null)
            .FirstOrDefault(address => address is not null);

    /// <summary>Stands for what a template says.</summary>
    private static string Digest(Entity entity) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(entity.Spec.GetRawText())))[..16];

    private IEnumerable<EntityRef> Refs() =>
        entities.Query(new EntityQuery { Kinds = [Kinds.Template], All = true }).Items.Select(entity => entity.Ref)
            .Concat(library.Names().Select(name => EntityRef.Of(Kinds.Template, name)))
            .Distinct()
            .Order();
}
