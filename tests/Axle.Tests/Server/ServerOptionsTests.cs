using Axle.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Server;

public sealed class ServerOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_typed_wins_over_the_environment_and_that_over_the_file()
    {
        File.WriteAllText(Path.Combine(_folder, "axle.json"), """{"port": 1001, "ingressPort": 1002, "logLevel": "warning", "publicUrl": "https://axle.example.org/", "Delivery": {"x": 1}}""");
        var options = ServerOptions.Read(
            ["--data", _folder, "--port=3001"],
            new Dictionary<string, string> { ["AXLE_PORT"] = "2001", ["AXLE_INGRESS_PORT"] = "2002" }).Value;
        Assert.Equal((3001, 2002, LogLevel.Warning, "https://axle.example.org"), (options.Port, options.IngressPort, options.LogLevel, options.PublicUrl));
    }

    [Fact]
    public void Without_anything_the_defaults_hold()
    {
        var options = ServerOptions.Read([], new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder }).Value;
        Assert.Equal((Path.Combine(_folder, "axle"), 7400, 7480), (options.DataFolder, options.Port, options.IngressPort));
        Assert.Null(options.Listen);
        Assert.Equal("http://localhost:7400", options.ToPlatform().PublicUrl);
    }

    [Theory]
    [InlineData("", "--prot 1", "'--prot' is no option")]
    [InlineData("", "--port", "--port needs a value")]
    [InlineData("", "--port -1", "--port is '-1', but must be a port from 0 to 65535")]
    [InlineData("", "--port 65536", "--port is '65536'")]
    [InlineData("", "--ingress-port 0", "must be a port from 1 to 65535")]
    [InlineData("", "--port 7480", "must differ")]
    [InlineData("", "--listen localhost", "must be an IP address")]
    [InlineData("", "--public-url ftp://x", "must be an http or https URL")]
    [InlineData("", "--public-url http://x/path", "must be an http or https URL")]
    [InlineData("", "--log-level 3", "must be debug, information")]
    [InlineData("{\"prot\": 1}", "", "sets 'prot', which is no setting; there are port, ingressPort")]
    [InlineData("{\"data\": \"/x\"}", "", "sets 'data', which is no setting")]
    [InlineData("{\"port\": \"many\"}", "", "port in ")]
    [InlineData("{\n  \"port\": \n}", "", "is no JSON: line 3")]
    [InlineData("[]", "", "must hold a JSON object")]
    public void A_wrong_setting_is_a_sentence_that_names_it(string file, string args, string message)
    {
        if (file.Length > 0)
        {
            File.WriteAllText(Path.Combine(_folder, "axle.json"), file);
        }

        var read = ServerOptions.Read(["--data", _folder, .. args.Split(' ', StringSplitOptions.RemoveEmptyEntries)], new Dictionary<string, string>());
        Assert.Contains(message, read.Error!.Message, StringComparison.Ordinal);
        Assert.NotNull(read.Error.Next);
    }

    [Fact]
    public void Only_one_server_works_on_a_data_folder()
    {
        using (ServerLock.Take(_folder).Value)
        {
            var second = ServerLock.Take(_folder).Error!;
            Assert.Equal("server.already_running", second.Code);
            Assert.Contains($"process {Environment.ProcessId}", second.Message, StringComparison.Ordinal);
        }

        using var third = ServerLock.Take(_folder).Value;
        Assert.NotNull(third);
    }
}
