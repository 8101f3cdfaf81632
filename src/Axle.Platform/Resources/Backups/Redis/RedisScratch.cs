using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Redis;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Backups.Redis;

/// <summary>A Redis for one proof: a job of the engine, with its data in memory only.</summary>
internal sealed class RedisScratch(IEngine engine, ServerWorkloads servers, TimeProvider clock)
{
    /// <summary>The users' file is written by the job, into its own folder for temporary files; the password itself is never there.</summary>
    private const string Script =
        """umask 077; cd /tmp; printf 'user default off\nuser axle on #%s ~* &* +@all\n' "$ADMIN_HASH" >users.acl; exec redis-server --bind 127.0.0.1 --port "$PORT" --dir /tmp --aclfile /tmp/users.acl --save '' --appendonly no --daemonize no --logfile ''""";

    private const long MemoryBeside = 128L << 20;
    private const double SecondsMax = 3600;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Ports of proofs that have ended: each would otherwise take another one for ever.</summary>
    private readonly ConcurrentBag<int> _ports = [];

    private readonly ConcurrentDictionary<string, int> _used = new(StringComparer.Ordinal);

    public sealed record Place(int Port, SecretValue Password);

    public async Task<Result<Place>> StartAsync(Claim claim, string id, CancellationToken stop)
    {
        var (port, password) = (_ports.TryTake(out var free) ? free : servers.Port(null), Scram.NewPassword());
        _used[id] = port;
        await engine.StartJobAsync(
            new JobSpec
            {
                Id = Job(id),
                Owner = "redis-proof",
                Folder = servers.Scripts("redis.sh"),
                Command = ["/bin/sh", "-c", Script],
                Variables = new Dictionary<string, string>
                {
                    ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
                    ["ADMIN_HASH"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password.Reveal()))),
                },
                Limits = new LimitSpec((RedisParams.Read(claim.Spec).Value.MemoryBytes * 2) + MemoryBeside),
                TimeoutSeconds = SecondsMax,
            },
            stop);
        while (await RedisServers.TryAsync(port, ServerAdmin.User, password) is { } why)
        {
            if (await engine.ObserveJobAsync(Job(id), stop) is not { Phase: "Running" })
            {
                return new RedisFailed($"the scratch server does not start: {why}");
            }

            await Task.Delay(s_look, clock, stop);
        }

        return new Place(port, password);
    }

    /// <summary>Ends the server of a proof; nothing happens when there is none.</summary>
    public async Task RemoveAsync(string id, CancellationToken stop)
    {
        while (await engine.ObserveJobAsync(Job(id), stop) is { } seen)
        {
            if (seen.Phase != "Running")
            {
                await engine.RemoveJobAsync(Job(id), stop);
                break;
            }

            await engine.CancelJobAsync(Job(id), stop);
            await Task.Delay(s_look, clock, stop);
        }

        if (_used.TryRemove(id, out var port))
        {
            _ports.Add(port);
        }
    }

    private static string Job(string id) => $"redis-proof--{id}";
}
