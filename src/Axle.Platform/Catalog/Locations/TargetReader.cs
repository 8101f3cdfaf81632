using System.Net;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Catalog.Locations.Hosts;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Reads descriptor files: those of this platform's own repositories from git, those of a host that a token was configured for
/// by its API, all others over HTTP as anybody sees them.
/// </summary>
internal sealed class TargetReader : IDisposable
{
    private const int BytesMax = 4 << 20;
    private const int RedirectsMax = 5;

    /// <summary>Files that one target with * in it may mean.</summary>
    private const int MatchesMax = 1000;

    private readonly CatalogOptions _options;
    private readonly HttpClient _http;
    private readonly HostApi _hosts;
    private readonly IHostedFiles? _own;

    public TargetReader(IOptions<CatalogOptions> options, GuardedConnections connections, HostApi hosts, IEnumerable<IHostedFiles> own)
    {
        _options = options.Value;
        _hosts = hosts;
        _own = own.FirstOrDefault();
        _http = new HttpClient(connections.Handler(RedirectsMax)) { Timeout = _options.ReadTimeMax, MaxResponseContentBufferSize = BytesMax };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("axle");
    }

    public void Dispose() => _http.Dispose();

    /// <param name="target">The file.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="tag">Of the file as it is known already: when it still is, the answer says so and has no text.</param>
    public async Task<Result<TargetText>> ReadAsync(Uri target, CancellationToken stop, string? tag = null)
    {
        if (_own?.Find(target) is { } own)
        {
            return (await _own.ReadAsync(own, stop)).TryGet(out var text, out var error)
                ? text is null ? new TargetUnreadable(own, "there is no such file", Missing: true) : new TargetText(own, Encoding.UTF8.GetBytes(text))
                : new TargetUnreadable(own, error.Message.TrimEnd('.'), error.Status == 404);
        }

        return _hosts.Find(target) is { HasToken: true } host && host.Read(target) is { } page
            ? await _hosts.ReadAsync(host, target, page, tag, stop)
            : await ReadPageAsync(target, tag, stop);
    }

    /// <summary>The files that an address with * in its path means, on hosts that can list theirs.</summary>
    public async Task<Result<IReadOnlyList<Uri>>> MatchingAsync(Uri target, CancellationToken stop)
    {
        IReadOnlyList<Uri> found;
        if (_own?.Find(target) is { } own)
        {
            if (!(await _own.ListAsync(own, stop)).TryGet(out var paths, out var error))
            {
                return new TargetUnreadable(own, error.Message.TrimEnd('.'), error.Status == 404);
            }

            // Everything up to the branch is the same for all of them.
            var head = own.AbsoluteUri[..(own.AbsoluteUri.IndexOf(".git/", StringComparison.Ordinal) + ".git/".Length)];
            var parts = own.AbsoluteUri[head.Length..].Split('/', 3);
            found = [.. Globs.Matching(Uri.UnescapeDataString(parts[2]), paths).Select(path => new Uri($"{head}{parts[0]}/{parts[1]}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}"))];
        }
        else if (_hosts.Find(target) is { } host && host.Read(target) is { } page)
        {
            if (!(await host.FilesAsync(page, _hosts, stop)).TryGet(out var paths, out var error))
            {
                return error;
            }

            found = [.. Globs.Matching(page.Path, paths).Select(path => SourceHost.PageOf(target, page, path))];
        }
        else
        {
            return new TargetUnreadable(target, "a * needs a host that lists its files: GitHub, GitLab, Gitea, Bitbucket Cloud or this platform's git; others are named in Integrations");
        }

        return found.Count switch
        {
            0 => new TargetUnreadable(target, "no file matches it", Missing: true),
            > MatchesMax => new TargetUnreadable(target, $"{found.Count} files match it, and at most {MatchesMax} are read"),
            _ => Result<IReadOnlyList<Uri>>.Of(found),
        };
    }

    private async Task<Result<TargetText>> ReadPageAsync(Uri target, string? tag, CancellationToken stop)
    {
        try
        {
            using var answer = await GetAsync(SourceHosts.TextOf(target), tag, stop);
            if (!answer.IsSuccessStatusCode && (tag is null || answer.StatusCode != HttpStatusCode.NotModified))
            {
                var missing = answer.StatusCode == HttpStatusCode.NotFound;
                return new TargetUnreadable(target, $"it answers {(int)answer.StatusCode}{(missing ? ": there is no such file, or it is private" : "")}", missing);
            }

            return await TargetText.OfAsync(target, answer, stop);
        }
        catch (HttpRequestException e)
        {
            return new TargetUnreadable(target, e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"it is larger than {BytesMax >> 20} MiB" : e.InnerException?.Message ?? e.Message);
        }
        catch (UriFormatException)
        {
            // What the framework makes of a redirect to file: and the like.
            return new TargetUnreadable(target, "it leads to an address that is neither http nor https");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new TargetUnreadable(target, $"it did not answer within {_options.ReadTimeMax.TotalSeconds} s");
        }
    }

    /// <summary>Asks a second time when the connection was cut: a busy host does that now and then, and the next look is minutes away.</summary>
    private async Task<HttpResponseMessage> GetAsync(Uri address, string? tag, CancellationToken stop)
    {
        try
        {
            return await SendAsync();
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded || e.InnerException is IOException)
        {
            return await SendAsync();
        }

        async Task<HttpResponseMessage> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            TargetText.AskUnless(tag, request);
            return await _http.SendAsync(request, stop);
        }
    }
}
