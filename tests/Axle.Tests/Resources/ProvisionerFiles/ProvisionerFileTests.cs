using Axle.Contracts;
using Axle.Platform.Resources.ProvisionerFiles;
using CsCheck;

namespace Axle.Tests.Resources.ProvisionerFiles;

public sealed class ProvisionerFileTests
{
    private const string Complete = """
        # One of each kind.
        - uri: template://my-provisioners/queue
          type: amqp
          class: fast
          description: A name and a password.
          supported_params:
            - vhost
          init: |
            random: {{ randAlphaNum 8 }}
          state: |
            password: {{ dig "password" .Init.random .State | quote }}
          outputs: |
            password: {{ .State.password }}
          expected_outputs: [password]
        - uri: cmd://make-bucket#eu
          type: s3
          id: shared-bucket
          args: ["--region", "eu"]
          actions: [ensure, destroy]
        - uri: terraform://storage/bucket
          type: s3
          environment: production
          variables: { region: eu-1, replicas: 3 }
          secret_variables: { token: CLOUD_TOKEN }
        - uri: external://kafka-topic
          type: kafka-topic
          outputs: { host: kafka.internal, port: 9092, name: orders, num_partitions: 3 }
          secret_outputs: { password: KAFKA_PASSWORD }
        - uri: local-env://somewhere/environment
        """;

