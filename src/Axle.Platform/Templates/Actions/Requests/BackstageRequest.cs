using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Asks an API over HTTP, as RoadieHQ's action of this name: Backstage's catalog and scaffolder API of this platform with the
/// rights of whoever began the task, or a target that an administrator has named. No other address can be reached.
/// </summary>
internal sealed class BackstageRequest(OutboundHttp outbound, Func<ILentTokens> tokens, PlatformOptions platform, IOptions<RequestOptions> options) : ITemplateAction
{
    private const string Answered = "answered";
    private const string ProxyPrefix = "proxy";
    private static readonly string[] s_own = ["catalog", "scaffolder"];
    private static readonly string[] s_safe = ["GET", "HEAD", "OPTIONS"];

    public string Id => "http:backstage:request";

    public string Description => "Sends an HTTP request to this platform's catalog or scaffolder API, or to a target under Templates:Proxy.";

    public JsonObject InputSchema => Schema.Closed(
        ["path", "method"],
        ("path", Schema.Text("catalog/…, scaffolder/… or proxy/NAME/….")),
        ("method", Schema.Choice("Method of the request.", "GET", "HEAD", "OPTIONS", "POST", "UPDATE", "DELETE", "PUT", "PATCH")),
        ("headers", Schema.Map("Its headers.")),
        ("params", Schema.Map("Its query.")),
        ("body", Schema.Any("Its body; data is sent as JSON.")),
        ("logRequestPath", Schema.Flag("Write the path into the log, which is so unless this is false.")),
        ("continueOnBadResponse", Schema.Flag("An answer of 400 and above does not fail the step.")),
        ("timeout", Schema.Number("Milliseconds to wait for the answer; a minute at most.")),
        ("useBackstageToken", Schema.Flag("Means nothing here: requests have the rights of whoever began the task anyway.")),
        ("idempotencyKey", Schema.Text("Means nothing here: an answer is kept, and its request not sent again after a restart.")));

    public JsonObject OutputSchema => Schema.Object(
        [],
        ("code", Schema.Text("Status of the answer.")),
        ("headers", Schema.Map("Its headers.")),
        ("body", Schema.Any("Its body: data where it is JSON, else an object with a message.")));

    public bool SupportsDryRun => true;

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Asked by an earlier run?
        if (run.State[Answered] is JsonObject kept)
        {
            return new ActionResult((JsonObject)kept.DeepClone());
        }

        var (method, path) = (run.Input.Text("method")!, run.Input.Text("path")!);
        run.Log($"Creating {method} request with {Id}{(run.Input["logRequestPath"] is null || run.Input.Flag("logRequestPath") ? $" against {path}" : "")}");
        if (run.IsDryRun && !s_safe.Contains(method))
        {
            run.Log($"A dry run sends no {method} request.");
            return ActionResult.Done;
        }

        // 2. Ask. Where there is nothing, Backstage's answer is a 404.
        if (!TargetOf(run.Input).TryGet(out var target, out var wrong))
        {
            return run.Input.Flag("continueOnBadResponse")
                ? new ActionResult(new JsonObject { ["code"] = 404, ["headers"] = new JsonObject(), ["body"] = new JsonObject { ["message"] = wrong.Message } })
                : wrong;
        }

        using var request = RequestOf(method, target, run.Input);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        enough.CancelAfter(TimeSpan.FromMilliseconds(Math.Clamp(run.Input.Number("timeout") ?? 60_000, 1, 60_000)));
        if (!(await SendAsync(request, target, run, enough.Token, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        // 3. What it says.
        if (!BodyOf(answer).TryGet(out var body, out var unreadable))
        {
            return unreadable;
        }

        var bad = (int)answer.Status >= 400;
        if (bad && !run.Input.Flag("continueOnBadResponse"))
        {
            run.Log($"The answer is {(int)answer.Status}: {answer.Text}");
            return ActionErrors.Input($"The request was answered with {(int)answer.Status}.", "Look at the log; with continueOnBadResponse: true the task goes on.");
        }

        var headers = new JsonObject(bad ? [] : answer.Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value)));
        var output = new JsonObject { ["code"] = (int)answer.Status, ["headers"] = headers, ["body"] = body };
        await run.RememberAsync(Answered, output.DeepClone());
        return new ActionResult(output);
    }

