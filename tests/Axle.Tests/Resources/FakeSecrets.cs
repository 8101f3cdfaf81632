using System.Security.Cryptography;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Tests.Resources;

/// <summary>Keeps credentials in memory by the rules of <see cref="ISecrets"/>, and can be killed after any of its changes.</summary>
internal sealed class FakeSecrets : ISecrets
{
    private readonly Dictionary<(EntityRef Owner, string Name, int Version), OwnSecret> _own = [];
    private readonly Lock _lock = new();

    public Dictionary<string, string> Organisation { get; } = [];

    /// <summary>Changes until the process "dies"; null is never.</summary>
    public int? Lives { get; set; }

    public int Changes { get; private set; }

    public Error? Sealed => null;

    public IReadOnlyCollection<(EntityRef Owner, string Name, int Version)> Versions
    {
        get
        {
            lock (_lock)
            {
                return [.. _own.Where(own => own.Value.State != SecretStates.Destroyed).Select(own => own.Key)];
            }
        }
    }

    public Result<IReadOnlyDictionary<string, SecretValue>> For(EntityRef component, string environment) =>
        Organisation.ToDictionary(s => s.Key, s => new SecretValue(s.Value));

    public Task<Result<SecretValue>> KeepAsync(EntityRef owner, string name, int version, SecretValue value, CancellationToken stop)
    {
        lock (_lock)
        {
            if (!_own.TryGetValue((owner, name, version), out var kept))
            {
                _own[(owner, name, version)] = kept = new OwnSecret(version, SecretStates.Pending, value, DateTimeOffset.UnixEpoch);
            }

            Changed();
            return Task.FromResult<Result<SecretValue>>(kept.Value);
        }
    }

    public Result<OwnSecret?> Own(EntityRef owner, string name, int? version = null)
    {
        lock (_lock)
        {
            return Result<OwnSecret?>.Of(version is { } number
                ? _own.GetValueOrDefault((owner, name, number))
                : _own.Where(own => own.Key.Owner == owner && own.Key.Name == name && own.Value.State == SecretStates.Current).Select(own => own.Value).SingleOrDefault());
        }
    }

    public Task PublishAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop)
    {
        lock (_lock)
        {
            foreach (var (key, secret) in _own.Where(own => own.Key.Owner == owner && own.Key.Name == name && own.Value.State == SecretStates.Current && own.Key.Version != version).ToList())
            {
                _own[key] = secret with { State = SecretStates.Previous };
            }

            _own[(owner, name, version)] = _own[(owner, name, version)] with { State = SecretStates.Current };
            Changed();
        }

        return Task.CompletedTask;
    }

    public Task DestroyAsync(EntityRef owner, string name, int version, string actor, CancellationToken stop)
    {
        lock (_lock)
        {
            if (_own.TryGetValue((owner, name, version), out var secret))
            {
                _own[(owner, name, version)] = secret with { State = SecretStates.Destroyed, Value = new SecretValue("") };
            }

            Changed();
        }

        return Task.CompletedTask;
    }

    public Task ForgetAsync(EntityRef owner, string actor, CancellationToken stop)
    {
        lock (_lock)
        {
            foreach (var key in _own.Keys.Where(key => key.Owner == owner).ToList())
            {
                _own.Remove(key);
            }

            Changed();
        }

        return Task.CompletedTask;
    }

    public string Redact(string text) => Organisation.Values.Aggregate(text, (redacted, value) => redacted.Replace(value, "••••••", StringComparison.Ordinal));

    public string Fingerprint(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content))[..12];

    private void Changed()
    {
        Changes++;
        if (Lives is { } lives && (Lives = lives - 1) <= 0)
        {
            throw new KilledException();
        }
    }
}

/// <summary>Stands for the process's end.</summary>
internal sealed class KilledException : Exception;
