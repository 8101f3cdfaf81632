using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.Amqp;

/// <summary>A virtual host in the environment's RabbitMQ, and two users with every right in it and none elsewhere.</summary>
internal sealed class AmqpDriver(IEntityStore entities, ServerClaims servers, RabbitServers rabbit) : ILoginDriver
{
    private const string Shared = "rabbitmq";

    /// <summary>In RabbitMQ's words: no password is right.</summary>
    private const string NoPassword = "";

    public string Uri => "axle://amqp";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Where it stands, and what it is called.
        if (!AmqpParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        var state = ServerTenant.Of(claim, Shared);
        var server = state.ServerRef;
        if (!(await servers.EnsureAsync(server, RabbitServerDriver.Type, claim.Spec.Environment, owner: null, stop)).TryGet(out var stands, out error))
        {
            return error;
        }

        if (stands.Server is null || Place(claim with { Entity = claim.Entity with { Status = claim.Status with { State = Provisioned.StateOf(state) } } }) is not { } place)
        {
            return new Provisioned { Waiting = stands.Waiting, RootCause = server, State = Provisioned.StateOf(state) };
        }

        // 2. Itself and its limits.
        try
        {
            if (await place.AskAsync(HttpMethod.Get, $"vhosts/{state.Name}", null, stop) is null)
            {
                await place.AskAsync(HttpMethod.Put, $"vhosts/{state.Name}", new { }, stop);
            }

            var limits = await place.AskAsync(HttpMethod.Get, $"vhost-limits/{state.Name}", null, stop);
            await LimitAsync(place, limits, "max-connections", asked.ConnectionsMax, stop);
            await LimitAsync(place, limits, "max-queues", asked.QueuesMax, stop);
        }
        catch (HttpRequestException e)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.Message}", RootCause = server, State = Provisioned.StateOf(state) };
        }

        return new Provisioned
        {
            State = Provisioned.StateOf(state),
            Outputs = Provisioned.OutputsOf(("host", ServerWorkloads.Host), ("port", place.Ports.Port), ("vhost", state.Name)),
        };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<AmqpParams>(claim, AmqpParams.Read, (now, asked) => Foreseen.Changes(
        [
            .. now.ConnectionsMax == asked.ConnectionsMax ? [] : new[] { $"connectionsMax changes from {now.ConnectionsMax} to {asked.ConnectionsMax}" },
            .. now.QueuesMax == asked.QueuesMax ? [] : new[] { $"queuesMax changes from {now.QueuesMax} to {asked.QueuesMax}" },
        ]));

    public async Task SuspendAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is { } place)
        {
            foreach (var user in place.State.Users)
            {
                await RefuseAsync(place, user, stop);
            }
        }
    }

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return;
        }

        foreach (var user in place.State.Users)
        {
            await place.AskAsync(HttpMethod.Delete, $"users/{user}", null, stop);
            await place.AskAsync(HttpMethod.Delete, $"connections/username/{user}", null, stop);
        }

        await place.AskAsync(HttpMethod.Delete, $"vhosts/{place.State.Name}", null, stop);
    }

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return null;
        }

        try
        {
            var overview = await place.AskAsync(HttpMethod.Get, "overview?columns=rabbitmq_version", null, stop);
            var queues = await place.AskAsync(HttpMethod.Get, $"queues/{place.State.Name}?columns=message_bytes", null, stop);
            var connections = await place.AskAsync(HttpMethod.Get, $"vhosts/{place.State.Name}/connections", null, stop);
            return new ResourceFacts(
                overview?.GetProperty("rabbitmq_version").GetString(),
                Items(queues).Sum(queue => Field(queue, "message_bytes")?.GetInt64() ?? 0),
                Items(connections).Count,
                "shared");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => new(claim.State<ServerTenant>()!.User(version), Scram.NewPassword());

    public async Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
    {
        var place = Place(claim) ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server.");
        await SetUserAsync(place, login.Username, RabbitPassword.Hash(login.Password), stop);
        await place.AskAsync(HttpMethod.Put, $"permissions/{place.State.Name}/{login.Username}", new { configure = ".*", write = ".*", read = ".*" }, stop);
    }

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => Place(claim) is { } place
        ? RabbitServers.TryAsync(place.Ports.Port, place.State.Name, login.Username, login.Password, stop)
        : Task.FromResult<string?>("there is no server");

    public async Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => Place(claim) is { } place
        ? Items(await place.AskAsync(HttpMethod.Get, $"connections/username/{username}", null, stop)).Count
        : 0;

    public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => Place(claim) is { } place ? RefuseAsync(place, username, stop) : Task.CompletedTask;

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("amqp", status, $"/{Provisioned.Text(status, "vhost")}");

    /// <summary>First nobody new comes in, then those inside go.</summary>
    private static async Task RefuseAsync(BrokerPlace place, string username, CancellationToken stop)
    {
        if (await place.AskAsync(HttpMethod.Get, $"users/{username}", null, stop) is null)
        {
            return;
        }

        await SetUserAsync(place, username, NoPassword, stop);
        await place.AskAsync(HttpMethod.Delete, $"permissions/{place.State.Name}/{username}", null, stop);
        await place.AskAsync(HttpMethod.Delete, $"connections/username/{username}", null, stop);
    }

    private static Task<JsonElement?> SetUserAsync(BrokerPlace place, string username, string hash, CancellationToken stop) =>
        place.AskAsync(HttpMethod.Put, $"users/{username}", new { password_hash = hash, hashing_algorithm = RabbitPassword.Algorithm, tags = "" }, stop);

    private static async Task LimitAsync(BrokerPlace place, JsonElement? limits, string name, int value, CancellationToken stop)
    {
        var now = Items(limits).Select(one => Field(one, "value") is { } values ? Field(values, name)?.GetInt32() : null).FirstOrDefault(limit => limit is not null);
        if (now != value)
        {
            await place.AskAsync(HttpMethod.Put, $"vhost-limits/{place.State.Name}/{name}", new { value }, stop);
        }
    }

    private static List<JsonElement> Items(JsonElement? list) => list is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    /// <summary>RabbitMQ writes an object without fields as an empty list.</summary>
    private static JsonElement? Field(JsonElement one, string name) => one.ValueKind == JsonValueKind.Object && one.TryGetProperty(name, out var value) ? value : null;

    private BrokerPlace? Place(Claim claim) =>
        claim.State<ServerTenant>() is { } state && entities.Find(ResourceKinds.Claim, state.ServerRef) is { Status.State: { ValueKind: JsonValueKind.Object } ports }
            ? new BrokerPlace(rabbit, ports.Deserialize<RabbitServerDriver.State>(EntityJson.Options)!, state)
            : null;

    private sealed record BrokerPlace(RabbitServers Rabbit, RabbitServerDriver.State Ports, ServerTenant State)
    {
        public Task<JsonElement?> AskAsync(HttpMethod method, string path, object? body, CancellationToken stop) => Rabbit.AskAsync(State.ServerRef, Ports.AdminPort, method, path, body, stop);
    }
}
