using System.IO.Compression;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>
/// git's smart HTTP: clone, fetch and push with any git client. Packs stream through, in both directions; refusals are
/// worded so that git shows them (plain text at the first request, <c>remote:</c> lines later on).
/// </summary>
internal sealed class SmartHttp(
    Git git,
    Repositories repositories,
    SourceComponents components,
    PushTeller teller,
    PushNotes notes,
    PushGuard guard,
    SourceServing serving)
{
    private const long AskBytesMax = 64L * 1024 * 1024;

    public static Task RefsEndpoint(string name, string? service, HttpContext context, SmartHttp self, CancellationToken stop) =>
        self.AdvertiseAsync(name, service, context, stop);

    public static Task FetchEndpoint(string name, HttpContext context, SmartHttp self, CancellationToken stop) => self.FetchAsync(name, context, stop);

    public static Task PushEndpoint(string name, HttpContext context, SmartHttp self, CancellationToken stop) => self.PushAsync(name, context, stop);

    /// <summary>The first request of every clone, fetch and push: which refs are there. Where people see refusals best.</summary>
    private async Task AdvertiseAsync(string name, string? service, HttpContext context, CancellationToken stop)
    {
        if (service is not ("git-upload-pack" or "git-receive-pack"))
        {
            await RefuseAsync(context, new Error("source.dumb_http", "This git client is too old: only the smart HTTP protocol is spoken here.", "Use git 1.6.6 or newer.", 403));
            return;
        }

        var pushes = service == "git-receive-pack";
        if (!Allowed(name, context, pushes, out var folder, out var error))
        {
            await RefuseAsync(context, error);
            return;
        }

        Headers(context, $"application/x-{service}-advertisement");
        var protocol = pushes ? null : Protocol(context);
        if (protocol != "version=2")
        {
            await context.Response.Body.WriteAsync(PacketLines.Line($"# service={service}\n"), stop);
            await context.Response.Body.WriteAsync("0000"u8.ToArray(), stop);
        }

        var end = await git.RunAsync(
            new GitCall(null, service["git-".Length..], "--stateless-rpc", "--advertise-refs", folder.Path)
            {
                Variables = Variables(protocol),
                Output = (output, token) => output.CopyToAsync(context.Response.Body, token),
            },
            stop);
        if (!end.Ok)
        {
            await context.Response.Body.WriteAsync(PacketLines.Line($"ERR axle: the repository {name} cannot be read ({Git.Words(end)}). Next: ask an administrator to run git fsck in it.\n"), stop);
        }
    }

    private async Task FetchAsync(string name, HttpContext context, CancellationToken stop)
    {
        // 1. May they, and is there room?
        if (!Allowed(name, context, pushes: false, out var folder, out var error) || !IsType(context, "git-upload-pack", out error))
        {
            await RefuseAsync(context, error);
            return;
        }

        if (!await serving.EnterAsync(stop))
        {
            await RefuseAsync(context, Errors.Busy());
            return;
        }

        // 2. git talks to the client; whoever hangs up ends it.
        try
        {
            Headers(context, "application/x-git-upload-pack-result");
            await using var body = Body(context, AskBytesMax);
            await git.RunAsync(
                new GitCall(null, "upload-pack", "--stateless-rpc", "--strict", folder.Path)
                {
                    Variables = Variables(Protocol(context)),
                    Input = (input, token) => body.CopyToAsync(input, token),
                    Output = (output, token) => output.CopyToAsync(context.Response.Body, token),
                },
                stop);
        }
        finally
        {
            serving.Leave();
        }
    }

    private async Task PushAsync(string name, HttpContext context, CancellationToken stop)
    {
        // 1. May they, and is there room?
        if (!Allowed(name, context, pushes: true, out var folder, out var error) || !IsType(context, "git-receive-pack", out error))
        {
            await RefuseAsync(context, error);
            return;
        }

        if (!await serving.EnterAsync(stop))
        {
            await RefuseAsync(context, Errors.Busy());
            return;
        }

        // 2. git takes the pack. From here on nothing depends on the person staying: what git has, it finishes.
        var answer = new PushAnswer(context.Response.Body, serving.Options.KeepAlive, serving.Clock);
        var caller = context.Features.Get<Caller>()!;
        try
        {
            Headers(context, "application/x-git-receive-pack-result");
            await using var body = Body(context, long.MaxValue);
            await using var watch = guard.Watch(folder, components.OwnerOf(folder.Name)?.Metadata.Name ?? folder.Name);
            await git.RunAsync(
                new GitCall(null, "receive-pack", "--stateless-rpc", folder.Path)
                {
                    Actor = caller.Actor,
                    Variables = new Dictionary<string, string>
                    {
                        ["AXLE_GUARD"] = watch.Folder,
                        ["AXLE_DEFAULT_BRANCH"] = folder.DefaultBranch,
                        ["AXLE_FORCE"] = serving.Options.AllowForcePushToDefault ? "yes" : "no",
                        ["AXLE_FILE_MAX"] = serving.Options.FileBytesMax.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    },
                    Input = (input, token) => body.CopyToAsync(input, token),
                    Output = answer.PassAsync,
                },
                CancellationToken.None);
            await serving.DrainAsync(body);
        }
        finally
        {
            serving.Leave();
        }

        // 3. What moved is told to the platform, and what the platform does with it to the person.
        var report = await answer.ReportAsync(CancellationToken.None);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(stop, serving.Stopping);
        await answer.SendUntilAsync(AfterAsync(folder, report, answer, gone.Token), "axle: The platform is restarting; your push is kept and the work goes on afterwards. Next: axle status", gone.Token);
    }

    private async Task AfterAsync(RepositoryFolder folder, PushReport report, PushAnswer answer, CancellationToken gone)
    {
        foreach (var hint in PushNotes.Hints(report, folder, serving.Options))
        {
            answer.Say("axle: " + hint);
        }

        teller.Moved(folder.Name);
        if (!report.Moved.Contains($"refs/heads/{folder.DefaultBranch}"))
        {
            return;
        }

        // The head is told even when the person has gone: asking is what makes it happen, so it must not be cancelled.
        try
        {
            foreach (var note in await notes.OfHeadAsync(folder, gone))
            {
                answer.Say("axle: " + note);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody is left to read them.
        }

        try
        {
            await teller.TellAsync(folder.Name, answer.Say, CancellationToken.None).WaitAsync(gone);
        }
        catch (OperationCanceledException)
        {
            // The work goes on without us.
        }
    }

    /// <summary>The repository, when it exists and the caller may read from or push to it.</summary>
    private bool Allowed(
        string name,
        HttpContext context,
        bool pushes,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RepositoryFolder? folder,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Error? error)
    {
        folder = null;
        error = null;
        if (context.Features.Get<Caller>() is not { } caller)
        {
            error = serving.SignIn;
            return false;
        }

        if (caller.Refuse(Verb.Read) is { } mayNotRead)
        {
            error = mayNotRead;
            return false;
        }

        if (repositories.Folder(name) is not { } found)
        {
            error = Errors.Unknown(name);
            return false;
        }

        folder = found;
        error = pushes ? RefusePush(caller, found) : null;
        return error is null;
    }

    private Error? RefusePush(Caller caller, RepositoryFolder folder)
    {
        var owner = components.OwnerOf(folder.Name);
        if (caller.Refuse(Verb.Push, owner) is { } refused)
        {
            return refused with { Message = refused.Message.Replace("this repository", folder.Name, StringComparison.Ordinal) };
        }

        if (owner is null && caller.Role != Role.Admin)
        {
            return Errors.NoComponent(caller.User.Short, folder.Name);
        }

        return folder.Upstream is { } upstream ? Errors.Mirror(folder.Name, upstream) : null;
    }

    private static bool IsType(HttpContext context, string service, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Error? error)
    {
        error = context.Request.ContentType == $"application/x-{service}-request"
            ? null
            : new Error("source.content_type", $"This address speaks to git only (application/x-{service}-request).", "git clone", 415);
        return error is null;
    }

    /// <summary>The request's body as git wants it: inflated, and no larger than a bound (against what inflates to a thousandfold).</summary>
    private static CappedStream Body(HttpContext context, long bytesMax)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        // git is silent while it packs; the time limit of the transfer bounds slow clients instead.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var body = context.Request.Headers.ContentEncoding.ToString() is "gzip" or "x-gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress, leaveOpen: true)
            : context.Request.Body;
        return new CappedStream(body, bytesMax);
    }

    private static string? Protocol(HttpContext context) =>
        context.Request.Headers["Git-Protocol"].ToString() is { } asked && RepositoryNames.IsProtocol(asked) ? asked : null;

    private static Dictionary<string, string> Variables(string? protocol) => protocol is null ? [] : new() { ["GIT_PROTOCOL"] = protocol };

    private static void Headers(HttpContext context, string type)
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
    }

    /// <summary>Refuses in words that git shows, with the headers that make it ask for a password or come back.</summary>
    private static Task RefuseAsync(HttpContext context, Error error)
    {
        if (error.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Axle\", charset=\"UTF-8\"";
        }

        if (error.Status == 503)
        {
            context.Response.Headers.RetryAfter = "30";
        }

        return error.ToHttp().ExecuteAsync(context);
    }
}

/// <summary>What all transfers share: the room for them, and when to stop.</summary>
internal sealed class SourceServing(IOptions<SourceOptions> options, PlatformOptions platform, TimeProvider clock, IHostApplicationLifetime? lifetime = null) : IDisposable
{
    private static readonly TimeSpan s_drainMax = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _room = new(options.Value.TransfersMax);

    public SourceOptions Options => options.Value;

    public TimeProvider Clock => clock;

    public CancellationToken Stopping => lifetime?.ApplicationStopping ?? CancellationToken.None;

    public Error SignIn => Errors.SignIn(platform.PublicUrl);

    public Task<bool> EnterAsync(CancellationToken stop) => _room.WaitAsync(Options.QueueTimeMax, stop);

    public void Leave() => _room.Release();

    /// <summary>
    /// Reads what the client still sends after git refused its pack: a client only listens to an answer once it has
    /// sent everything, and would otherwise show a broken connection instead of the reason.
    /// </summary>
    public async Task DrainAsync(Stream body)
    {
        using var timeUp = new CancellationTokenSource(s_drainMax, clock);
        try
        {
            await body.CopyToAsync(Stream.Null, timeUp.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone, or too slow: then it does not hear the reason.
        }
    }

    public void Dispose() => _room.Dispose();
}
