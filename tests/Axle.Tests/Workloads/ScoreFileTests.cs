using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;
using CsCheck;

namespace Axle.Tests.Workloads;

public sealed class ScoreFileTests
{
    internal const string Full = """
        apiVersion: score.dev/v1b1
        metadata:
          name: hello-world
          annotations:
            example.com/team: shop
          tier: {level: 3, tags: [a, true, 1.5]}
        service:
          ports:
            www: {port: 80, targetPort: 8080}
            admin:
              port: 9090
              protocol: UDP
        containers:
          hello:
            image: busybox
            command: ["/bin/echo"]
            args: [-c, "Hello $(FRIEND) ${not.expanded}"]
            variables:
              FRIEND: World!
              TEAM: ${metadata.annotations.example\.com/team}
              LEVEL: "${metadata.tier.level}"
              DEBUG: ${resources.env.DEBUG}
              PRICE: 5$$
            files:
              /etc/config.yaml:
                mode: "666"
                content: "name: ${metadata.name}"
              /etc/raw:
                content: ${resources.nobody}
                noExpand: true
              /etc/binary:
                binaryContent: aGVsbG8=
              settings.json:
                source: conf/settings.json
            volumes:
              /mnt/data:
                source: ${resources.data}
                path: sub/path
                readOnly: true
            resources:
              limits: {memory: 128Mi, cpu: "0.5"}
              requests: {memory: 64Mi, cpu: 250m}
            livenessProbe:
              exec: {command: [/bin/alive]}
            readinessProbe:
              httpGet:
                path: /ready
                port: 8080
                httpHeaders:
                - name: Custom-Header
                  value: Awesome
          init:
            image: .
            before:
              hello: {ready: complete}
        resources:
          env:
            type: environment
          dns:
            type: dns
          data:
            type: volume
            class: large
          shared:
            type: volume
            id: common.files
            metadata:
              annotations: {example.com/why: because}
            params:
              deep: {list: ["${metadata.name}", 1]}
        """;

    [Fact]
    public void Every_field_of_the_schema_is_read()
    {
        var score = ScoreFile.Parse(Full).Value;

        Assert.Equal("hello-world", score.Metadata.Name);
        Assert.Equal("shop", score.Metadata.Annotations["example.com/team"]);
        Assert.Equal(3, score.Metadata.All.GetProperty("tier").GetProperty("level").GetInt32());
        Assert.Equal(new ScorePort(80, 8080, "TCP"), score.Ports["www"]);
        Assert.Equal(new ScorePort(9090, 9090, "UDP"), score.Ports["admin"]);
        Assert.Equal(["www", "admin"], score.Ports.Keys);
        var hello = score.Containers["hello"];
        Assert.Equal("busybox", hello.Image);
        Assert.Equal(["/bin/echo"], hello.Command!);
        Assert.Equal(["-c", "Hello $(FRIEND) ${not.expanded}"], hello.Args!);
        Assert.Equal("World!", hello.Variables["FRIEND"]);
        Assert.Equal(new ScoreContainerFile(null, "name: ${metadata.name}", null, "0666", false), hello.Files["/etc/config.yaml"]);
        Assert.Equal(new ScoreContainerFile("conf/settings.json", null, null, null, false), hello.Files["settings.json"]);
        Assert.True(hello.Files["/etc/raw"].NoExpand);
        Assert.Equal(new ScoreVolume("${resources.data}", "sub/path", true), hello.Volumes["/mnt/data"]);
        Assert.Equal(new ScoreQuantities("0.5", "128Mi"), hello.Limits);
        Assert.Equal(new ScoreQuantities("250m", "64Mi"), hello.Requests);
        Assert.Equal(["/bin/alive"], hello.LivenessProbe!.Exec!);
        Assert.Equal(("/ready", 8080), (hello.ReadinessProbe!.HttpGet!.Path, hello.ReadinessProbe.HttpGet.Port));
        Assert.Equal([new("Custom-Header", "Awesome")], hello.ReadinessProbe.HttpGet.Headers);
        Assert.Equal("complete", score.Containers["init"].Before["hello"]);
        Assert.Equal("volume.large#hello-world.data", score.UidOf("data"));
        Assert.Equal("volume.default#common.files", score.UidOf("shared"));
        Assert.Equal("because", score.Resources["shared"].Metadata.GetProperty("annotations").GetProperty("example.com/why").GetString());
        Assert.Equal(new Place("score.yaml", 58, 5), score.Resources["env"].Place);
    }

    [Fact]
    public void A_workload_survives_the_way_through_json()
    {
        var json = ScoreFile.Parse(Full).Value.ToJson();

        var again = Score.FromJson(JsonSerializer.SerializeToElement(json)).Value;

        Assert.True(JsonElement.DeepEquals(json, again.ToJson()));
        Assert.Equal(["www", "admin"], again.Ports.Keys);
        Assert.Equal("0666", again.Containers["hello"].Files["/etc/config.yaml"].Mode);
    }

