using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Axle.Engines;
using Axle.Engines.Sealing;

namespace Axle.Tests.Agent;

/// <summary>No secret of a workload lies in clear on the disk of the machine it runs on, and none is shown in its log.</summary>
[Trait("Speed", "Slow")]
public sealed class AgentSecretsTests : IAsyncLifetime
{
    private const string Secret = "correct-horse-battery";
    private const string App = "echo \"the secret is $SECRET\"; cat file; echo; printf \"begun $SECRET\"; exec sleep 7777";
    private readonly RealAgent _agent = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // A key that is on no disk at all, which nothing that the agent starts may see.
        _agent.Variables[MasterKey.Variable] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await _agent.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Nothing_of_it_is_on_the_disk_while_it_runs_nor_after_a_crash_and_nothing_is_left_in_memory()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This machine has no memory to keep files in.");
        await _agent.Engine.ApplyAsync(Spec("r1", Secret), Stop);
        var before = Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances);
        await RealAgent.UntilAsync(async () => await _agent.LogAsync("quiet.staging") is [_, _, ..], "the lines");
        Assert.Equal(["the secret is [redacted]", "file: [redacted]"], (await _agent.LogAsync("quiet.staging")).Select(line => line.Text));

        // 1. The beginning of a line waits in memory, and so do variables and files.
        var run = Assert.Single(Directory.GetDirectories(_agent.Memory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_agent.Memory));
        await RealAgent.UntilAsync(async () => (await File.ReadAllBytesAsync(Path.Combine(run, "out.taken"), Stop)).AsSpan().IndexOf(Encoding.UTF8.GetBytes($"begun {Secret}")) >= 0, "the rest");
        AssertNowhereOnDisk();

        // 2. A successor goes on hiding it, and gets inside. What a killed agent left behind of a run that is no more is gone; the rest is not ours.
        var other = Directory.CreateDirectory($"/dev/shm/{_agent.Mark}x-0").FullName;
        await _agent.RestartAsync(() => Directory.CreateDirectory(Path.Combine(_agent.Memory, "gone.staging.worker-1.abc")));
        Assert.Equal([run], Directory.GetDirectories(_agent.Memory));
        Assert.True(Directory.Exists(other));
        Directory.Delete(other);
        Assert.Equal("correct-horse-battery 0", await ExecAsync("echo $SECRET"));
        Kill("sleep", "7777");
        await RealAgent.UntilAsync(async () => (await _agent.LogAsync("quiet.staging")).Count(line => line.Text == "begun [redacted]") == 1, "the line that was begun");
        AssertNowhereOnDisk();

        // 3. After a restart of the machine nothing of it is there; it is made anew.
        await RealAgent.UntilAsync(async () => (await _agent.Engine.ObserveAsync("quiet.staging", Stop))!.Instances is [{ State: "Ready", Restarts: 1 }], "the restart");
        await _agent.RestartAsync(() =>
        {
            Directory.Delete(_agent.Memory, recursive: true);
            Kill("sleep", "7777");
        });
        await RealAgent.UntilAsync(async () => (await _agent.Engine.ObserveAsync("quiet.staging", Stop))!.Instances is [{ State: "Ready", Restarts: 2 }], "the start after the restart");
        Assert.Equal("correct-horse-battery 0", await ExecAsync("cat file >&2; echo $SECRET"));
        Assert.Equal(before.Id, (await _agent.Engine.ObserveAsync("quiet.staging", Stop))!.Instances[0].Id);

        // 4. It goes with the workload, and with the agent.
        await _agent.Engine.RemoveAsync("quiet.staging", Stop);
        Assert.Empty(Directory.GetDirectories(_agent.Memory));
        await _agent.EndAsync();
        Assert.Equal("", _agent.Memory);
    }

    [Fact]
    public async Task What_is_to_be_hidden_changes_without_a_new_revision_and_holds_for_checks_and_failures()
    {
        await _agent.Engine.ApplyAsync(Spec("r1"), Stop);
        var before = Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances);
        await _agent.Engine.ApplyAsync(Spec("r1", Secret), Stop);
        Assert.Equal((before.Id, 0), ((await _agent.Engine.ObserveAsync("quiet.staging", Stop))!.Instances[0].Id, before.Restarts));
        Kill("sleep", "7777");
        await RealAgent.UntilAsync(async () => (await _agent.LogAsync("quiet.staging")).Exists(line => line.Text == "the secret is [redacted]"), "the next line");

        // A new revision has another secret; the old one is still hidden. Its check gives both away.
        var failing = Spec("r2", "staple-staple") with { StartTimeoutSeconds = 2 };
        failing = failing with
        {
            Groups = [failing.Groups[0].Change(container => container with { Readiness = new ProbeSpec(Exec: ["/bin/sh", "-c", $"echo {Secret}; printf %04000d 0; printf staple-staple >&2; false"]) })],
        };
        await _agent.Engine.ApplyAsync(failing, Stop);
        var failed = (await _agent.UntilPhaseAsync("quiet.staging", "r2", "Failed")).Failure!;
        Assert.Contains("[redacted]", failed.LastAnswer, StringComparison.Ordinal);
        Assert.Contains("[redacted]", failed.Check, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.ToString() + string.Concat(failed.LogTail), StringComparison.Ordinal);
        Assert.DoesNotContain("staple-staple", failed.ToString() + string.Concat(failed.LogTail), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_hides_its_values_and_sees_no_master_key()
    {
        await _agent.Engine.StartJobAsync(
            new JobSpec
            {
                Id = "j1",
                Owner = "me",
                Folder = _agent.Artifact(("x", "")),
                Command = ["/bin/sh", "-c", "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"],
                Variables = new Dictionary<string, string> { ["SECRET"] = Secret },
                Redact = [Secret],
            },
            Stop);
        await RealAgent.UntilAsync(async () => (await _agent.Engine.ObserveJobAsync("j1", Stop))?.Phase is not "Running", "the job");
        var lines = (await _agent.LogAsync("job:j1")).Select(line => line.Text).ToList();
        Assert.Contains("SECRET=[redacted]", lines);
        Assert.DoesNotContain(lines, line => line.Contains(MasterKey.Variable, StringComparison.Ordinal));
        AssertNowhereOnDisk();
    }

    [Fact]
    public async Task Without_its_key_the_agent_does_not_start_and_touches_nothing()
    {
        await _agent.Engine.ApplyAsync(Spec("r1", Secret), Stop);
        var before = Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances);
        await _agent.KillAsync();
        var process = Running("sleep", "7777").Single();
        var files = Files();
        foreach (var (key, words) in new (string?, string)[]
        {
            (Convert.ToBase64String(new byte[32]), "The master key is another one"),
            (null, "The master key is missing"),
            ("nonsense", "The master key cannot be read"),
        })
        {
            var (code, text) = await StartAsync(key);
            Assert.Equal(4, code);
            Assert.Contains(words, text, StringComparison.Ordinal);
            Assert.Contains("Next: Put the", text, StringComparison.Ordinal);
            Assert.Equal(files, Files());
            Assert.Equal(process, Running("sleep", "7777").Single());
        }

        await _agent.StartAsync();
        Assert.Equal(before.Id, Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances).Id);

        List<string> Files() => [.. Directory.EnumerateFileSystemEntries(Path.Combine(_agent.Data, "agent"), "*", SearchOption.AllDirectories).Order()];
    }

    [Fact]
    public async Task Records_in_clear_are_taken_over_and_closed_and_a_key_that_was_retired_still_opens()
    {
        await _agent.Engine.ApplyAsync(Spec("r1", Secret), Stop);
        var before = Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances);
        await _agent.RestartAsync(() => _agent.PlaceRecord("quiet.staging", _agent.OpenRecord("quiet.staging")));
        Assert.Equal(before.Id, Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances).Id);
        AssertNowhereOnDisk();

        // A new key in front: what was closed before opens, and is closed by the new one from then on.
        var old = _agent.Variables[MasterKey.Variable];
        await _agent.RestartAsync(() =>
        {
            _agent.Variables[MasterKey.Variable] = $"{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))},{old}";
        });
        Assert.Equal(before.Id, Assert.Single((await _agent.UntilPhaseAsync("quiet.staging", "r1", "Healthy")).Instances).Id);
        Assert.True(MasterKey.Open(_agent.Data, _agent.Variables[MasterKey.Variable]).TryGet(out var key, out _));
        Assert.True(key.IsCurrent(await File.ReadAllBytesAsync(Path.Combine(_agent.Data, "agent", "workloads", "quiet.staging.sealed"), Stop)));
    }

    private WorkloadSpec Spec(string revision, params string[] redact)
    {
        var group = Apps.Group("worker", GroupKind.Worker, "/bin/sh", "-c", App).With(("SECRET", Secret)).Change(container => container with
        {
            Files = [new FileSpec("file", Convert.ToBase64String(Encoding.UTF8.GetBytes($"file: {Secret}")))],
            Readiness = new ProbeSpec(Exec: ["true"]),
        });
        return Apps.Workload("quiet.staging", revision, _agent.Artifact(("x", "")), group) with { Redact = redact };
    }

    private void AssertNowhereOnDisk()
    {
        foreach (var path in Directory.EnumerateFiles(_agent.Data, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).LinkTarget is null))
        {
            // Pipes have no length, and would make the reader wait.
            if (new FileInfo(path).Length > 0)
            {
                Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
            }
        }
    }

    private async Task<(int Code, string Text)> StartAsync(string? key)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "axle-agent.dll"), "--data", _agent.Data, "--ingress-port", "0"]) { RedirectStandardError = true };
        start.Environment.Remove(MasterKey.Variable);
        if (key is not null)
        {
            start.Environment[MasterKey.Variable] = key;
        }

        using var process = Process.Start(start)!;
        var text = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, text);
    }

    private async Task<string> ExecAsync(string command)
    {
        var text = new StringBuilder();
        await foreach (var item in _agent.Engine.ExecAsync(new ExecSpec("quiet.staging", null, null, ["/bin/sh", "-c", command]), null, Stop))
        {
            text.Append(item.Stream is "err" ? "" : item.Data is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : $"{item.ExitCode}");
        }

        return text.ToString().Replace('\n', ' ');
    }

    /// <summary>Processes of this agent only: their own folder is in the tree of its shim.</summary>
    private List<int> Running(string program, string argument) => [.. Process.GetProcessesByName(program)
        .Where(process => { try { return File.ReadAllText($"/proc/{process.Id}/cmdline") == $"{program}\0{argument}\0" && Shims(process.Id); } catch (IOException) { return false; } })
        .Select(process => process.Id)];

    private bool Shims(int process)
    {
        for (var id = process; id > 1; id = int.Parse(File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
        {
            if (File.ReadAllText($"/proc/{id}/cmdline").Contains($"{_agent.Data}/agent/runs/", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private void Kill(string program, string argument)
    {
        foreach (var id in Running(program, argument))
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
    }
}
