using Axle.Contracts;

namespace Axle.Platform.Templates;

/// <summary>What others may ask of templates.</summary>
public interface ITemplates
{
    /// <summary>All templates that can be used, as entities of the kind Template.</summary>
    IReadOnlyList<Entity> All();
}
