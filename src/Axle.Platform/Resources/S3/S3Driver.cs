using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.S3;

/// <summary>A bucket in the environment's Swift, alone in an account of its own. Each version of its credential is an access key, which opens this bucket and nothing else.</summary>
internal sealed class S3Driver(IEntityStore entities, ServerClaims servers, SwiftServers swift, ServerAdmin admins) : ILoginDriver
{
    private const string Shared = "s3";

    public string Uri => "axle://s3";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Where it stands, and what it is called; written down before anything is made.
        if (!S3Params.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        var state = claim.State<BucketState>() ?? BucketState.New(claim, Shared);
        var server = state.ServerRef;
        if (!(await servers.EnsureAsync(server, SwiftServerDriver.Type, claim.Spec.Environment, owner: null, stop)).TryGet(out var stands, out error))
        {
            return error;
        }

        if (stands.Server is null || Bucket(claim) is not { } bucket)
        {
            return new Provisioned { Waiting = stands.Server is null ? stands.Waiting : "the bucket is being prepared", RootCause = server, State = Provisioned.StateOf(state) };
        }

        // 2. Itself and its limit.
        try
        {
            await bucket.EnsureAsync(asked.StorageBytes, stop);
        }
        catch (HttpRequestException e)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.Message}", RootCause = server, State = Provisioned.StateOf(state) };
        }

        return new Provisioned
        {
            State = Provisioned.StateOf(state),
            Outputs = Provisioned.OutputsOf(
                ("bucket", state.Bucket),
                ("endpoint", string.Create(CultureInfo.InvariantCulture, $"http://{ServerWorkloads.Host}:{bucket.Port}")),
                ("region", SwiftServers.Region)),
        };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<S3Params>(claim, S3Params.Read, (now, asked) => Foreseen.Changes(
        now.StorageBytes == asked.StorageBytes ? [] : [$"maxStorage changes from {now.StorageBytes >> 20} to {asked.StorageBytes >> 20} MiB"]));

    public Task SuspendAsync(Claim claim, CancellationToken stop) => Bucket(claim)?.RefuseAllAsync(stop) ?? Task.CompletedTask;

    public Task DestroyAsync(Claim claim, CancellationToken stop) => Bucket(claim)?.DestroyAsync(stop) ?? Task.CompletedTask;

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        try
        {
            return Bucket(claim) is { } bucket ? await bucket.FactsAsync(stop) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => AccessKey.New(admins.PasswordOf(claim.State<BucketState>()!.ServerRef));

    public Task ApplyAsync(Claim claim, Login login, CancellationToken stop) => Need(claim).AllowAsync(login.Username, stop);

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => Bucket(claim) is { } bucket
        ? swift.TryAsync(bucket.Port, bucket.State.Bucket, login, stop)
        : Task.FromResult<string?>("there is no server");

    public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => Bucket(claim)?.RequestsAsync($"keys/{username}", stop) ?? Task.FromResult(0);

    public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => Bucket(claim)?.RefuseAsync(username, stop) ?? Task.CompletedTask;

    /// <summary>By both of the names that Score's provisioners have.</summary>
    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => new Dictionary<string, string>
    {
        ["access_key_id"] = login.Username,
        ["secret_key"] = login.Password.Reveal(),
        ["aws_access_key_id"] = login.Username,
        ["aws_secret_key"] = login.Password.Reveal(),
    };

    private SwiftBucket Need(Claim claim) => Bucket(claim) ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server.");

    /// <summary>Null while it has no name or no server yet.</summary>
    private SwiftBucket? Bucket(Claim claim) =>
        claim.State<BucketState>() is { } state && entities.Find(ResourceKinds.Claim, state.ServerRef) is { } server && ServerState.PortOf(server.Status) is { } port
            ? new SwiftBucket(swift, port, state)
            : null;
}
