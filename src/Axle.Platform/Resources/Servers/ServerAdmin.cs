using System.Text;
using Axle.Contracts;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Servers;

/// <summary>The administrator's login of each server that Axle runs: made once, kept sealed among the server's own secrets.</summary>
internal sealed class ServerAdmin(ISecrets secrets)
{
    /// <summary>The administrator's name in every server.</summary>
    public const string User = "axle";

    private const string Secret = "admin";

    /// <summary>The password, made when there is none.</summary>
    public async Task<Result<SecretValue>> MakeAsync(EntityRef server, CancellationToken stop)
    {
        var kept = await secrets.KeepAsync(server, Secret, 1, Scram.NewPassword(), stop);
        if (kept.Ok)
        {
            await secrets.PublishAsync(server, Secret, 1, Claims.Actor, stop);
        }

        return kept;
    }

    /// <exception cref="InvalidOperationException">It is not there or cannot be opened.</exception>
    public SecretValue PasswordOf(EntityRef server) =>
        secrets.Own(server, Secret).TryGet(out var own, out var error) && own is not null
            ? own.Value
            : throw new InvalidOperationException($"The administrator's password of {server.Name} cannot be read: {error?.Message ?? "it is not kept"}");

    /// <summary>Derived, since a salt by chance would be another one at each look, and with it another revision of the server.</summary>
    public byte[] SaltOf(EntityRef server) => Encoding.UTF8.GetBytes(secrets.Fingerprint(Encoding.UTF8.GetBytes($"salt of {server}")));
}
