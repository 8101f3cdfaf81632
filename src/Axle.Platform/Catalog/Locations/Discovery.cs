using Axle.Contracts;
using Axle.Platform.Catalog.Locations.Hosts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Finds the descriptor files of all repositories of an organisation. Each repository becomes a Location of its own, so that
/// each has its own status, is refreshed by itself, and one that is broken disturbs no other.
/// </summary>
internal sealed class Discovery(HostApi hosts, IEnumerable<IHostedFiles> own)
{
    public const string OfThisPlatform = "axle-discovery";
    private const string TypeEnd = "-discovery";
    private const string FileDefault = "catalog-info.yaml";

    /// <summary>The spec.type of a Location that means many repositories; null for every other.</summary>
    public static string? TypeOf(Entity location) =>
        LocationSpec.TypeOf(location) is { } type && type.EndsWith(TypeEnd, StringComparison.Ordinal) ? type : null;

    /// <summary>The addresses of the files, which need not be there.</summary>
    public async Task<Result<IReadOnlyList<Uri>>> FindAsync(string type, string target, CancellationToken stop)
    {
        if (type == OfThisPlatform)
        {
            return own.FirstOrDefault() is { } files ? Own(files, target) : new TargetInvalid(target);
        }

        if (!Uri.TryCreate(target, UriKind.Absolute, out var address) || address is not { Scheme: "http" or "https", UserInfo.Length: 0 })
        {
            return new TargetInvalid(target);
        }

        if (hosts.Hosts.FirstOrDefault(one => one.Holds(address) && one.DiscoveryType == type) is not { } host)
        {
            return new CatalogInputInvalid($"No host {address.Authority} for {type} is known; an administrator names it under Integrations in axle.json");
        }

        var wanted = Wish.Of(host, address);
        if (wanted is null)
        {
            return new CatalogInputInvalid($"{target} does not say which organisation; write https://{host.Host}/ORGANISATION, or https://{host.Host}/ORGANISATION/REPOSITORY*/blob/-/{FileDefault}");
        }

        return (await host.RepositoriesAsync(wanted.Organisation, hosts, stop)).TryGet(out var found, out var error)
            ? Result<IReadOnlyList<Uri>>.Of([.. found
                .Where(repository => !repository.Archived && Globs.Matches(wanted.Repositories, repository.Name) && (wanted.Branch ?? repository.Branch) is not null)
                .Select(repository => host.PageOf(repository, wanted.Branch ?? repository.Branch!, wanted.Path))])
            : error;
    }

    /// <summary>Repositories of this platform: <c>*</c>, or a pattern of their names, and where their file is.</summary>
    private static Result<IReadOnlyList<Uri>> Own(IHostedFiles files, string target)
    {
        var parts = target.Trim('/').Split('/', 2);
        var (pattern, path) = (parts[0].Length == 0 ? "*" : parts[0], parts.Length > 1 ? parts[1] : FileDefault);
        return Result<IReadOnlyList<Uri>>.Of([.. files.Repositories()
            .Where(repository => Globs.Matches(pattern, repository.Segments[^1].Replace(".git", "", StringComparison.Ordinal)))
            .Select(repository => new Uri($"{repository}/blob/HEAD/{path}"))]);
    }

    /// <summary>What a target asks for. Backstage's forms: the organisation alone, or with a pattern of repositories, a branch (- or * is the default one) and a path.</summary>
    private sealed record Wish(string Organisation, string Repositories, string? Branch, string Path)
    {
        private static readonly string[] s_kinds = ["blob", "src", "tree"];

        public static Wish? Of(SourceHost host, Uri address)
        {
            var raw = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
            var kind = raw.FindIndex(part => s_kinds.Contains(part));
            if (kind < 0)
            {
                return raw.Count == 0 ? null
                    : host is GitLabHost ? new Wish(string.Join('/', raw), "*", null, FileDefault)
                    : raw.Count <= 2 ? new Wish(raw[0], raw.Count == 2 ? raw[1] : "*", null, FileDefault)
                    : null;
            }

            // GitLab's form has the group, with its subgroups, before; the others an organisation and a pattern.
            var before = raw[..kind].Where(part => part != "-").ToList();
            var after = raw[(kind + 1)..];
            if (raw[kind] == "src" && host is GiteaHost && after is ["branch", ..])
            {
                after = after[1..];
            }

            if (before.Count == 0 || after.Count < 2 || (host is not GitLabHost && before.Count > 2) || after.Concat(before).SelectMany(part => part.Split('/', '\\')).Any(part => part is "." or ".."))
            {
                return null;
            }

            return new Wish(
                host is GitLabHost ? string.Join('/', before) : before[0],
                host is GitLabHost || before.Count == 1 ? "*" : before[1],
                after[0] is "-" or "*" ? null : after[0],
                string.Join('/', after[1..]));
        }
    }
}
