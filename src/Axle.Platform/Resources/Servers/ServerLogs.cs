using System.Runtime.CompilerServices;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Servers;

/// <summary>
/// The log of the program behind a resource: of its own server, or of the one that it shares. Servers are set up to log
/// neither statements nor rows, so that a shared one's log tells nobody what is in another team's database.
/// </summary>
internal sealed class ServerLogs(ClaimNames names, KnownProvisioners provisioners, IEntityStore entities, ISecrets secrets, IEngine engine)
{
    private const string BuiltIn = "axle://";

    /// <param name="name">As in all verbs on a resource.</param>
    /// <param name="environment">Where it is, unless the name says it.</param>
    /// <param name="tail">Lines from the end to begin with; null is all that is kept.</param>
    /// <param name="follow">Goes on as lines come.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Result<(ServerLog About, IAsyncEnumerable<LogLine> Lines)>> ReadAsync(string name, string? environment, int? tail, bool follow, Caller caller, CancellationToken stop)
    {
        // 1. Which resource, and may they?
        if (!names.Find(name, environment).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (caller.Refuse(Verb.ReadLogs, claim.Raw) is { } refusal)
        {
            return refusal;
        }

        // 2. Whose log is it? A server logs from its first start on, ready or not.
        var server = await RunsAsync(claim.Ref, stop) ? claim.Ref : ServerTenant.StandsOn(claim.Status);
        if (server is not { } found || (found != claim.Ref && !await RunsAsync(found, stop)))
        {
            return claim.Status.Provisioner is { } provisioner && provisioners.Find(provisioner) is { Uri: var uri } && !uri.StartsWith(BuiltIn, StringComparison.Ordinal)
                ? new NoServer(claim.Ref, provisioner)
                : new NotReady(claim.Ref, claim.Status.Phase);
        }

        return (About(claim.Ref, found), RedactedAsync(new LogQuery(ServerWorkloads.Id(found), Tail: tail, Follow: follow), stop));
    }

    private async Task<bool> RunsAsync(EntityRef claim, CancellationToken stop) => await engine.ObserveAsync(ServerWorkloads.Id(claim), stop) is not null;

    private ServerLog About(EntityRef claim, EntityRef server)
    {
        var others = server == claim ? 0 : entities.All(ResourceKinds.Claim).Count(other => other.Ref != claim && ServerTenant.StandsOn(other.Status) == server);
        var shared = server != claim && server != ServerClaims.Of(claim);
        var sentence = server == claim ? $"This is the log of {claim.Name}."
            : !shared ? $"This is the log of {server.Name}, the server of {claim.Name}."
            : $"This is the log of {server.Name}, the server that {claim.Name} shares with {others} other{(others == 1 ? "" : "s")}.";
        return new ServerLog(claim.Name, server.Name, shared, sentence);
    }

    private async IAsyncEnumerable<LogLine> RedactedAsync(LogQuery query, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var line in engine.LogsAsync(query, stop))
        {
            yield return line with { Text = secrets.Redact(line.Text) };
        }
    }
}
