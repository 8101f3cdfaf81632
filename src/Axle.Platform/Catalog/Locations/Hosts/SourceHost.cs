using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>A repository as its host lists it.</summary>
/// <param name="Page">Its address.</param>
/// <param name="Branch">Its default branch; null while it is empty.</param>
/// <param name="Archived">Nobody works on it any more.</param>
internal sealed record HostRepository(string Name, Uri Page, string? Branch, bool Archived);

/// <summary>What the address of a file's page says.</summary>
internal sealed record FilePage(string Repository, string Branch, string Path);

/// <summary>A source host's API: how it lists repositories and files, and where the text of a private file is.</summary>
/// <param name="token">Asked for each use: it may be renewed.</param>
internal abstract partial class SourceHost(string host, Uri api, Func<string?> token)
{
    /// <summary>Pages of an answer that are followed.</summary>
    protected const int PagesMax = 1000;

    public string Host => host;

    public Uri Api => api;

    public bool HasToken => token() is not null;

    /// <summary>The spec.type of Locations that mean all repositories of an organisation.</summary>
    public abstract string DiscoveryType { get; }

    /// <summary>The annotation by which tools find an entity's repository there; null where there is none.</summary>
    public virtual string? SlugAnnotation => null;

    public bool Holds(Uri address) => address.Authority.Equals(host, StringComparison.OrdinalIgnoreCase);

    /// <summary>The parts of a file's address; null when it is not one of a file.</summary>
    public abstract FilePage? Read(Uri page);

    /// <summary>The page of a file.</summary>
    public abstract Uri PageOf(HostRepository repository, string branch, string path);

    /// <summary>The page of another file in the same repository and branch.</summary>
    public static Uri PageOf(Uri page, FilePage read, string path) => new UriBuilder(page) { Path = Escaped(Uri.UnescapeDataString(page.AbsolutePath)[..^read.Path.Length] + path) }.Uri;

    /// <summary>Where the API has a file's text.</summary>
    public abstract Uri TextOf(FilePage page);

    /// <summary>All repositories of an organisation, page by page.</summary>
    public abstract Task<Result<IReadOnlyList<HostRepository>>> RepositoriesAsync(string organisation, HostApi http, CancellationToken stop);

    /// <summary>Paths of all files of a branch.</summary>
    public abstract Task<Result<IReadOnlyList<string>>> FilesAsync(FilePage page, HostApi http, CancellationToken stop);

    /// <summary>How the token is shown, on requests to the API only.</summary>
    public void Authorize(HttpRequestHeaders headers)
    {
        if (token() is { } secret)
        {
            Authorize(headers, secret);
        }
    }

    protected virtual void Authorize(HttpRequestHeaders headers, string secret) => headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);

    protected Uri At(string path) => new($"{api.ToString().TrimEnd('/')}/{path}");

    protected static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    protected static string? Text(JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json))
            {
                return null;
            }
        }

        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character; no name or address has one.
            return null;
        }
    }

    protected static bool Flag(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A part that is <c>..</c> only once it is decoded would lead the token to another place of the API.</summary>
    protected static FilePage? Match(Regex form, Uri page) =>
        form.Match(page.AbsolutePath) is { Success: true } match
        && Decoded(match, "repository") is { } repository && repository.All(IsNameCharacter)
        && Decoded(match, "branch") is { } branch && Decoded(match, "path") is { } path
            ? new FilePage(repository, branch, path)
            : null;

    /// <summary>Items of all pages, until one names no next; a page that cannot be had makes the whole list unknown.</summary>
    protected async Task<Result<IReadOnlyList<T>>> PagesAsync<T>(Uri first, Func<JsonElement, IEnumerable<JsonElement>> items, Func<JsonElement, T?> read, Func<HostAnswer, Uri?> next, HostApi http, CancellationToken stop)
        where T : class
    {
        var found = new List<T>();
        var at = first;
        for (var page = 0; page < PagesMax; page++)
        {
            if (!(await http.GetAsync(this, at, stop)).TryGet(out var answer, out var error))
            {
                return error;
            }

            found.AddRange(items(answer.Json).Select(read).OfType<T>());
            if (next(answer) is not { } following)
            {
                return found;
            }

            // A next page elsewhere would get the token.
            if (following.GetLeftPart(UriPartial.Authority) != api.GetLeftPart(UriPartial.Authority))
            {
                return new HostUnusable(host, $"its next page is at {following.Authority}, which is not its API");
            }

            at = following;
        }

        return new HostUnusable(host, $"its list has more than {PagesMax} pages");
    }

    /// <summary>A list's items; none where the answer is no list.</summary>
    protected static IEnumerable<JsonElement> List(JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [];

    protected static Uri? LinkedNext(HostAnswer answer) =>
        answer.Headers.TryGetValues("Link", out var links) && NextLink().Match(string.Join(',', links)) is { Success: true } next ? new Uri(answer.From, next.Groups["address"].Value) : null;

    private static string? Decoded(Match match, string group) =>
        Uri.UnescapeDataString(match.Groups[group].Value) is var text && SafePath.Wrong(text) is null && !text.Contains('\\', StringComparison.Ordinal) && !text.Split('/').Contains(".") ? text : null;

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '~' or ' ' || c > 0x7F;

    [GeneratedRegex("""<(?<address>[^>]+)>[^,]*;\s*rel="?next"?""")]
    private static partial Regex NextLink();
}
