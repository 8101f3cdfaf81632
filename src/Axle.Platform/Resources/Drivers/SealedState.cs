using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// What a provisioner remembers of a thing, as a credential of the platform's own: passwords are among it, so it never goes
/// into an entity. Each change is a new version; the one before is kept until the next, as a way back.
/// </summary>
internal sealed class SealedState(ISecrets secrets)
{
    /// <summary>The actor in the audit.</summary>
    public const string Actor = "system:resources";

    /// <summary>What is remembered; null when nothing is. Finishes a change that a crash left halfway.</summary>
    public async Task<Result<string?>> ReadAsync(EntityRef owner, string name, CancellationToken stop)
    {
        if (!secrets.Own(owner, name).TryGet(out var current, out var error) && error is not null)
        {
            return error;
        }

        var next = (current?.Version ?? 0) + 1;
        if (!secrets.Own(owner, name, next).TryGet(out var pending, out error) && error is not null)
        {
            return error;
        }

        if (pending is { State: SecretStates.Pending })
        {
            // It was kept, so the world may already be as it says.
            await PublishAsync(owner, name, next, stop);
            return pending.Value.Reveal();
        }

        return Result<string?>.Of(current?.Value.Reveal());
    }

    /// <summary>Remembers something else from now on. Durable when it returns.</summary>
    public async Task<Result<string>> WriteAsync(EntityRef owner, string name, string content, CancellationToken stop)
    {
        if (!secrets.Own(owner, name).TryGet(out var current, out var error) && error is not null)
        {
            return error;
        }

        var version = (current?.Version ?? 0) + 1;
        var kept = await secrets.KeepAsync(owner, name, version, new SecretValue(content), stop);
        if (!kept.TryGet(out var value, out error))
        {
            return error;
        }

        if (value.Reveal() != content)
        {
            // Whoever calls has read before writing, and reading finishes what is pending.
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Version {version} of {name} of {owner} was written by somebody else meanwhile."));
        }

        await PublishAsync(owner, name, version, stop);
        return content;
    }

    private async Task PublishAsync(EntityRef owner, string name, int version, CancellationToken stop)
    {
        await secrets.PublishAsync(owner, name, version, Actor, stop);

        // Usually one; two when a crash came between the last change and its end.
        for (var old = version - 2; old > 0 && secrets.Own(owner, name, old) is { Ok: true, Value: { State: not SecretStates.Destroyed } }; old--)
        {
            await secrets.DestroyAsync(owner, name, old, Actor, stop);
        }
    }
}