    [Fact]
    public void Json_is_checked_like_a_file()
    {
        var error = Score.FromJson(JsonElement.Parse("""{"apiVersion":"score.dev/v1b1","metadata":{"name":"ab"},"containers":{"web":{"image":"."}},"extra":1}""")).Error;

        Assert.Equal("workloads.invalid", error!.Code);
        Assert.Equal("extra", Assert.Single(error.Problems).Path);
    }

    [Fact]
    public void Deprecated_lists_of_files_and_volumes_are_upgraded()
    {
        var score = ScoreFile.Parse(Web("""
                files:
                - target: /etc/lines
                  mode: "0600"
                  content: [one, two]
                - target: /etc/text
                  content: three
                volumes:
                - target: /data
                  source: data
                  read_only: true
            """)).Value;

        var web = score.Containers["web"];
        Assert.Equal("one\ntwo", web.Files["/etc/lines"].Content);
        Assert.Equal("0600", web.Files["/etc/lines"].Mode);
        Assert.Equal("three", web.Files["/etc/text"].Content);
        Assert.Equal(new ScoreVolume("data", null, true), web.Volumes["/data"]);
        Assert.True(Score.FromJson(score.ToJson()).Ok);
    }

    [Theory]
    [InlineData("plain", "text")]
    [InlineData("2024-01-01", "dates are text in YAML 1.2")]
    [InlineData("yes", "and so is yes")]
    [InlineData("1.2.3", "and a version")]
    [InlineData("\"1\"", "and what is in quotes")]
    [InlineData("!!str 1", "or tagged")]
    [InlineData("|\n          a\n", "or in a block")]
    public void Text_is_what_yaml_calls_text(string value, string why)
    {
        Assert.NotEmpty(why);
        Assert.True(ScoreFile.Parse(Web($"    variables:\n      A: {value}")).Ok);
    }

    [Fact]
    public void Anchors_and_merge_keys_work()
    {
        var score = ScoreFile.Parse("""
            apiVersion: score.dev/v1b1
            metadata: {name: twins}
            containers:
              one: &base
                image: .
                variables: &vars {A: a, B: b}
              two:
                <<: *base
                variables: {<<: *vars, B: c}
            """).Value;

        Assert.Equal(".", score.Containers["two"].Image);
        Assert.Equal("a", score.Containers["two"].Variables["A"]);
        Assert.Equal("c", score.Containers["two"].Variables["B"]);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_in_the_order_of_the_file()
    {
        var error = ScoreFile.Parse("""
            apiVersion: score.dev/v2
            metadata:
              name: A
            containers:
              web:
                imag: .
                variables: {A: 1}
            """).Error!;

        Assert.Equal("workloads.invalid", error.Code);
        Assert.Equal(422, error.Status);
        Assert.Equal(["apiVersion", "metadata.name", "containers.web.imag", "containers.web", "containers.web.variables.A"], error.Problems.Select(p => p.Path));
        Assert.Contains("score.yaml:1:13", error.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'image'?", error.Problems[2].Message, StringComparison.Ordinal);
        Assert.Contains("and 4 more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_variables_are_not_repeated_in_messages()
    {
        var error = ScoreFile.Parse(Web("    variables:\n      PASSWORD: 748596")).Error!;

        Assert.DoesNotContain("748596", string.Join(' ', error.Problems.Append(new Problem(error.Message))), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char[" \t\n:-&*!|>'\"{}[],?#%@`~<$\\ab"]), 0, 40].Sample(text => ScoreFile.Parse(text) is { Ok: true } or { Error.Problems.Count: > 0 });

    [Fact]
    public void No_damage_to_a_file_makes_the_reader_throw() =>
        Gen.Select(Gen.Int[0, Full.Length - 1], Gen.Int[0, 12], Gen.String[Gen.OneOf(Gen.Char, Gen.Char[" \t\n:-&*!|>'\"{}[]"]), 0, 3]).Sample((at, cut, insert) =>
            ScoreFile.Parse(Full[..at] + insert + Full[Math.Min(Full.Length, at + cut)..]) is { Ok: true } or { Error.Problems.Count: > 0 });

    [Fact]
    public void Any_text_in_a_variable_comes_through_json_unchanged() =>
        Gen.String.Sample(text =>
        {
            var json = JsonSerializer.SerializeToElement(new
            {
                apiVersion = Score.ApiVersion,
                metadata = new { name = "ab" },
                containers = new { web = new { image = ".", variables = new { A = text.Replace("$", "$$", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal) } } },
            });
            return Score.FromJson(json).TryGet(out var score, out _) && Score.FromJson(score.ToJson()).Value.Containers["web"].Variables["A"] == score.Containers["web"].Variables["A"];
        });

    internal static string Web(string more) => $"""
        apiVersion: score.dev/v1b1
        metadata:
          name: shop
        containers:
          web:
            image: .
        {more}
        """;
}
