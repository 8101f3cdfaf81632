using System.Text.Json;
using Axle.Tests.Cli;
using Axle.Tests.Server;

namespace Axle.Tests.Secrets;

/// <summary>A platform whose master key is gone says so where people look first.</summary>
[Trait("Speed", "Slow")]
public sealed class SealedPlatformTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    private string KeyFile => Path.Combine(_server.Folder, "keys", "master.key");

    public ValueTask InitializeAsync() => _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Status_and_doctor_say_that_secrets_are_sealed_and_why()
    {
        using var open = Run();
        await open.RunAsync("status");
        Assert.DoesNotContain("sealed", open.Out, StringComparison.Ordinal);
        Assert.Equal("ok", await DoctorAsync(Run()));

        await _server.StopAsync();
        File.Move(KeyFile, KeyFile + ".away");

        // While the platform is down, the data folder shows it.
        using var down = Run();
        down.Variables["AXLE_URL"] = "http://127.0.0.1:1";
        Assert.Equal("missing", await DoctorAsync(down));
        using var variable = Run();
        variable.Variables["AXLE_URL"] = "http://127.0.0.1:1";
        variable.Variables["AXLE_MASTER_KEY"] = Convert.ToBase64String(new byte[32]);
        Assert.Equal("ok", await DoctorAsync(variable));

        await _server.StartAsync();
        using var status = Run();
        Assert.Equal(0, await status.RunAsync("status"));
        Assert.Contains("secrets    sealed: ", status.Out, StringComparison.Ordinal);
        Assert.Contains("master.key", status.Out, StringComparison.Ordinal);
        Assert.Equal("missing", await DoctorAsync(Run()));
    }

    private async Task<string> DoctorAsync(CliRun run)
    {
        using (run)
        {
            await run.RunAsync("doctor", "--data", _server.Folder, "--output", "json");
            using var checks = JsonDocument.Parse(run.Out);
            return checks.RootElement.EnumerateArray().Single(check => check.GetProperty("name").GetString() == "secrets").GetProperty("state").GetString()!;
        }
    }

    private CliRun Run()
    {
        var run = new CliRun();
        run.Variables["AXLE_URL"] = _server.Address.ToString();
        run.Variables["AXLE_TOKEN"] = _server.AdminToken;
        return run;
    }
}
