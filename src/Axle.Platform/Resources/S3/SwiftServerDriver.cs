using System.Globalization;
using System.Text;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.S3;

/// <summary>An OpenStack Swift on this machine, run by the engine, that speaks S3; all buckets of an environment share one.</summary>
internal sealed class SwiftServerDriver(ServerWorkloads servers, ServerAdmin admins, SwiftServers swift) : ServerDriver<ServerState>(servers, admins)
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "s3-server";

    /// <summary>All of Swift is in one package of modules; those of its services would bring what runs by itself.</summary>
    private const string Path = "/usr/lib/python3/dist-packages/swift/proxy/server.py";

    private const string MasterFile = "/run/secrets/master";
    private const long MemoryBytes = 1L << 30;
    private const double StartSeconds = 240;
    private const double StopSeconds = 30;

    public override string Uri => $"axle://{Type}";

    protected override Error? Refuse(Claim claim) => File.Exists(Path) ? null : new ProgramNeeded("s3", "OpenStack Swift", "python3-swift");

    protected override ServerState NewState() => new(Servers.Port(null), "");

    /// <summary>The server needs the master secret as it is, for it makes the secrets of all keys from it; so it is a file that nobody else can read, in memory.</summary>
    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password) => new("swift", MemoryBytes, ServerWorkloads.Listens(state.Port))
    {
        Variables = new Dictionary<string, string> { ["PORT"] = state.Port.ToString(CultureInfo.InvariantCulture) },
        Files = [new FileSpec(MasterFile, Convert.ToBase64String(Encoding.UTF8.GetBytes(password.Reveal())), "0400")],
        Redact = [password.Reveal()],
        StartSeconds = StartSeconds,
        StopSeconds = StopSeconds,
    };

    protected override async Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop)
    {
        try
        {
            // Through the proxy to what is behind it.
            return await swift.AskAsync(claim.Ref, state.Port, HttpMethod.Head, "v1/nobody", null, stop) is not null;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop) =>
        (await swift.AskAsync(claim.Ref, state.Port, HttpMethod.Get, "axle/server/now", null, stop))?.Json is { } now
            ? new ResourceFacts(now.GetProperty("version").GetString(), null, now.GetProperty("requests").GetInt32(), "dedicated")
            : null;

    protected override bool IsAway(Exception e) => e is HttpRequestException;
}
