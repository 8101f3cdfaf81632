using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>The descriptor files of a folder: every <c>catalog-info.yaml</c>, and other YAML that says it is Backstage's.</summary>
internal static partial class DescriptorFolder
{
    private const long FileLengthMax = 3 << 20;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public static async IAsyncEnumerable<SourceEntity> ReadAsync(string folder, List<CatalogImportItem> refused, [EnumeratorCancellation] CancellationToken stop)
    {
        // Links are not followed: they could lead out of the folder, or round in it.
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var files = Directory.EnumerateFiles(folder, "*", options)
            .Select(file => (Full: file, Name: Path.GetRelativePath(folder, file)))
            .Where(file => file.Name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
            .Where(file => !file.Name.Split('/').Any(part => part is ".git" or "node_modules"))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var (full, name) in files)
        {
            string? text = null;
            if (new FileInfo(full).Length > FileLengthMax)
            {
                refused.Add(new CatalogImportItem(null, "rejected", name, $"It is larger than {FileLengthMax >> 20} MiB."));
                continue;
            }

            try
            {
                text = s_strict.GetString(await File.ReadAllBytesAsync(full, stop)).TrimStart('\uFEFF');
            }
            catch (DecoderFallbackException)
            {
                refused.Add(new CatalogImportItem(null, "rejected", name, "It is not UTF-8."));
            }

            if (text is not null && (Path.GetFileNameWithoutExtension(name) == "catalog-info" || Backstages().IsMatch(text)))
            {
                yield return new SourceEntity(new CatalogImportFile(name, text));
            }
        }
    }

    [GeneratedRegex("""^["']?apiVersion["']?\s*:\s*["']?(scaffolder\.)?backstage\.io/""", RegexOptions.Multiline)]
    private static partial Regex Backstages();
}
