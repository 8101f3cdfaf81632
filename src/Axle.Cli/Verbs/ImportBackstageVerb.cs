using System.CommandLine;
using System.Globalization;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Moves a whole catalogue over, from a Backstage that runs or from a folder of descriptor files.</summary>
internal static class ImportBackstageVerb
{
    private const int PartFilesMax = 200;
    private const int PartLengthMax = 1 << 20;
    /// <summary>Entities of one reason that are named; the rest are counted, and all are in the JSON.</summary>
    private const int LeftNamedMax = 3;

    private const string TokenVariable = "BACKSTAGE_TOKEN";

    public static Verb Of(AxleCli cli)
    {
        var source = new Argument<string>("source") { Description = "The address of a Backstage, or a folder with descriptor files" };
        var token = new Option<string?>("--token") { Description = $"For the Backstage's API (default: ${TokenVariable})", HelpName = "TOKEN" };
        var name = new Option<string?>("--source") { Description = "What to call where it comes from; entities imported under the same name before are brought up to date (default: the address, or the folder's path)", HelpName = "name" };
        var locations = new Option<bool>("--locations") { Description = "Register the Backstage's locations, and leave what they describe to them" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would happen" };
        return new Verb(
            "backstage",
            "Take over a whole catalogue, and say of every entity what came of it; can be repeated",
            "axle import backstage https://backstage.example.com --dry-run",
            "axle import backstage https://backstage.example.com --locations --output json",
            "axle import backstage ./catalog --source acme-catalog")
        {
            source, token, name, locations, dryRun,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var from = parsed.GetRequiredValue(source);
            var isFolder = Directory.Exists(from);
            var called = parsed.GetValue(name) ?? (isFolder ? Path.GetFullPath(from).TrimEnd('/') : BackstageSource.AddressOf(from).ToString().TrimEnd('/'));
            var import = new Import(session, called, isFolder, parsed.GetValue(locations), parsed.GetValue(dryRun));
            var secret = parsed.GetValue(token) ?? session.Host.Variable(TokenVariable);
            var entities = isFolder ? DescriptorFolder.ReadAsync(from, import.Items, stop) : BackstageSource.ReadAsync(from, secret, stop);
            await foreach (var entity in entities)
            {
                await import.AddAsync(entity, stop);
            }

            await import.SendAsync(stop);
            return Report(session, await import.EndAsync(stop));
        });
    }

