using System.Text.Json;
using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources.Drivers;

public sealed class CommandDriverTests : IDisposable
{
    private const string MakeBucket = """
        - uri: cmd://storage/make-bucket#eu
          type: s3
          args: [<mode>, plain]
          expected_outputs: [bucket, secret_key]
        """;

    private readonly ScratchPlatform _platform = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _platform.Dispose();

    [Fact]
    public async Task A_program_is_given_what_Score_gives_and_nothing_else()
    {
        Script("cat > seen.json; env > seen.env; echo \"$@\" > seen.args; echo '{\"resource_outputs\":{\"bucket\":\"b1\"}}'");
        _platform.Services["billing"] = new WorkloadService("billing.localhost", new Dictionary<string, WorkloadPort> { ["web"] = new(80, 8080) });

        Assert.Equal("b1", (await EnsureAsync(Claim("""{"size":5}"""))).Outputs["bucket"].GetString());

        var seen = JsonElement.Parse(Read("seen.json"));
        Assert.Equal("ensure", seen.GetProperty("action").GetString());
        Assert.Equal("s3.default#orders.db", seen.GetProperty("resource_uid").GetString());
        Assert.Equal("orders.db", seen.GetProperty("resource_id").GetString());
        Assert.Equal(5, seen.GetProperty("resource_params").GetProperty("size").GetInt32());
        Assert.Equal("gold", seen.GetProperty("resource_metadata").GetProperty("annotations").GetProperty("team/tier").GetString());
        Assert.Equal("orders", seen.GetProperty("source_workload").GetString());
        Assert.Equal(8080, seen.GetProperty("workload_services").GetProperty("billing").GetProperty("ports").GetProperty("web").GetProperty("target_port").GetInt32());
        Assert.Equal("{}", seen.GetProperty("resource_state").GetRawText());
        Assert.Equal("{}", seen.GetProperty("shared_state").GetRawText());
        Assert.Equal("provision plain\n", Read("seen.args"));
        Assert.DoesNotContain(Read("seen.env").Split('\n'), line => line.Length > 0 && !line.StartsWith("PATH=", StringComparison.Ordinal) && !line.StartsWith("LC_ALL=", StringComparison.Ordinal) && !line.StartsWith("PWD=", StringComparison.Ordinal) && !line.StartsWith("SHLVL=", StringComparison.Ordinal) && !line.StartsWith("_=", StringComparison.Ordinal) && !line.StartsWith("OLDPWD=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task State_and_shared_state_come_back_the_next_time_and_secret_outputs_stay_sealed()
    {
        Script("""
            IN=$(cat)
            case "$IN" in *'"resource_state":{}'*) KEY=secret-key-$$ ;; *) KEY=$(echo "$IN" | sed 's/.*"resource_state":{"key":"\([^"]*\)".*/\1/') ;; esac
            echo "{\"resource_state\":{\"key\":\"$KEY\"},\"shared_state\":{\"server\":{\"name\":\"s1\"}},\"resource_outputs\":{\"bucket\":\"b1\",\"secret_key\":\"$KEY\",\"link\":\"https://x?sig=$KEY\"},\"manifests\":[]}"
            """);
        var first = await EnsureAsync(Claim());

        var second = await EnsureAsync(Claim());

        Assert.Equal(["bucket"], first.Outputs.Keys.Where(name => name != "link"));
        Assert.StartsWith("secret-key-", first.SecretOutputs["secret_key"], StringComparison.Ordinal);
        Assert.Contains("link", first.SecretOutputs.Keys);
        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(second));
        Assert.Empty(_platform.FilesWith(first.SecretOutputs["secret_key"]));
    }

    [Theory]
    [InlineData("echo it is TOP-SECRET-1 that fails >&2; exit 3", "ended with code 3: it is •••••• that fails")]
    [InlineData("exit 4", "ended with code 4 and said nothing")]
    [InlineData("echo no json", "printed no JSON object")]
    [InlineData("echo '{\"a\":1,\"a\":2}'", "printed no JSON object")]
    [InlineData("echo '[]'", "printed no JSON object")]
    [InlineData("echo '{\"outputs\":{}}'", "unknown field 'outputs'")]
    [InlineData("echo '{\"resource_outputs\":[]}'", "'resource_outputs' that is no object")]
    [InlineData("echo '{\"manifests\":[{\"kind\":\"Secret\"}]}'", "asks for containers or Kubernetes objects ('manifests')")]
    [InlineData("echo '{\"compose_services\":{\"a\":{}}}'", "asks for containers or Kubernetes objects ('compose_services')")]
    [InlineData("echo '{\"relative_directories\":{\"a\":1}}'", "neither true nor false")]
    [InlineData("head -c 2000000 /dev/zero | tr '\\0' x", "printed more than")]
    public async Task A_failing_program_says_why_and_no_secret(string script, string reason)
    {
        _platform.Secrets.Organisation["TOKEN"] = "TOP-SECRET-1";
        Script(script);

        var refused = (await _platform.Commands().EnsureAsync(Claim(), Stop)).Error!;

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Next);
        Assert.Empty(_platform.Secrets.Versions);
    }

    [Fact]
    public async Task Only_programs_of_the_allowed_folder_run()
    {
        Assert.Equal("resources.program_missing", (await _platform.Commands().EnsureAsync(Claim(), Stop)).Error!.Code);

        var bash = ScratchPlatform.Claim(ScratchPlatform.Provisioner("- uri: cmd://bash#x\n  type: s3\n  args: [-c, \"touch /tmp/never\"]"));
        Assert.Equal("resources.program_missing", (await _platform.Commands().EnsureAsync(bash, Stop)).Error!.Code);

        Directory.CreateDirectory(_platform.Options.Folder("provisioners", "bin"));
        File.CreateSymbolicLink(Path.Combine(_platform.Options.Folder("provisioners", "bin"), "bash"), "/bin/bash");
        Assert.Equal("files.path_refused", (await _platform.Commands().EnsureAsync(bash, Stop)).Error!.Code);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_named()
    {
        _platform.Write("provisioners/bin/storage/make-bucket", "no program");

        Assert.Contains("chmod +x", (await _platform.Commands().EnsureAsync(Claim(), Stop)).Error!.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroy_and_suspend_are_asked_only_of_programs_that_know_them()
    {
        Script("IN=$(cat); echo \"$IN\" | sed 's/.*\"action\":\"\\([a-z]*\\)\".*/\\1/' >> actions; echo '{\"resource_state\":{\"a\":1},\"resource_outputs\":{\"bucket\":\"b\"}}'");
        await EnsureAsync(Claim());
        await _platform.Commands().SuspendAsync(Claim(), Stop);
        await _platform.Commands().DestroyAsync(Claim(), Stop);
        Assert.Equal("ensure\n", Read("actions"));
        Assert.Empty(_platform.Secrets.Versions);

        var knows = ScratchPlatform.Claim(ScratchPlatform.Provisioner(MakeBucket + "\n  actions: [ensure, suspend, destroy]"));
        await EnsureAsync(knows);
        await _platform.Commands().SuspendAsync(knows, Stop);
        Assert.NotEmpty(_platform.Secrets.Versions);
        await _platform.Commands().DestroyAsync(knows, Stop);

        Assert.Equal("ensure\nensure\nsuspend\ndestroy\n", Read("actions"));
        Assert.Empty(_platform.Secrets.Versions);
    }

    [Fact]
    public async Task A_destroy_that_fails_is_told_and_forgets_nothing()
    {
        var knows = ScratchPlatform.Claim(ScratchPlatform.Provisioner(MakeBucket + "\n  actions: [destroy]"));
        Script("case $(cat) in *'\"action\":\"destroy\"'*) echo still in use >&2; exit 1 ;; esac; echo '{\"resource_state\":{\"a\":1},\"resource_outputs\":{\"bucket\":\"b\"}}'");
        await EnsureAsync(knows);

        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => _platform.Commands().DestroyAsync(knows, Stop));

        Assert.Contains("still in use", failed.Message, StringComparison.Ordinal);
        Assert.NotEmpty(_platform.Secrets.Versions);
    }

    [Fact]
    public async Task A_plan_says_whether_the_params_are_the_same()
    {
        Script("echo '{\"resource_outputs\":{\"bucket\":\"b\"}}'");
        var claim = Claim("""{"a":1}""");
        Assert.Equal("create", (await _platform.Commands().PlanAsync(claim, Stop)).Value.Action);
        var made = await EnsureAsync(claim);

        Assert.Equal("unchanged", (await _platform.Commands().PlanAsync(ScratchPlatform.After(claim, made), Stop)).Value.Action);
        Assert.Equal("change", (await _platform.Commands().PlanAsync(ScratchPlatform.After(claim, made, """{"a":2}"""), Stop)).Value.Action);
    }

    private static Claim Claim(string @params = "{}") => ScratchPlatform.Claim(ScratchPlatform.Provisioner(MakeBucket), @params: @params);

    private void Script(string body) => _platform.Write("provisioners/bin/storage/make-bucket", $"#!/bin/sh\n{body}\n");

    private string Read(string file) => File.ReadAllText(Path.Combine(_platform.Options.Folder("provisioners"), file));

    private async Task<Provisioned> EnsureAsync(Claim claim)
    {
        var made = await _platform.Commands().EnsureAsync(claim, Stop);
        Assert.True(made.Ok, made.ToString());
        return made.Value;
    }
}
