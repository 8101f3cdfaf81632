using System.Text.Json;
using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources.Drivers;

public sealed class TemplateDriverTests : IDisposable
{
    private const string Queue = """
        - uri: template://my-provisioners/queue
          type: amqp
          init: |
            random: {{ randAlphaNum 16 | quote }}
            server: broker-{{ randAlphaNum 6 | lower }}
          state: |
            vhost: {{ .Params.vhost | default .Id | replace "." "-" }}
            password: {{ dig "password" .Init.random .State | quote }}
          shared: |
            broker:
              name: {{ dig "broker" "name" .Init.server .Shared }}
              adminPassword: {{ dig "broker" "adminPassword" .Init.random .Shared }}
          outputs: |
            host: {{ .Shared.broker.name }}
            port: 5672
            vhost: {{ .State.vhost }}
            username: {{ .SourceWorkload }}
            password: {{ .State.password }}
            address: amqp://{{ .SourceWorkload }}:{{ .State.password }}@{{ .Shared.broker.name }}/
            note: {{ printf "the password is %s" .State.password }}
            tier: {{ dig "annotations" "team/tier" "none" .Metadata }}
        """;

    private readonly ScratchPlatform _platform = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _platform.Dispose();

    [Fact]
    public async Task Outputs_come_from_init_state_and_shared_state()
    {
        var made = await EnsureAsync(ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue), @params: """{"vhost":"v1"}"""));

        Assert.Equal(["host", "port", "vhost", "username", "tier"], made.Outputs.Keys);
        Assert.Matches("^broker-[a-z0-9]{6}$", made.Outputs["host"].GetString());
        Assert.Equal(5672, made.Outputs["port"].GetInt32());
        Assert.Equal("v1", made.Outputs["vhost"].GetString());
        Assert.Equal("orders", made.Outputs["username"].GetString());
        Assert.Equal("gold", made.Outputs["tier"].GetString());
    }

    [Fact]
    public async Task What_is_secret_and_what_is_made_with_it_is_a_secret_output_and_lies_nowhere_in_clear()
    {
        var made = await EnsureAsync(ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue)));

        Assert.Equal(["password", "address", "note"], made.SecretOutputs.Keys);
        var password = made.SecretOutputs["password"];
        Assert.Equal(16, password.Length);
        Assert.DoesNotContain(password, made.State.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(_platform.FilesWith(password));
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue));
        var first = await EnsureAsync(claim);
        var changes = _platform.Secrets.Changes;

        var second = await EnsureAsync(ScratchPlatform.After(claim, first));

        Assert.Equal(Shown(first), Shown(second));
        Assert.Equal(changes, _platform.Secrets.Changes);
        Assert.Equal("unchanged", (await _platform.Templates().PlanAsync(ScratchPlatform.After(claim, first), Stop)).Value.Action);
    }

    [Fact]
    public async Task Killed_after_any_change_the_next_run_ends_as_if_nothing_had_happened()
    {
        for (var lives = 1; ; lives++)
        {
            using var platform = new ScratchPlatform();
            var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue));
            var neighbour = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue), id: "billing.db");
            platform.Secrets.Lives = lives;
            var died = false;
            try
            {
                await platform.Templates().EnsureAsync(claim, Stop);
            }
            catch (KilledException)
            {
                died = true;
            }

            platform.Secrets.Lives = null;
            var first = (await platform.Templates().EnsureAsync(claim, Stop)).Value;
            var other = (await platform.Templates().EnsureAsync(neighbour, Stop)).Value;
            var second = (await platform.Templates().EnsureAsync(claim, Stop)).Value;

            Assert.Equal(Shown(first), Shown(second));
            Assert.Equal(first.Outputs["host"].GetString(), other.Outputs["host"].GetString());
            Assert.Single(platform.Secrets.Versions, version => version.Owner == claim.Ref);
            if (!died)
            {
                Assert.True(lives > 4, "each change was tried");
                return;
            }
        }
    }

    [Fact]
    public async Task Resources_of_an_environment_that_are_made_side_by_side_agree_on_what_is_shared()
    {
        var provisioner = ScratchPlatform.Provisioner(Queue);

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => EnsureAsync(ScratchPlatform.Claim(provisioner, id: $"orders.q{i}")), Stop)));

        Assert.Single(all.Select(made => made.Outputs["host"].GetString()).Distinct());
        Assert.Equal(20, all.Select(made => made.SecretOutputs["password"]).Distinct().Count());
    }

    [Fact]
    public async Task Destroyed_it_is_forgotten_and_what_is_shared_stays()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue));
        var first = await EnsureAsync(claim);

        await _platform.Templates().DestroyAsync(claim, Stop);
        await _platform.Templates().DestroyAsync(claim, Stop);

        Assert.DoesNotContain(_platform.Secrets.Versions, version => version.Owner == claim.Ref);
        var anew = await EnsureAsync(claim);
        Assert.NotEqual(first.SecretOutputs["password"], anew.SecretOutputs["password"]);
        Assert.Equal(first.Outputs["host"].GetString(), anew.Outputs["host"].GetString());
    }

    [Fact]
    public async Task A_plan_tells_what_other_params_change_and_keeps_nothing()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Queue), @params: """{"vhost":"v1"}""");
        Assert.Equal("create", (await _platform.Templates().PlanAsync(claim, Stop)).Value.Action);
        Assert.Empty(_platform.Secrets.Versions);
        var made = await EnsureAsync(claim);

        var plan = (await _platform.Templates().PlanAsync(ScratchPlatform.After(claim, made, """{"vhost":"v2"}"""), Stop)).Value;

        Assert.Equal("change", plan.Action);
        Assert.Equal(["state: vhost changes", "output vhost: \"v1\" → \"v2\""], plan.Lines);
        Assert.Equal("v1", (await EnsureAsync(claim)).Outputs["vhost"].GetString());
    }

    [Fact]
    public async Task Another_workload_is_found_with_its_ports()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner("""
            - uri: template://my-provisioners/service-port
              type: service-port
              outputs: |
                {{ $w := index .WorkloadServices .Params.workload }}
                {{ if not $w.ServiceName }}{{ fail "unknown workload" }}{{ end }}
                {{ $p := index $w.Ports .Params.port }}
                {{ if not $p }}{{ fail "unknown port" }}{{ end }}
                hostname: {{ $w.ServiceName | quote }}
                port: {{ $p.TargetPort }}
            """), @params: """{"workload":"billing","port":"web"}""");
        Assert.Contains("unknown workload", (await _platform.Templates().EnsureAsync(claim, Stop)).Error!.Message, StringComparison.Ordinal);
        _platform.Services["billing"] = new WorkloadService("billing.staging.localhost", new Dictionary<string, WorkloadPort>());
        Assert.Contains("unknown port", (await _platform.Templates().EnsureAsync(claim, Stop)).Error!.Message, StringComparison.Ordinal);
        _platform.Services["billing"] = new WorkloadService("billing.staging.localhost", new Dictionary<string, WorkloadPort> { ["web"] = new(80, 8080) });

        var made = await EnsureAsync(claim);

        Assert.Equal(("billing.staging.localhost", 8080), (made.Outputs["hostname"].GetString(), made.Outputs["port"].GetInt32()));
    }

    [Fact]
    public async Task Files_are_written_below_its_own_folder_and_go_with_it()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner("""
            - uri: template://my-provisioners/settings
              type: volume
              outputs: |
                source: {{ .MountsDirectory }}/conf
              directories: |
                conf/empty: true
              files: |
                conf/a.ini: |
                  id={{ .Id }}
                old.ini: null
            """));

        var folder = (await EnsureAsync(claim)).Outputs["source"].GetString()!;

        Assert.Equal("id=orders.db\n", File.ReadAllText(Path.Combine(folder, "a.ini")));
        Assert.True(Directory.Exists(Path.Combine(folder, "empty")));
        await _platform.Templates().DestroyAsync(claim, Stop);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("files: |\n    a.conf: requirepass {{ .State.password }}", "would write a secret into the file a.conf")]
    [InlineData("files: |\n    ../a.conf: x", "contains '..'")]
    [InlineData("files: |\n    /etc/passwd: x", "it is absolute")]
    [InlineData("directories: |\n    a: 1", "must be true or false")]
    [InlineData("outputs: |\n    - a", "prints a list where a mapping is needed")]
    [InlineData("outputs: |\n    a: [", "is not valid YAML")]
    [InlineData("outputs: |\n    a: 1\n    a: 2", "is here twice")]
    [InlineData("outputs: |\n    a: {{ .Namespcae }}", "there is no .Namespcae here")]
    [InlineData("services: |\n    a: {}", "It makes containers")]
    public async Task What_cannot_be_made_is_refused_with_the_reason_and_nothing_is_kept(string part, string reason)
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner($"- uri: template://a/b\n  type: redis\n  state: |\n    password: {{{{ randAlphaNum 16 }}}}\n  {part}\n"));

        var refused = (await _platform.Templates().EnsureAsync(claim, Stop)).Error!;

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Next);
        Assert.Empty(_platform.Secrets.Versions);
    }

    [Fact]
    public async Task Old_versions_of_a_state_that_changes_are_destroyed()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner("- uri: template://a/counter\n  type: redis\n  state: |\n    count: {{ default 0 .State.count | add 1 }}\n  outputs: |\n    count: {{ .State.count }}\n"));
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(i, (await EnsureAsync(claim)).Outputs["count"].GetInt32());
        }

        Assert.Equal([4, 5], _platform.Secrets.Versions.Select(version => version.Version).Order());
    }

    private async Task<Provisioned> EnsureAsync(Claim claim)
    {
        var made = await _platform.Templates().EnsureAsync(claim, Stop);
        Assert.True(made.Ok, made.ToString());
        return made.Value;
    }

    private static string Shown(Provisioned made) => JsonSerializer.Serialize(made);
}