    private static int Report(Session session, ImportReport report)
    {
        session.Show(report, CliJson.Default.ImportReport, terminal =>
        {
            foreach (var item in report.Rejected)
            {
                terminal.Line(new Cell("✗ ", Tone.Bad), item.Ref is { } which ? $"{which.Short} is rejected ({item.File})" : $"{item.File} is rejected");
                foreach (var line in item.Problems.Count > 0 ? item.Problems.Select(problem => problem.ToString()) : [item.Reason ?? ""])
                {
                    terminal.Line($"    {line}");
                }

                if (item.Next is { } next)
                {
                    terminal.Line(new Cell("    Next: ", Tone.Strong), next);
                }
            }

            foreach (var item in report.Held)
            {
                terminal.Line(new Cell("= ", Tone.Busy), $"{item.Ref?.Short} stays as it is. {item.Reason}");
                terminal.Line(item.Differences.Count == 0 ? "    It says the same." : $"    It differs in {string.Join(", ", item.Differences)}.");
                if (item.Next is { } next)
                {
                    terminal.Line(new Cell("    Next: ", Tone.Strong), next);
                }
            }

            // A whole catalogue may be left for one reason.
            foreach (var alike in report.Left.GroupBy(item => item.Reason))
            {
                string[] names = [.. alike.Select(item => item.Ref?.Short ?? item.File)];
                terminal.Line(new Cell("- ", Tone.Dim), $"{(names.Length > LeftNamedMax ? $"{string.Join(", ", names[..LeftNamedMax])} and {names.Length - LeftNamedMax} more" : string.Join(", ", names))}: {alike.Key}");
            }

            foreach (var target in report.Locations)
            {
                terminal.Line(new Cell("+ ", Tone.Good), $"location {target}");
            }

            if (report.Locations.Count > 0 && !report.DryRun)
            {
                terminal.Line(new Cell("    Next: ", Tone.Strong), "axle location list says what reading them came to");
            }

            var counts = report.Counts;
            terminal.Line(
                new Cell(report.DryRun ? "Would take over: " : "Taken over: ", Tone.Strong),
                string.Create(CultureInfo.InvariantCulture, $"{counts.Created} created, {counts.Updated} updated, {counts.Unchanged} unchanged; {counts.Rejected} rejected, {counts.Held} held by others, {counts.Left} left out; {counts.Locations} locations registered."));
        });
        return report.Counts.Rejected == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>One import: what was read goes to the platform in parts of a bounded size.</summary>
    private sealed class Import(Session session, string source, bool fromFiles, bool locations, bool dryRun)
    {
        private readonly List<CatalogImportFile> _part = [];
        private readonly List<SourceEntity> _waiting = [];
        private readonly HashSet<string> _targets = new(StringComparer.Ordinal);
        private int _length;

        public List<CatalogImportItem> Items { get; } = [];

        public Task AddAsync(SourceEntity entity, CancellationToken stop)
        {
            // Which locations there are is known when all has been read; what they describe waits until then.
            if (entity.Location is { } target && locations)
            {
                _targets.Add(target);
                return Task.CompletedTask;
            }

            if (entity.Origin is not null && locations)
            {
                _waiting.Add(entity);
                return Task.CompletedTask;
            }

            return TakeAsync(entity, stop);
        }

        public async Task SendAsync(CancellationToken stop)
        {
            if (_part.Count == 0)
            {
                return;
            }

            EntityRef[] seen = [.. Items.Where(item => item.Outcome is "created" or "updated" or "unchanged").Select(item => item.Ref).OfType<EntityRef>()];
            var answer = await session.Client.SendAsync(HttpMethod.Post, "api/import/catalog", new CatalogImportRequest(source, [.. _part], seen, dryRun), AxleJson.Default.CatalogImportRequest, AxleJson.Default.CatalogImportAnswer, stop);
            Items.AddRange(fromFiles ? answer.Items : answer.Items.Select(WithoutPlaces));
            _part.Clear();
            _length = 0;
        }

        /// <summary>Locations at the end: what they describe is then left to them, and nothing of it was imported under the same name.</summary>
        public async Task<ImportReport> EndAsync(CancellationToken stop)
        {
            foreach (var entity in _waiting)
            {
                if (_targets.Contains(entity.Origin!))
                {
                    Items.Add(new CatalogImportItem(entity.Ref, "left", entity.File.Name, $"It comes with the location {entity.Origin}."));
                }
                else
                {
                    await TakeAsync(entity, stop);
                }
            }

            await SendAsync(stop);
            if (locations)
            {
                _targets.UnionWith(Items.Where(item => item.Outcome == "left").SelectMany(item => item.Targets));
            }

            var registered = new List<string>();
            foreach (var target in _targets.Order(StringComparer.Ordinal))
            {
                try
                {
                    if (!dryRun)
                    {
                        await LocationVerbs.RegisterAsync(session, target, stop);
                    }

                    registered.Add(target);
                }
                catch (RefusedException e) when (e.ExitCode == ExitCodes.Failed)
                {
                    Items.Add(new CatalogImportItem(null, "rejected", target, e.Error.Message, e.Error.Next));
                }
            }

            return ImportReport.Of(source, dryRun, Items, registered);
        }

        /// <summary>An answer of an API has no lines that anybody could look at.</summary>
        private static CatalogImportItem WithoutPlaces(CatalogImportItem item) =>
            item with { Problems = [.. item.Problems.Select(problem => problem with { File = null, Line = null, Column = null })] };

        private async Task TakeAsync(SourceEntity entity, CancellationToken stop)
        {
            if (_part.Count == PartFilesMax || (_part.Count > 0 && _length + entity.File.Text.Length > PartLengthMax))
            {
                await SendAsync(stop);
            }

            _part.Add(entity.File);
            _length += entity.File.Text.Length;
        }
    }
}

/// <summary>What is to be imported: an entity of a Backstage, or a file.</summary>
/// <param name="Origin">The registered address that led to it; null where it is not known.</param>
/// <param name="Location">The address that it registers, for a registered location.</param>
internal sealed record SourceEntity(CatalogImportFile File, EntityRef? Ref = null, string? Origin = null, string? Location = null);

/// <summary>What came of an import.</summary>
internal sealed record ImportReport(string Source, bool DryRun, ImportCounts Counts, IReadOnlyList<EntityRef> Created, IReadOnlyList<EntityRef> Updated, IReadOnlyList<CatalogImportItem> Rejected, IReadOnlyList<CatalogImportItem> Held, IReadOnlyList<CatalogImportItem> Left, IReadOnlyList<string> Locations)
{
    public static ImportReport Of(string source, bool dryRun, IReadOnlyList<CatalogImportItem> items, IReadOnlyList<string> locations)
    {
        CatalogImportItem[] Those(string outcome) => [.. items.Where(item => item.Outcome == outcome)];
        EntityRef[] Refs(string outcome) => [.. Those(outcome).Select(item => item.Ref).OfType<EntityRef>()];
        var (created, updated, rejected, held, left) = (Refs("created"), Refs("updated"), Those("rejected"), Those("held"), Those("left"));
        return new(source, dryRun, new(created.Length, updated.Length, Refs("unchanged").Length, rejected.Length, held.Length, left.Length, locations.Count), created, updated, rejected, held, left, locations);
    }
}

internal sealed record ImportCounts(int Created, int Updated, int Unchanged, int Rejected, int Held, int Left, int Locations);