    public static TheoryData<string, int, int, string> Mistakes => new()
    {
        { "", 1, 1, "the file is empty" },
        { "[]", 1, 1, "the list is empty" },
        { "uri: template://x", 1, 1, "must be a list" },
        { "- type: redis", 1, 3, "the key 'uri' is missing" },
        { "- uri: nothing\n  type: redis", 1, 8, "is no uri with a scheme" },
        { "- uri: helm://chart\n  type: redis", 1, 8, "'helm' is no scheme of provisioners" },
        { "- uri: template://x/y", 1, 3, "the key 'type' is missing" },
        { "- uri: template://x/y\n  type: redis\n  outptus: |\n    a: b", 3, 3, "did you mean 'outputs'?" },
        { "- uri: template://x/y\n  type: redis\n  outputs: |\n    a: b\n    c: {{ nofunc }}", 5, 11, "there is no function nofunc" },
        { "- uri: template://x/y\n  type: redis\n  outputs: |\n\n    a: {{ if }}", 5, 14, "there is no value here" },
        { "- uri: template://x/y\n  type: redis\n  outputs: |\n    a: b\n- uri: template://x/y\n  type: redis", 5, 3, "has the same uri, type, class and id as the one on line 1" },
        { "- uri: cmd:///bin/sh\n  type: redis", 1, 8, "names no allowed program" },
        { "- uri: cmd://../sh\n  type: redis", 1, 8, "names no allowed program" },
        { "- uri: cmd://~/sh\n  type: redis", 1, 8, "names no allowed program" },
        { "- uri: cmd://sh\n  type: redis\n  actions: [ensure, remove]", 3, 21, "is not one of ensure, destroy, suspend" },
        { "- uri: template://x/y\n  type: \"no type\"", 2, 9, "is no resource type" },
        { "- uri: template://x/y\n  type: redis\n  outputs: { a: b }", 3, 12, "must be text" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place_in_the_file(string text, int line, int column, string message)
    {
        var wrong = Assert.IsType<ProvisionerFileWrong>(ProvisionerFile.Read(text, "my.provisioners.yaml").Error);

        var problem = wrong.Problems.FirstOrDefault(p => p.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(problem is not null, string.Join("\n", wrong.Problems));
        Assert.Equal(("my.provisioners.yaml", line, column), (problem.File, problem.Line, problem.Column));
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once() =>
        Assert.Equal(3, ProvisionerFile.Read("- uri: x\n  type: a\n- uri: template://b\n  type: redis\n  init: '{{ x'\n  what: 1\n", "f").Error!.Problems.Count);

    [Fact]
    public void Each_kind_of_provisioner_is_read()
    {
        var read = ProvisionerFile.Read(Complete, "f").Value;

        Assert.Equal(["template-my-provisioners-queue-amqp-fast", "cmd-make-bucket-eu-s3-shared-bucket", "terraform-storage-bucket-s3-production", "external-kafka-topic", "local-env-somewhere-environment"], read.Select(r => WithoutDigest(r.Name)));
        Assert.Equal([2, 15, 20, 25, 29], read.Select(r => r.Line));
        Assert.Equal(["vhost"], read[0].Spec.SupportedParams);
        Assert.Equal(["password"], read[0].Spec.ExpectedOutputs);
        Assert.Equal("fast", read[0].Spec.Class);
        Assert.Contains("dig \"password\"", read[0].Spec.Config.GetProperty("state").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"args":["--region","eu"],"actions":["ensure","destroy"]}""", read[1].Spec.Config.GetRawText());
        Assert.Equal("""{"variables":{"region":"eu-1","replicas":3},"secretVariables":{"token":"CLOUD_TOKEN"}}""", read[2].Spec.Config.GetRawText());
        Assert.Equal(["password"], read[3].Spec.SecretOutputs);
        Assert.Equal("KAFKA_PASSWORD", read[3].Spec.Config.GetProperty("secretOutputs").GetProperty("password").GetString());
        Assert.Equal("environment", read[4].Spec.Type);
        Assert.Equal([true, true, true, true, false], read.Select(r => r.Runnable.Runs));
    }

    [Theory]
    [InlineData("services: |\n    x:\n      image: redis", Needs.Containers)]
    [InlineData("volumes: |\n    {{ .State.name }}: {}", Needs.Containers)]
    [InlineData("manifests: |\n    - kind: Secret", Needs.Kubernetes)]
    [InlineData("outputs: |\n    password: {{ encodeSecretRef \"a\" \"b\" }}", Needs.Kubernetes)]
    [InlineData("services: |\n\n  outputs: 'a: b'", Needs.Nothing)]
    [InlineData("files: |\n    a.txt: hello\n  info_logs: |\n    - hello", Needs.Nothing)]
    public void A_provisioner_says_what_it_needs_beyond_this_engine(string part, object needs)
    {
        var read = ProvisionerFile.Read($"- uri: template://x/y\n  type: redis\n  {part}\n", "f").Value[0];

        Assert.Equal(needs, read.Runnable.Needs);
        Assert.Equal(needs is Needs.Nothing, read.Runnable.Why is null);
    }

    [Fact]
    public void A_name_differs_where_type_class_id_or_environment_do()
    {
        var spec = new ProvisionerSpec { Uri = "template://a/b", Type = "redis" };
        ProvisionerSpec[] others = [spec, spec with { Type = "amqp" }, spec with { Class = "c" }, spec with { Id = "c" }, spec with { Environment = "c" }, spec with { Uri = "template://a.b" }, spec with { Class = new string('c', 60) }, spec with { Class = new string('c', 61) }];

        var names = others.Select(ProvisionerNames.Of).ToList();

        Assert.All(names, name => Assert.Matches(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", name));
        Assert.Equal(others.Length - 1, names.Distinct().Count()); // a/b and a.b look the same, and are told apart by what they do in one file
    }

    [Fact]
    public void Whatever_is_written_is_read_or_refused()
    {
        var lines = Among.These("- uri: template://a/b", "- uri: cmd://c", "- uri: external://d", "- ", "  type: redis", "  type:", "  class: null", "  init: |", "    a: {{ .Id }}", "  outputs: {a: 1}", "  args: [1]", "  secret_outputs: x", "  &a b: *a", "?", "  id: ''", "\t", "  supported_params: [[]]");
        lines.List[0, 10].Sample(text => ProvisionerFile.Read(string.Join('\n', text), "f") is { Ok: true } or { Error: ProvisionerFileWrong });
    }

    private static string WithoutDigest(string name) => System.Text.RegularExpressions.Regex.Replace(name, "-[0-9a-f]{8}$", "");
}
