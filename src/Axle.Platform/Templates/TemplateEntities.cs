using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Templates;

/// <summary>Shows the shipped templates in the catalogue: puts them there at start, which changes nothing when they are the same.</summary>
internal sealed class TemplateEntities(TemplateLibrary templates, IEntityStore entities, ILogger<TemplateEntities> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var template in templates.All())
        {
            if (!(await entities.PutAsync(template, "system:templates", message: "Shipped with Axle", stop: stoppingToken)).TryGet(out _, out var error))
            {
                log.LogWarning("The template {Name} is not shown in the catalogue: {Reason}", template.Metadata.Name, error.Message);
            }
        }
    }
}
