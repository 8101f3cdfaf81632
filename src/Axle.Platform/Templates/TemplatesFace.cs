using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Drift;
using Axle.Platform.Templates.Form;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates;

/// <summary>The capability as others see it.</summary>
internal sealed class TemplatesFace(TemplateShelf shelf, CreateComponent create, TemplateDrift drift, IRepositoryHosts hosts, IOptions<TemplatesOptions> options) : ITemplates
{
    public IReadOnlyList<Entity> All() => [.. shelf.All().Select(template => template.Definition.Entity)];

    public IReadOnlyList<TemplateView> Views() => [.. shelf.All().Select(ListTemplates.View)];

    public Result<TemplateForm> Form(EntityRef which) => shelf.Find(which).TryGet(out var found, out var error) ? new TemplateForm(found.Definition, [.. options.Value.FeatureFlags], hosts.KindOf) : error;

    public async Task<(IReadOnlyList<TemplateDriftView> Items, int Total)> DriftAsync(int skip, int most, Caller caller, CancellationToken stop) =>
        (await drift.ListAsync(caller, stop, skip, most), drift.Count);

    public async Task<Result<List<TemplateUpdateView>>> UpdateAsync(TemplateUpdateRequest request, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Push) is { } refused ? refused : await drift.UpdateAsync(request, caller, stop);

    // The API's route declares the verb; whoever comes by this way is asked here.
    public async Task<Result<CreateAnswer>> CreateAsync(CreateRequest request, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Create) is { } refused ? refused : await create.RunAsync(request, caller, stop);
}
