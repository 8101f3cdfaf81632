extern alias cli;
using System.Diagnostics;
using System.Runtime.Versioning;
using Axle.Contracts;
using cli::Axle.Cli.Configuration;

namespace Axle.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class ConfigurationTests
{
    private static readonly Me s_me = new("user:default/ann", "Ann", ["team-shop"], "member", ["*"]);

    [Fact]
    public async Task Login_checks_the_token_and_keeps_it_readable_by_the_owner_only()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.On("GET /api/me", s_me, AxleJson.Default.Me);
        using var run = new CliRun { Input = FakePlatform.Token + "\n" };

        Assert.Equal(0, await run.RunAsync("login", "--url", platform.Url, "--token-stdin", "--no-git"));

        var file = Path.Combine(run.Folder, ".config", "axle", "config.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(FakePlatform.Token, run.Out + run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("whoami", "-o", "yaml"));
        Assert.Contains("user: user:default/ann\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_the_platform_refuses_is_not_kept()
    {
        await using var platform = await FakePlatform.StartAsync();
        using var run = new CliRun { Input = "axl_wrong\n" };

        Assert.Equal(1, await run.RunAsync("login", "--url", platform.Url, "--token-stdin", "--no-git"));
        Assert.Contains("the token is not valid", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(run.Folder, ".config", "axle", "config.json")));
    }

    [Fact]
    public async Task A_token_goes_only_to_the_platform_it_was_made_for()
    {
        await using var mine = await FakePlatform.StartAsync();
        await using var other = await FakePlatform.StartAsync();
        using var run = new CliRun();
        new ConfigFile(run.Host()).Use("mine", new KnownPlatform(mine.Url, FakePlatform.Token));
        other.On("GET /api/me", s_me, AxleJson.Default.Me);
        run.Variables["AXLE_URL"] = other.Url;

        Assert.Equal(1, await run.RunAsync("whoami"));
        Assert.Contains("there is no token", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_admin_token_in_the_data_folder_helps_when_ours_is_stale()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.On("GET /api/me", s_me, AxleJson.Default.Me);
        using var run = new CliRun();
        File.WriteAllText(Path.Combine(run.Folder, "admin.token"), FakePlatform.Token + "\n");
        new ConfigFile(run.Host()).Use("local", new KnownPlatform(platform.Url, "axl_stale", run.Folder));

        Assert.Equal(0, await run.RunAsync("whoami"));
    }

    [Theory]
    [InlineData("get", "https", "axle.example.com", "username=axle\npassword=axl_1\n")]
    [InlineData("get", "http", "axle.example.com", "")]
    [InlineData("get", "https", "axle.example.com:444", "")]
    [InlineData("get", "https", "axle.example.com.evil.org", "")]
    [InlineData("store", "https", "axle.example.com", "")]
    public async Task Git_gets_the_password_of_our_platform_and_of_no_other(string operation, string protocol, string host, string expected)
    {
        using var run = new CliRun { Input = $"protocol={protocol}\nhost={host}\npath=git/orders.git\n\n" };
        new ConfigFile(run.Host()).Use("company", new KnownPlatform("https://axle.example.com", "axl_1"));

        Assert.Equal(0, await run.RunAsync("git-credential", operation));
        Assert.Equal(expected, run.Out);
    }

    [Fact]
    public async Task A_clone_asks_axle_alone_for_the_password_also_from_an_odd_folder()
    {
        using var run = new CliRun();
        var odd = Path.Combine(run.Folder, "it's odd");
        Directory.CreateDirectory(odd);
        var program = Path.Combine(odd, "axle");
        File.WriteAllText(program, "#!/bin/sh\necho username=axle\necho password=\"secret $1 $2\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var repository = Path.Combine(run.Folder, "repository");
        await GitAsync("", "init", "-q", repository);

        Assert.True(await GitHelper.InstallAsync(new Uri("http://localhost:7400/"), run.Host() with { Program = program }, repository, CancellationToken.None));
        var filled = await GitAsync("protocol=http\nhost=localhost:7400\n\n", "-C", repository, "credential", "fill");

        Assert.Contains("password=secret git-credential get\n", filled, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_names_follow_from_their_urls()
    {
        await using var platform = await FakePlatform.StartAsync();
        var proposal = new ImportAnswer(EntityRef.Of("component", "orders"), "http://x/git/orders.git", null, "A Node service.", false, new Dictionary<string, string> { ["score.yaml"] = "apiVersion: score.dev/v1b1\n" });
        platform.On("POST /api/import", proposal, AxleJson.Default.ImportAnswer);
        using var run = CliRun.Against(platform);

        // Nobody can be asked: the proposal is shown, and nothing is imported.
        Assert.Equal(1, await run.RunAsync("import", "git@github.com:acme/Orders.git", "--owner", "team-shop"));
        Assert.Contains("+++ score.yaml\n+ apiVersion: score.dev/v1b1\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("--accept", run.Error, StringComparison.Ordinal);
        Assert.Equal("orders", System.Text.Json.JsonSerializer.Deserialize(platform.Requests.Single().Body, AxleJson.Default.ImportRequest)!.Name);

        // A person says yes.
        using var person = CliRun.Against(platform);
        (person.Terminal, person.Input) = (true, "y\n");
        Assert.Equal(0, await person.RunAsync("import", "git@github.com:acme/orders", "--owner", "team-shop"));
        Assert.True(System.Text.Json.JsonSerializer.Deserialize(platform.Requests.Last().Body, AxleJson.Default.ImportRequest)!.Accept);
    }

    private static async Task<string> GitAsync(string input, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_TERMINAL_PROMPT"] = "0" },
        })!;
        await git.StandardInput.WriteAsync(input);
        git.StandardInput.Close();
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        return output;
    }
}
