using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Tests.Resources;

/// <summary>
/// A server with users, as the tests need one: it outlives the platform, and can end the platform's step right after any of its
/// effects. It remembers whether there ever was a moment at which nobody could log in.
/// </summary>
internal sealed class FakeLogins : ILoginDriver
{
    private int _effects;

    /// <summary>Passwords of the users that may log in.</summary>
    public ConcurrentDictionary<string, string> Users { get; } = new();

    public ConcurrentDictionary<string, int> Sessions { get; } = new();

    /// <summary>The step ends after this effect; 0 never.</summary>
    public int EndAfter { get; set; }

    public bool WasEverWithoutLogin { get; private set; }

    public int Destroyed { get; private set; }

    public int Suspended { get; private set; }

    public string Uri => "axle://fake";

    public int EffectsSeen => _effects;

    public void Begin(int endAfter) => (_effects, EndAfter) = (0, endAfter);

    public Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Provisioned>>(new Provisioned
    {
        Outputs = Provisioned.OutputsOf(("host", "127.0.0.1")),
        State = Provisioned.StateOf(new Dictionary<string, string> { ["is"] = "made" }),
    });

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) =>
        Task.FromResult<Result<Foreseen>>(claim.Spec.Params.TryGetProperty("locale", out _) ? new Foreseen(ForeseenActions.Replace, ["its locale changes"]) : new Foreseen(ForeseenActions.Change, ["something changes"]));

    public Task SuspendAsync(Claim claim, CancellationToken stop)
    {
        Suspended++;
        return Task.CompletedTask;
    }

    public Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        Destroyed++;
        Users.Clear();
        return Task.CompletedTask;
    }

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

    public Login NewLogin(Claim claim, int version) => new(version % 2 == 1 ? "a" : "b", new SecretValue($"password-{Guid.NewGuid():N}"));

    public Task ApplyAsync(Claim claim, Login login, CancellationToken stop) => After(() => Users[login.Username] = login.Password.Reveal());

    public async Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop)
    {
        var works = Users.TryGetValue(login.Username, out var password) && password == login.Password.Reveal();
        await After(() => { });
        return works ? null : "refused";
    }

    public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => Task.FromResult(Sessions.GetValueOrDefault(username));

    public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => After(() =>
    {
        Users.TryRemove(username, out _);
        WasEverWithoutLogin |= Users.IsEmpty;
    });

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => new Dictionary<string, string>
    {
        ["username"] = login.Username,
        ["password"] = login.Password.Reveal(),
        ["uri"] = $"fake://{login.Username}:{login.Password.Reveal()}@127.0.0.1",
    };

    private Task After(Action effect)
    {
        effect();
        return ++_effects == EndAfter ? throw new IOException("the platform ended right here") : Task.CompletedTask;
    }
}
