using System.Text;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Workloads;

namespace Axle.Tests.Workloads;

public sealed class ScoreResolverTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-score-");

    public void Dispose() => _folder.Delete(recursive: true);

    private ScoreContext Context => new()
    {
        ReadFile = ArtifactFiles.In(_folder.FullName),
        Variables = new Dictionary<string, string> { ["DEBUG"] = "on" },
        Host = "hello.staging.localhost",
        ServicePort = (workload, port) => (workload, port) == ("orders", "http") ? new ServiceAddress("127.0.0.1", 4711) : null,
    };

    [Fact]
    public void A_whole_workload_becomes_containers()
    {
        Write("conf/settings.json", """{"name": "${metadata.name}", "price": "5$$"}""");
        var (containers, ports) = ScoreResolver.Resolve(ScoreFile.Parse(ScoreFileTests.Full).Value, Context).Value;

        var hello = containers[0];
        Assert.Equal(["/bin/echo", "-c", "Hello $(FRIEND) ${not.expanded}"], hello.Command);
        Assert.Equal("World! shop 3 on 5$", string.Join(' ', new[] { "FRIEND", "TEAM", "LEVEL", "DEBUG", "PRICE" }.Select(v => hello.Variables[v])));
        Assert.Equal(
            ["/etc/config.yaml 0666 name: hello-world", "/etc/raw 0644 ${resources.nobody}", "/etc/binary 0644 hello", """settings.json 0644 {"name": "hello-world", "price": "5$"}"""],
            hello.Files.Select(f => $"{f.Target} {f.Mode} {Encoding.UTF8.GetString(Convert.FromBase64String(f.Content))}"));
        Assert.Equal([new VolumeSpec("/mnt/data", "volume.large_hello-world.data", "sub/path", true)], hello.Volumes);
        Assert.Equal(new LimitSpec(128 << 20, 500), hello.Limits);
        Assert.Equal(["/bin/alive"], hello.Liveness!.Exec!);
        Assert.Equal((8080, "/ready", "Awesome"), (hello.Readiness!.Http!.Port, hello.Readiness.Http.Path, hello.Readiness.Http.Headers![0].Value));
        Assert.Equal([new("hello", "complete")], containers[1].Before);
        Assert.Empty(containers[1].Command);
        Assert.Equal([new PortSpec("www", 8080), new PortSpec("admin", 9090, "UDP")], ports);
    }

    [Theory]
    [InlineData("${resources.self.host}", "hello.staging.localhost")]
    [InlineData("${resources.self.url}", "http://hello.staging.localhost")]
    [InlineData("${resources.orders.hostname}:${resources.orders.port}", "127.0.0.1:4711")]
    [InlineData("${resources.data.source}", "volume.default#shop.data")]
    [InlineData("${resources.data}", "volume.default#shop.data")]
    [InlineData("${metadata.list}", """["a",{"b":1}]""")]
    [InlineData("$${resources.data}", "${resources.data}")]
    public void Built_in_resources_answer(string text, string expected)
    {
        var score = Parse(text, """
            resources:
              self: {type: dns}
              way: {type: route, params: {host: "${resources.self.host}", port: 80}}
              data: {type: volume}
              orders: {type: service-port, params: {workload: orders, port: http}}
            """);

        Assert.Equal(expected, ScoreResolver.Resolve(score, Context).Value.Containers[0].Variables["A"]);
    }

    [Fact]
    public void A_type_that_nobody_provides_is_named_with_its_place()
    {
        var error = ScoreResolver.Resolve(Parse("x", "resources:\n  db:\n    type: postgres\n    class: large\n  dns:\n    type: dns\n    class: public"), Context).Error!;

        Assert.Equal("workloads.no_provisioner", error.Code);
        Assert.Equal(["resources.db 10:5", "resources.dns 13:5"], error.Problems.Select(p => $"{p.Path} {p.Line}:{p.Column}"));
        Assert.Contains("type 'postgres', class 'large'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Provisioners_answer_before_built_ins_and_see_expanded_params()
    {
        var provisioner = new Echo();
        var score = Parse("${resources.db.url}", "resources:\n  db: {type: echo, params: {url: \"${resources.other.url}/x\"}}\n  other: {type: echo, id: one, params: {url: \"${metadata.name}\"}}");

        Assert.Equal("shop/x", ScoreResolver.Resolve(score, Context with { Provisioners = [provisioner] }).Value.Containers[0].Variables["A"]);
        Assert.Equal(["echo.default#one", "echo.default#shop.db"], provisioner.Asked);
    }

    [Fact]
    public void What_no_provisioner_knows_is_refused_too()
    {
        var error = ScoreResolver.Resolve(Parse("${resources.db.url}", "resources: {db: {type: mysql}}"), Context with { Provisioners = [new Echo()] }).Error!;

        Assert.Equal("workloads.no_provisioner", error.Code);
    }

    [Theory]
    [InlineData("${resources.env.DEBUGG}", "resources: {env: {type: environment}}", "the environment has no such variable (there are DEBUG)")]
    [InlineData("${resources.self.port}", "resources: {self: {type: dns}}", "no such output (there are host, url)")]
    [InlineData("x", "resources: {orders: {type: service-port, params: {workload: nobody, port: http}}}", "the workload 'nobody' has no port 'http'")]
    [InlineData("x", "resources: {oo: {type: service-port}}", "needs the params workload and port")]
    [InlineData("x", "containers: {web: {args: [x]}}", "add a command")]
    [InlineData("x", "containers: {web: {volumes: {/a: {source: ../etc}}}}", "no volume's name")]
    [InlineData("x", "containers: {web: {volumes: {/a: {source: \"${resources.dns}\"}}}}\nresources: {dns: {type: dns}}", "cannot be mounted")]
    [InlineData("x", "containers: {web: {volumes: {a: {source: data}}}}", "absolute")]
    [InlineData("x", "containers: {web: {volumes: {/a: {source: data, path: a/../../b}}}}", "stay inside the volume")]
    [InlineData("x", "containers: {web: {files: {../a: {content: x}}}}", "without '..'")]
    [InlineData("x", "containers: {web: {files: {a: {source: missing}}}}", "is not in what was built")]
    [InlineData("x", "containers: {web: {files: {a: {source: ../up}}}}", "leaves the repository")]
    [InlineData("x", "containers: {web: {files: {a: {source: /etc/passwd}}}}", "must be relative")]
    [InlineData("x", "containers: {web: {files: {a: {source: link}}}}", "symbolic link")]
    [InlineData("x", "containers: {web: {files: {a: {source: bad.txt}}}}", "asks for a resource that is not declared (or set noExpand)")]
    public void What_cannot_run_is_refused_with_a_reason(string variable, string more, string words)
    {
        Write("bad.txt", "${resources.nobody.x}");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "link"), "/etc/passwd");
        var source = ScoreFileTests.Web($"    variables: {{A: \"{variable}\"}}");

        var score = ScoreFile.Parse(new ScoreSource(source, "score.yaml"), [new(more, "more.yaml")]).Value;
        var error = ScoreResolver.Resolve(score, Context).Error!;

        Assert.Equal("workloads.unresolved", error.Code);
        Assert.Contains(words, Assert.Single(error.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_can_bring_its_command()
    {
        var score = ScoreFile.Parse(ScoreFileTests.Web("    args: [--fast]")).Value;

        Assert.Equal(["node", "server.js", "--fast"], ScoreResolver.Resolve(score, Context with { ImageCommand = (_, image) => image == "." ? ["node", "server.js"] : [] }).Value.Containers[0].Command);
    }

    [Fact]
    public void A_file_that_is_no_text_is_copied()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "logo"), [0xff, 0x24, 0x7b, 0x7d]);
        var score = ScoreFile.Parse(ScoreFileTests.Web("    files: {logo: {source: logo, mode: \"0600\"}}")).Value;

        Assert.Equal(new FileSpec("logo", Convert.ToBase64String([0xff, 0x24, 0x7b, 0x7d]), "0600"), ScoreResolver.Resolve(score, Context).Value.Containers[0].Files[0]);
    }

    private static Score Parse(string variable, string more) =>
        ScoreFile.Parse(new ScoreSource(ScoreFileTests.Web($"    variables: {{A: '{variable}'}}\n{more}"), "score.yaml"), [], "metadata.list=[a, {b: 1}]").Value;

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private sealed class Echo : IResourceOutputs
    {
        public List<string> Asked { get; } = [];

        public IReadOnlyList<string> Types => ["echo"];

        public Result<ResourceOutputs>? Find(ResourceNeed need)
        {
            if (need.Type != "echo")
            {
                return null;
            }

            Asked.Add(need.Uid);
            return new ResourceOutputs(need.Params);
        }
    }
}
