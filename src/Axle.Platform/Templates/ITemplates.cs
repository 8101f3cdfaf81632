using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Templates;

/// <summary>What others may ask of templates.</summary>
public interface ITemplates
{
    /// <summary>All templates that can be used, as entities of the kind Template.</summary>
    IReadOnlyList<Entity> All();

    /// <summary>All templates that can be used, with the questions of each.</summary>
    IReadOnlyList<TemplateView> Views();

    /// <summary>Makes a component from a template: the same verb as the API's, with the same rights.</summary>
    Task<Result<CreateAnswer>> CreateAsync(CreateRequest request, Caller caller, CancellationToken stop);
}
