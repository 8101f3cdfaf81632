using Axle.Contracts;
using Axle.Platform.Builds;

namespace Axle.Tests.Builds;

/// <summary>A build's log: read while it is written, bounded, and repaired after a crash.</summary>
public sealed class BuildLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_follower_sees_every_line_until_the_end()
    {
        var log = Log(1 << 20);
        var ended = false;
        var reading = ReadAsync(log, follow: true, () => Volatile.Read(ref ended));
        for (var i = 0; i < 200; i++)
        {
            log.Remark($"line {i}");
        }

        Volatile.Write(ref ended, true);
        log.Remark("last");
        Assert.Equal(201, (await reading).Distinct().Count());
    }

    [Fact]
    public async Task An_endless_log_keeps_its_end()
    {
        var log = Log(20_000);
        for (var i = 0; i < 2000; i++)
        {
            log.Remark($"line {i}");
        }

        var lines = await ReadAsync(log, follow: false, () => true);
        Assert.Equal("line 1999", lines[^1]);
        Assert.InRange(_folder.EnumerateFiles().Sum(f => f.Length), 1, 20_000);
    }

    [Fact]
    public async Task A_line_cut_by_a_crash_spoils_no_other()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "build.log"), "{\"at\":\"2026-01-01T00:00", TestContext.Current.CancellationToken);
        var log = Log(1 << 20);
        log.Remark("after");
        Assert.Equal(["after"], await ReadAsync(log, follow: false, () => true));
    }

    [Fact]
    public void The_essence_of_a_log_is_its_errors_and_its_end() =>
        Assert.Equal(
            ["src/a.ts(1,2): error TS1: bad", "npm ERR! code 2", "x", "y"],
            BuildFailure.Essence(["start", "compiling", "\u001b[31msrc/a.ts(1,2): error TS1: bad\u001b[0m", "more", "npm ERR! code 2", "x", "y"]).Where(l => l != "more"));

    [Fact]
    public void A_repeated_attempt_and_a_quoted_source_line_are_no_cause() =>
        Assert.Equal(
            ["ERROR: No matching distribution found for x", "Error: bad signature", "1", "2", "3"],
            BuildFailure.Essence(["WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'", "throw new Error(`bad ${x}`)", "ERROR: No matching distribution found for x", "Error: bad signature", "1", "2", "3"]));

    [Fact]
    public void A_command_that_npm_repeats_is_no_cause() =>
        Assert.Equal("src/a.ts: error TS1: bad", BuildFailure.Essence(["> x@1 build", "> tsc || echo error", "src/a.ts: error TS1: bad", "a", "b", "c"])[0]);

    [Fact]
    public void Bare_codes_of_npm_are_no_cause() =>
        Assert.Equal(
            "npm error network request to https://codeload.example/x.tgz failed, reason: getaddrinfo ENOTFOUND codeload.example",
            BuildFailure.Essence(["npm error code ENOTFOUND", "npm error syscall getaddrinfo", "npm error errno ENOTFOUND", "npm error network request to https://codeload.example/x.tgz failed, reason: getaddrinfo ENOTFOUND codeload.example", "npm error network", "a", "b", "c"])[0]);

    [Fact]
    public void A_tool_is_found_where_applications_find_it_and_only_if_they_may_run_it()
    {
        var (open, closed) = (_folder.CreateSubdirectory("open"), _folder.CreateSubdirectory("closed"));
        foreach (var (folder, mode) in new[] { (open, UnixFileMode.UserRead | UnixFileMode.OtherExecute), (closed, UnixFileMode.UserRead | UnixFileMode.UserExecute) })
        {
            var tool = Path.Combine(folder.FullName, "tool");
            File.WriteAllText(tool, "");
            File.SetUnixFileMode(tool, mode);
        }

        Assert.Equal($"{open.FullName}/tool", MachineProbe.Find("tool", $"{closed.FullName}:/no/such/folder:{open.FullName}"));
        Assert.Null(MachineProbe.Find("tool", closed.FullName));
    }

    [Theory]
    [InlineData("v20.20.2", true)]
    [InlineData("v2.20.2", false)]
    [InlineData("v22.1.0", false)]
    [InlineData(null, false)]
    public void Native_modules_are_compiled_against_the_headers_of_the_node_that_runs_them(string? version, bool found)
    {
        var root = Directory.CreateTempSubdirectory("axle-node-");
        try
        {
            Directory.CreateDirectory($"{root.FullName}/bin");
            File.WriteAllText($"{root.FullName}/bin/nodejs", "");
            File.CreateSymbolicLink($"{root.FullName}/bin/node", "nodejs");
            Assert.Null(MachineProbe.NodeHeaders($"{root.FullName}/bin/node", version));

            Directory.CreateDirectory($"{root.FullName}/include/node");
            File.WriteAllText($"{root.FullName}/include/node/node_version.h", "#define NODE_VERSION_H\n#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 20\n");
            Assert.Equal(found ? root.FullName : null, MachineProbe.NodeHeaders($"{root.FullName}/bin/node", version));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("https://user:secret@registry.example/npm/", "https://registry.example/npm/")]
    [InlineData("https://registry.example/", "https://registry.example/")]
    [InlineData("undefined", null)]
    public void Credentials_of_a_registry_stay_with_the_platform(string url, string? expected) =>
        Assert.Equal(expected, MachineProbe.WithoutCredentials(url));

    [Fact]
    public async Task A_secret_is_taken_out_before_a_line_is_written_even_where_the_line_is_cut()
    {
        var log = Log(1 << 20);
        log.Append(new LogLine(DateTimeOffset.UnixEpoch, "step", "stdout", new string('x', (16 * 1024) - 3) + "hunter2"));
        log.Remark("login with hunter2 refused");
        log.Close();
        Assert.Equal("login with [secret PASSWORD] refused", (await ReadAsync(log, false, () => true))[1]);
        Assert.DoesNotContain("hun", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "build.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private BuildLog Log(long max) => new(Path.Combine(_folder.FullName, "build.log"), "b", max, text => text.Replace("hunter2", "[secret PASSWORD]", StringComparison.Ordinal), TimeProvider.System);

    private static async Task<List<string>> ReadAsync(BuildLog log, bool follow, Func<bool> ended)
    {
        var lines = new List<string>();
        await foreach (var line in log.ReadAsync(follow, ended, TestContext.Current.CancellationToken))
        {
            lines.Add(line.Text);
        }

        return lines;
    }
}
