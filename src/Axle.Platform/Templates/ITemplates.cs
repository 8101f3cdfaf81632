using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Form;

namespace Axle.Platform.Templates;

/// <summary>What others may ask of templates.</summary>
public interface ITemplates
{
    /// <summary>All templates that can be used, as entities of the kind Template.</summary>
    IReadOnlyList<Entity> All();

    /// <summary>All templates that can be used, with the questions of each.</summary>
    IReadOnlyList<TemplateView> Views();

    /// <summary>What a template asks, or why it cannot be used.</summary>
    Result<TemplateForm> Form(EntityRef which);

    /// <summary>How components stand to the templates that they were made from; each is looked at by running its template again, dry.</summary>
    /// <param name="skip">So many, in the order of their names, are passed over.</param>
    /// <param name="most">So many are looked at.</param>
    /// <returns>Those, and how many there are.</returns>
    Task<(IReadOnlyList<TemplateDriftView> Items, int Total)> DriftAsync(int skip, int most, Caller caller, CancellationToken stop);

    /// <summary>Proposes what templates make now, as a branch of each component's repository: the same verb as the API's, with the same rights.</summary>
    Task<Result<List<TemplateUpdateView>>> UpdateAsync(TemplateUpdateRequest request, Caller caller, CancellationToken stop);

    /// <summary>Makes a component from a template: the same verb as the API's, with the same rights.</summary>
    Task<Result<CreateAnswer>> CreateAsync(CreateRequest request, Caller caller, CancellationToken stop);
}
