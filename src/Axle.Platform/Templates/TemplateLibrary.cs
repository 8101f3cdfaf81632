using Axle.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates;

/// <summary>The templates that ship with the platform, read from their folder each time: a change there needs no restart.</summary>
internal sealed class TemplateLibrary(IOptions<TemplatesOptions> options, ILogger<TemplateLibrary> log)
{
    /// <summary>Those without mistakes, by name.</summary>
    public IReadOnlyList<ShippedTemplate> Templates()
    {
        var templates = new List<ShippedTemplate>();
        foreach (var folder in Folders())
        {
            if (ShippedTemplate.Read(folder).TryGet(out var template, out var error))
            {
                templates.Add(template);
            }
            else
            {
                log.LogWarning("Left out: {Reason}", error.Message);
            }
        }

        return templates;
    }

    public IReadOnlyList<Entity> All() => [.. Templates().Select(t => t.Entity)];

    public IReadOnlyList<string> Names() => [.. Folders().Select(folder => Path.GetFileName(folder)!)];

    public bool Has(string name) => Names().Contains(name);

    /// <summary>The template of this name, or what is wrong with it.</summary>
    public Result<ShippedTemplate> Find(string name) =>
        Folders().FirstOrDefault(f => Path.GetFileName(f) == name) is { } folder ? ShippedTemplate.Read(folder) : TemplateErrors.Unknown(name, Names());

    private List<string> Folders() => Root() is { } root
        ? [.. Directory.EnumerateDirectories(root).Where(f => File.Exists(Path.Combine(f, ShippedTemplate.FileName))).Order(StringComparer.Ordinal)]
        : [];

    // Installed, the server has a folder of its own beside the templates; in a source tree they lie further up.
    private string? Root()
    {
        if (options.Value.Folder is { Length: > 0 } given)
        {
            return Directory.Exists(given) ? given : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "templates");
            if (Directory.Exists(candidate) && Directory.EnumerateFiles(candidate, ShippedTemplate.FileName, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }).Any())
            {
                return candidate;
            }
        }

        return null;
    }
}
