using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Secrets;

namespace Axle.Tests.Resources;

public sealed class ContractTestTests
{
    private static readonly ProvisionerSpec s_redis = new() { Uri = "axle://redis", Type = "redis" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_template_that_keeps_its_promises_passes_and_nothing_is_left()
    {
        using var platform = new ScratchPlatform();
        var provisioner = ScratchPlatform.Provisioner("""
            - uri: template://a/redis
              type: redis
              state: |
                password: {{ dig "password" (randAlphaNum 16) .State }}
              outputs: |
                host: redis.internal
                port: 6379
                username: default
                password: {{ .State.password }}
            """);

        var verdict = await new ContractTest(TimeProvider.System).RunAsync(platform.Templates(), provisioner, ScratchPlatform.Staging, JsonElement.Parse("{}"), Stop);

        Assert.True(verdict.Passed, verdict.Sentence);
        Assert.Equal("It keeps all 8 promises.", verdict.Sentence);
        Assert.Empty(platform.Secrets.Versions);
    }

    [Fact]
    public async Task A_template_that_makes_another_password_each_time_is_found_out()
    {
        using var platform = new ScratchPlatform();
        var provisioner = ScratchPlatform.Provisioner("- uri: template://a/redis\n  type: redis\n  outputs: |\n    host: h\n    port: 1\n    username: u\n    password: {{ randAlphaNum 16 }}\n");

        var verdict = await new ContractTest(TimeProvider.System).RunAsync(platform.Templates(), provisioner, ScratchPlatform.Staging, JsonElement.Parse("{}"), Stop);

        Assert.Equal("It breaks a promise: making it again changes nothing: these changed: secret output password.", verdict.Sentence);
    }

    public static TheoryData<string, string> Breaks => new()
    {
        { "none", "" },
        { "missing output", "its outputs are there and of the right type: outputs.host: is missing" },
        { "wrong kind", "outputs.port: must be a whole number" },
        { "login refused", "one can log in: no" },
        { "login stays", "nobody can log in afterwards: the login still works" },
        { "throws on second destroy", "nothing breaks on the way: there is nothing to destroy" },
        { "fails", "it is made: axle://redis: no room" },
        { "fails after destroy", "it can be made anew afterwards: axle://redis: no room" },
        { "state changes", "making it again changes nothing: these changed: the state" },
    };

    [Theory, MemberData(nameof(Breaks))]
    public async Task A_driver_that_breaks_a_promise_is_found_out(string breaks, string sentence)
    {
        var driver = new LoginDriver(breaks);

        var verdict = await new ContractTest(TimeProvider.System).RunAsync(driver, s_redis, ScratchPlatform.Staging, JsonElement.Parse("{}"), Stop);

        Assert.Equal(sentence.Length == 0, verdict.Passed);
        Assert.Contains(sentence, verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Params_that_do_not_fit_the_type_are_refused_before_anything_is_made()
    {
        var driver = new LoginDriver("none");

        var verdict = await new ContractTest(TimeProvider.System).RunAsync(driver, s_redis with { Type = "route" }, ScratchPlatform.Staging, JsonElement.Parse("{}"), Stop);

        Assert.False(verdict.Passed);
        Assert.Equal(0, driver.Ensured);
    }

    /// <summary>A driver with logins, in memory, that can break each promise.</summary>
    private sealed class LoginDriver(string breaks) : ILoginDriver
    {
        private readonly Dictionary<string, string> _logins = [];
        private bool _exists;
        private int _destroyed;

        public int Ensured { get; private set; }

        public string Uri => "axle://redis";

        public Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
        {
            Ensured++;
            if (breaks == "fails" || (breaks == "fails after destroy" && _destroyed > 0))
            {
                return Task.FromResult<Result<Provisioned>>(new ProvisionerFailed("axle://redis", "no room.", "Make some."));
            }

            _exists = true;
            var outputs = new Dictionary<string, JsonElement> { ["port"] = JsonElement.Parse(breaks == "wrong kind" ? "\"x\"" : "6379") };
            if (breaks != "missing output")
            {
                outputs["host"] = JsonElement.Parse("\"h\"");
            }

            return Task.FromResult<Result<Provisioned>>(new Provisioned { Outputs = outputs, State = Provisioned.StateOf(new Dictionary<string, int> { ["runs"] = breaks == "state changes" ? Ensured : 1 }) });
        }

        public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

        public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

        public Task DestroyAsync(Claim claim, CancellationToken stop)
        {
            if (!_exists && breaks == "throws on second destroy")
            {
                throw new InvalidOperationException("there is nothing to destroy");
            }

            _exists = false;
            _destroyed++;
            if (breaks != "login stays")
            {
                _logins.Clear();
            }

            return Task.CompletedTask;
        }

        public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

        public Login NewLogin(Claim claim, int version) => new("user_a", new SecretValue("password-1"));

        public Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
        {
            _logins[login.Username] = login.Password.Reveal();
            return Task.CompletedTask;
        }

        public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) =>
            Task.FromResult(breaks != "login refused" && _logins.TryGetValue(login.Username, out var password) && password == login.Password.Reveal() ? null : "no");

        public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => Task.FromResult(0);

        public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => Task.CompletedTask;

        public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) =>
            status.Outputs.ToDictionary(o => o.Key, o => o.Value.ToString()).Append(new("username", login.Username)).Append(new("password", login.Password.Reveal())).ToDictionary(o => o.Key, o => o.Value);
    }
}
