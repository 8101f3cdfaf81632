using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Secrets;

/// <summary>The desk in front of what this folder does for people. Sealed, it refuses everything, as the API does.</summary>
internal sealed class SecretDesk(SecretStore store, SecretViews views, SetSecret set, ChangeSecret change, IEntityStore entities) : ISecretDesk
{
    private const int UsesShown = 30;

    public Error? Sealed => store.Sealed;

    public Result<IReadOnlyList<SecretView>> List(SecretAddress address) =>
        Sealed is { } why ? why
        : views.List(address).TryGet(out var all, out var error) ? Result<IReadOnlyList<SecretView>>.Of([.. all.Select(secret => views.Of(secret))])
        : error;

    public Result<SecretRecord> Find(string name, SecretAddress address)
    {
        if (Sealed is { } why)
        {
            return why;
        }

        return views.Find(name, address).TryGet(out var secret, out var error)
            ? new SecretRecord(views.Of(secret), secret.Scope.Options, [.. secret.Versions.Reverse().Select(SecretViews.Version)], views.Uses(secret.Scope, name, UsesShown))
            : error;
    }

    public Error? Refuse(SecretAddress address, Caller caller) => address.For(caller, Verb.WriteSecrets, entities).TryGet(out _, out var error) ? null : error;

    public Task<Result<SecretView>> SetAsync(string name, SecretAddress address, string value, Caller caller, CancellationToken stop) =>
        ViewAsync(() => set.RunAsync(name, address, new SecretSetRequest(value), caller, stop));

    public Task<Result<SecretView>> RotateAsync(string name, SecretAddress address, Caller caller, CancellationToken stop) =>
        ViewAsync(() => change.RotateAsync(name, address, new SecretRotateRequest(), caller, stop));

    public Task<Result<SecretView>> RollBackAsync(string name, SecretAddress address, int? version, Caller caller, CancellationToken stop) =>
        ViewAsync(() => change.RollBackAsync(name, address, version, caller, stop));

    public Task<Result<SecretView>> UnsetAsync(string name, SecretAddress address, Caller caller, CancellationToken stop) => ViewAsync(() => change.UnsetAsync(name, address, caller, stop));

    public Task<Result<SecretView>> RestoreAsync(string name, SecretAddress address, Caller caller, CancellationToken stop) => ViewAsync(() => change.RestoreAsync(name, address, caller, stop));

    private async Task<Result<SecretView>> ViewAsync(Func<Task<Result<StoredSecret>>> verb) =>
        Sealed is { } why ? why
        : (await verb()).TryGet(out var secret, out var error) ? views.Of(secret)
        : error;
}
