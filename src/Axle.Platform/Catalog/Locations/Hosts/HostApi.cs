using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>A page of an API's answer.</summary>
internal sealed record HostAnswer(Uri From, JsonElement Json, HttpResponseHeaders Headers);

/// <summary>
/// Asks source hosts' APIs. One that asks to be left alone (<c>Retry-After</c>, a used-up rate limit) is, until the time it
/// named. Redirects are not followed: a token belongs to one host.
/// </summary>
internal sealed class HostApi : IDisposable
{
    private const int BytesMax = 16 << 20;

    /// <summary>A wait that a host asked for and that is kept within the same call.</summary>
    private static readonly TimeSpan s_waitMax = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _notBefore = new();
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public HostApi(GuardedConnections connections, IOptions<CatalogOptions> options, IOptions<IntegrationsOptions> integrations, TimeProvider clock)
    {
        _clock = clock;
        Hosts = All(integrations.Value);
        _http = new HttpClient(connections.Handler(redirects: 0)) { Timeout = options.Value.ReadTimeMax, MaxResponseContentBufferSize = BytesMax };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("axle");
    }

    /// <summary>The hosts that are known: those of the configuration, and the public ones.</summary>
    public IReadOnlyList<SourceHost> Hosts { get; }

    public void Dispose() => _http.Dispose();

    public SourceHost? Find(Uri address) => Hosts.FirstOrDefault(host => host.Holds(address));

    public async Task<Result<HostAnswer>> GetAsync(SourceHost host, Uri address, CancellationToken stop)
    {
        if (!(await SendAsync(host, address, "application/json", stop)).TryGet(out var answer, out var error))
        {
            return error;
        }

        using (answer)
        {
            try
            {
                // As text, so that what is no Unicode is replaced: nobody can read it later.
                return new HostAnswer(address, JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(stop))), answer.Headers);
            }
            catch (JsonException)
            {
                return new HostUnusable(host.Host, $"{address} answers with something that is no JSON");
            }
        }
    }

    /// <summary>The text of a file, with the token of its host.</summary>
    public async Task<Result<TargetText>> ReadAsync(SourceHost host, Uri page, FilePage file, string? tag, CancellationToken stop)
    {
        if (!(await SendAsync(host, host.TextOf(file), "application/vnd.github.raw, text/plain, */*", stop, tag)).TryGet(out var answer, out var error))
        {
            return error is TargetUnreadable unreadable ? new TargetUnreadable(page, unreadable.Reason, unreadable.Missing) : error;
        }

        using (answer)
        {
            return await TargetText.OfAsync(page, answer, stop);
        }
    }

    private async Task<Result<HttpResponseMessage>> SendAsync(SourceHost host, Uri address, string accept, CancellationToken stop, string? tag = null)
    {
        for (var first = true; ; first = false)
        {
            if (_notBefore.TryGetValue(host.Host, out var until) && until > _clock.GetUtcNow())
            {
                return new HostBusy(host.Host, until);
            }

            var sent = await TryAsync(host, address, accept, tag, stop);
            if (!sent.TryGet(out var answer, out _) || answer.IsSuccessStatusCode || (tag is not null && answer.StatusCode == HttpStatusCode.NotModified))
            {
                return sent;
            }

            using (answer)
            {
                if (WaitOf(answer) is not { } wait)
                {
                    var missing = answer.StatusCode == HttpStatusCode.NotFound;
                    return new TargetUnreadable(address, $"it answers {(int)answer.StatusCode}{(missing ? ": there is no such thing, or it is private" : answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "; its token in Integrations is missing, wrong or not allowed to" : "")}", missing);
                }

                if (!first || wait > s_waitMax)
                {
                    var end = _clock.GetUtcNow() + wait;
                    _notBefore[host.Host] = end;
                    return new HostBusy(host.Host, end);
                }

                await Task.Delay(wait, _clock, stop);
            }
        }
    }

    private async Task<Result<HttpResponseMessage>> TryAsync(SourceHost host, Uri address, string accept, string? tag, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        TargetText.AskUnless(tag, request);
        host.Authorize(request.Headers);
        try
        {
            return await _http.SendAsync(request, stop);
        }
        catch (HttpRequestException e)
        {
            return new TargetUnreadable(address, e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"its answer is larger than {BytesMax >> 20} MiB" : e.InnerException?.Message ?? e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new TargetUnreadable(address, $"it did not answer within {_http.Timeout.TotalSeconds} s");
        }
    }

    /// <summary>How long the host wants to be left alone; null when it does not say so.</summary>
    private TimeSpan? WaitOf(HttpResponseMessage answer)
    {
        if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable))
        {
            return null;
        }

        if (answer.Headers.RetryAfter is { } after)
        {
            return after.Delta ?? (after.Date is { } date && date > _clock.GetUtcNow() ? date - _clock.GetUtcNow() : TimeSpan.Zero);
        }

        if (One(answer, "X-RateLimit-Remaining") == 0 && One(answer, "X-RateLimit-Reset") is { } reset)
        {
            var wait = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(reset, 0, 253402300799)) - _clock.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }

        return answer.StatusCode == HttpStatusCode.TooManyRequests ? TimeSpan.FromMinutes(1) : null;
    }

    private static long? One(HttpResponseMessage answer, string header) =>
        answer.Headers.TryGetValues(header, out var values) && long.TryParse(values.FirstOrDefault(), out var number) ? number : null;

    private static List<SourceHost> All(IntegrationsOptions options)
    {
        var hosts = new List<SourceHost>();
        Add(options.GitHub, "github.com", (one, api) => new GitHubHost(one.Host, api, one.ReadToken));
        Add(options.GitLab, "gitlab.com", (one, api) => new GitLabHost(one.Host, api, one.ReadToken));
        Add(options.Gitea, null, (one, api) => new GiteaHost(one.Host, api, one.ReadToken));
        Add(options.BitbucketCloud, "bitbucket.org", (one, api) => new BitbucketHost(one.Host, api, one.ReadToken));
        return hosts;

        void Add(IReadOnlyList<IntegrationOptions> configured, string? usual, Func<IntegrationOptions, Uri?, SourceHost> make)
        {
            foreach (var one in configured)
            {
                one.Host = one.Host.Length > 0 ? one.Host : usual ?? throw new InvalidOperationException("An entry of Integrations:gitea in axle.json has no host; write for instance \"host\": \"gitea.example.com\".");
                hosts.Add(make(one, one.ApiBaseUrl is { Length: > 0 } api ? new Uri(api) : null));
            }

            if (usual is not null && !configured.Any(one => one.Host == usual))
            {
                hosts.Add(make(new IntegrationOptions { Host = usual }, null));
            }
        }
    }
}