    private async Task<Result<HttpAnswer>> SendAsync(HttpRequestMessage request, Target target, ActionRun run, CancellationToken enough, CancellationToken stop)
    {
        LentToken? lent = null;
        try
        {
            if (target.IsOwn && request.Headers.Authorization is null)
            {
                if (!tokens().Lend(run.Caller, $"task {run.TaskId}").TryGet(out lent, out var refused))
                {
                    return refused;
                }

                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", lent.Text);
            }

            return await (target.IsOwn ? outbound.SendHereAsync(request, enough) : outbound.SendAsync(request, enough));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return ActionErrors.Unreachable(target.Address.Authority, "it did not answer in the time that the step gives it");
        }
        finally
        {
            if (lent is not null)
            {
                tokens().TakeBack(lent);
            }
        }
    }

    private Result<Target> TargetOf(JsonObject input)
    {
        var path = input.Text("path")!;
        var query = input["params"] is JsonObject parameters && parameters.Count > 0
            ? "?" + string.Join('&', parameters.Select(one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(Shown(one.Value))}"))
            : "";
        var parts = path.TrimStart('/').Split('/', 2);
        var (first, rest) = (parts[0], parts.Length > 1 ? parts[1] : "");
        if (s_own.Contains(first))
        {
            var within = $"{platform.PublicUrl}/api/{first}/";
            return Uri.TryCreate(within + rest + query, UriKind.Absolute, out var own) && own.AbsoluteUri.StartsWith(new Uri(within).AbsoluteUri, StringComparison.Ordinal)
                ? new Target(own, IsOwn: true, new Dictionary<string, string>())
                : ActionErrors.Input($"The path '{path}' leads out of the {first} API.");
        }

        var proxied = rest.Split('/', 2);
        if (first != ProxyPrefix || !options.Value.Proxy.TryGetValue(proxied[0], out var target))
        {
            return ActionErrors.Input($"The path '{path}' leads nowhere: it begins with {string.Join(", ", s_own)}, or with proxy and a name that an administrator gave under Templates:Proxy{(options.Value.Proxy.Count == 0 ? ", which has none" : $": {string.Join(", ", options.Value.Proxy.Keys.Order(StringComparer.Ordinal))}")}.");
        }

        var below = target.Target.TrimEnd('/') + "/";
        return Uri.TryCreate(below, UriKind.Absolute, out var root) && root.Scheme is "http" or "https"
            && Uri.TryCreate(below + (proxied.Length > 1 ? proxied[1] : "") + query, UriKind.Absolute, out var address) && address.AbsoluteUri.StartsWith(root.AbsoluteUri, StringComparison.Ordinal)
            ? new Target(address, IsOwn: false, target.Headers)
            : ActionErrors.Input($"The path '{path}' leads out of the target of Templates:Proxy:{proxied[0]}, or that target is no address.");
    }

    private static HttpRequestMessage RequestOf(string method, Target target, JsonObject input)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), target.Address);
        if (input["body"] is { } body && !s_safe.Contains(method))
        {
            var text = body.GetValueKind() == JsonValueKind.String ? body.GetValue<string>() : body.ToJsonString();
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", body.GetValueKind() == JsonValueKind.String ? "text/plain;charset=UTF-8" : "application/json");
        }

        foreach (var (name, value) in (input["headers"] as JsonObject ?? []).Select(header => (header.Key, Shown(header.Value))).Concat(target.Headers.Select(header => (header.Key, header.Value))))
        {
            // Headers of the body are kept apart; the last one counts, so that settings win over templates.
            HttpHeaders headers = request.Content is not null && name.StartsWith("content-", StringComparison.OrdinalIgnoreCase) ? request.Content.Headers : request.Headers;
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static Result<JsonNode?> BodyOf(HttpAnswer answer) =>
        answer.ContentType?.Contains("application/json", StringComparison.OrdinalIgnoreCase) == true
            ? JsonFormat.Read(answer.Text, "The answer")
            : Result<JsonNode?>.Of(new JsonObject { ["message"] = answer.Text });

    private static string Shown(JsonNode? value) => value is null ? "null" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value is JsonArray list ? string.Join(',', list.Select(Shown)) : value.ToJsonString();

    /// <param name="IsOwn">The platform's own API.</param>
    /// <param name="Headers">What settings add.</param>
    private sealed record Target(Uri Address, bool IsOwn, IReadOnlyDictionary<string, string> Headers);
}
