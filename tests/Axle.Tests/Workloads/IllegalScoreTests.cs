using Axle.Platform.Workloads;

namespace Axle.Tests.Workloads;

/// <summary>Documents that must be refused, each with the place and the path that a person is sent to.</summary>
public sealed class IllegalScoreTests
{
    public static TheoryData<string, int, int, string?, string> Containers => new()
    {
        // what stands inside containers.web, from line 7      line col path                                        words
        { "    commands: [a]",                                      7, 5, "containers.web.commands",                  "did you mean 'command'?" },
        { "    zzzzzzzz: 1",                                        7, 5, "containers.web.zzzzzzzz",                  "known here: image" },
        { "    command: run",                                       7, 14, "containers.web.command",                  "must be a list, and is text" },
        { "    args: [1]",                                          7, 12, "containers.web.args.0",                   "put it in quotes" },
        { "    args:",                                              7, 5, "containers.web.args",                      "must be a list, and is empty" },
        { "    variables: {A: 1}",                                  7, 20, "containers.web.variables.A",              "must be text, and is a number: put it in quotes" },
        { "    variables: {A: true}",                               7, 20, "containers.web.variables.A",              "and is a boolean" },
        { "    variables:\n      A:",                               8, 7, "containers.web.variables.A",               "write \"\" for empty text" },
        { "    variables: {A: [x]}",                                7, 20, "containers.web.variables.A",              "and is a list" },
        { "    variables: {'A=B': x}",                              7, 17, "containers.web.variables[\"A=B\"]",       "variable name" },
        { "    variables: {A: x, A: y}",                            7, 23, null,                                      "is here twice; it is first on line 7" },
        { "    resources: {limits: {cpu: 1}}",                      7, 31, "containers.web.resources.limits.cpu",     "put it in quotes: \"1\"" },
        { "    resources: {limits: {cpu: \"1.5m\"}}",               7, 31, "containers.web.resources.limits.cpu",     "no CPU quantity" },
        { "    resources: {limits: {cpu: \"1\\n\"}}",               7, 31, "containers.web.resources.limits.cpu",     "no CPU quantity" },
        { "    resources: {limits: {memory: 1Megabyte}}",           7, 34, "containers.web.resources.limits.memory",  "no memory quantity" },
        { "    resources: {limits: {memory: 8Ei}}",                 7, 34, "containers.web.resources.limits.memory",  "beyond" },
        { "    resources: {limit: {}}",                             7, 17, "containers.web.resources.limit",          "did you mean 'limits'?" },
        { "    files: {/a: {}}",                                    7, 17, "containers.web.files[\"/a\"]",            "needs one of source" },
        { "    files: {/a: {content: x, source: y}}",               7, 17, "containers.web.files[\"/a\"]",            "has source and content" },
        { "    files: {/a: {content: x, mode: 0644}}",              7, 36, "containers.web.files[\"/a\"].mode",       "put it in quotes: \"0644\"" },
        { "    files: {/a: {content: x, mode: \"888\"}}",           7, 36, "containers.web.files[\"/a\"].mode",       "no file mode" },
        { "    files: {/a: {content: x, noExpand: \"true\"}}",      7, 40, "containers.web.files[\"/a\"].noExpand",   "without quotes" },
        { "    files: {/a: {binaryContent: \"%%\"}}",               7, 33, "containers.web.files[\"/a\"].binaryContent", "base64" },
        { "    files: {/a: {content: x, target: /b}}",              7, 30, "containers.web.files[\"/a\"].target",     "unknown key 'target'" },
        { "    files: [{content: x}]",                              7, 13, "containers.web.files.0",                  "'target' is missing" },
        { "    files: [{target: /a, content: x}, {target: /a, content: y}]", 7, 39, "containers.web.files.1",         "is here twice" },
        { "    volumes: {/a: {}}",                                  7, 19, "containers.web.volumes[\"/a\"]",          "'source' is missing" },
        { "    volumes: {/a: {source: x, read_only: true}}",        7, 31, "containers.web.volumes[\"/a\"].read_only", "did you mean 'readOnly'?" },
        { "    readinessProbe: {}",                                 7, 21, "containers.web.readinessProbe",           "needs httpGet or exec" },
        { "    readinessProbe: {httpGet: {path: /}}",               7, 31, "containers.web.readinessProbe.httpGet",   "'port' is missing" },
        { "    readinessProbe: {httpGet: {path: /, port: 70000}}",  7, 47, "containers.web.readinessProbe.httpGet.port", "from 1 to 65535" },
        { "    readinessProbe: {httpGet: {path: /, port: \"80\"}}", 7, 47, "containers.web.readinessProbe.httpGet.port", "without quotes" },
        { "    readinessProbe: {httpGet: {path: /, port: 80, scheme: http}}", 7, 59, "containers.web.readinessProbe.httpGet.scheme", "not one of HTTP, HTTPS" },
        { "    livenessProbe: {exec: {command: []}}",               7, 37, "containers.web.livenessProbe.exec.command", "must not be empty" },
        { "    before: {web: {ready: started}}",                    7, 19, "containers.web.before.web",               "before itself" },
        { "    before: {wed: {ready: started}}",                    7, 19, "containers.web.before.wed",               "there is no container 'wed'" },
        { "    before: {web: {ready: soon}}",                       7, 27, "containers.web.before.web.ready",         "not one of started, healthy, complete" },
        { "    variables: {A: \"${}\"}",                            7, 20, "containers.web.variables.A",              "is empty" },
        { "    variables: {A: \"${db.host}\"}",                     7, 20, "containers.web.variables.A",              "only 'metadata' and 'resources' are known" },
        { "    variables: {A: \"${resources.db.host}\"}",           7, 20, "containers.web.variables.A",              "declare it under resources.db" },
        { "    variables: {A: \"${metadata.nick}\"}",               7, 20, "containers.web.variables.A",              "metadata has no such key" },
        { "    files: {/a: {content: \"${resources.db}\"}}",        7, 27, "containers.web.files[\"/a\"].content",    "not declared" },
        { "    volumes: {/a: {source: \"${resources.d}\"}}",        7, 28, "containers.web.volumes[\"/a\"].source",   "not declared" },
        { "  Web: {image: .}",                                      7, 3, "containers.Web",                           "is no container name" },
        { "  db: {image: \"\"}",                                    7, 15, "containers.db.image",                     "must not be empty" },
        { "  db: &x {image: ., variables: *x}",                     7, 32, null,                                      "contains itself" },
        { "  db: {image: .}\nresources: {}\nvolumes: {}",           9, 1, "volumes",                                  "unknown key 'volumes'" },
        { "service: {ports: {w: {port: 80}}}",                      7, 19, "service.ports.w",                         "is no port name" },
        { "service: {ports: {web: {port: 0}}}",                     7, 31, "service.ports.web.port",                  "from 1 to 65535" },
        { "service: {ports: {web: {port: 80, protocol: tcp}}}",     7, 45, "service.ports.web.protocol",              "not one of TCP, UDP" },
        { "resources: {db: {}}",                                    7, 17, "resources.db",                            "'type' is missing" },
        { "resources: {db: {type: p}}",                             7, 24, "resources.db.type",                       "is no type or class" },
        { "resources: {db: {type: postgres, id: A}}",               7, 38, "resources.db.id",                         "is no id" },
        { "resources: {db: {type: postgres, params: [1]}}",         7, 42, "resources.db.params",                     "must be a mapping" },
        { "resources: {aa: {type: tt, params: {x: \"${resources.bb.x}\"}}, bb: {type: tt, params: {x: \"${resources.aa.x}\"}}}", 7, 36, "resources.aa.params", "in a circle: aa needs bb needs aa" },
        { "resources: {aa: {type: tt, id: xx, params: {a: 1}}, bb: {type: tt, id: xx, params: {a: 2}}}", 7, 84, "resources.bb.params", "the same resource tt.default#xx" },
    };

    [Theory, MemberData(nameof(Containers))]
    public void A_mistake_has_its_place_and_path(string more, int line, int column, string? path, string words)
    {
        var error = ScoreFile.Parse(ScoreFileTests.Web(more)).Error;

        Assert.NotNull(error);
        var problem = Assert.Single(error.Problems);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Equal((line, column, path, "score.yaml"), (problem.Line, problem.Column, problem.Path, problem.File));
    }

    public static TheoryData<string, int, int, string> Documents => new()
    {
        { "", 1, 1, "the file is empty" },
        { "# nothing", 1, 1, "the file is empty" },
        { "- a", 1, 1, "must be a mapping, and is a list" },
        { "text", 1, 1, "must be a mapping, and is text" },
        { "a: 1\n---\nb: 2", 2, 1, "second document" },
        { "a:\n\tb: 1", 2, 1, "a tab indents this line" },
        { "a: [1", 1, 6, "is not valid YAML" },
        { "a: \"x\u0001\"", 1, 6, "U+0001" },
        { "? [a]\n: b", 1, 3, "a key must be a plain name" },
        { "a: *b", 1, 4, "no anchor &b" },
        { "<<: 1", 1, 5, "merges mappings only" },
    };

    [Theory, MemberData(nameof(Documents))]
    public void A_document_that_is_none_is_refused(string text, int line, int column, string words)
    {
        var problem = ScoreFile.Parse(text).Error!.Problems[0];

        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (problem.Line, problem.Column));
    }

    [Fact]
    public void Aliases_cannot_blow_a_document_up()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Contains("the aliases make the document larger", ScoreFile.Parse(bomb).Error!.Problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Nesting_has_an_end(string open) =>
        Assert.Contains("nested deeper", ScoreFile.Parse(string.Concat(Enumerable.Repeat(open, 5000))).Error!.Problems[0].Message, StringComparison.Ordinal);

    [Fact]
    public void A_huge_file_is_not_even_looked_at() =>
        Assert.Contains("too big", ScoreFile.Parse(new string('a', StrictYaml.LengthMax + 1)).Error!.Problems[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("hello\n")]
    [InlineData("a")]
    [InlineData("-ab")]
    [InlineData("ab-")]
    [InlineData("a_b")]
    [InlineData("a٣")]
    public void Names_are_checked_to_their_last_character(string name)
    {
        var escaped = name.Replace("\n", "\\n", StringComparison.Ordinal);

        Assert.False(ScoreFile.Parse($"apiVersion: score.dev/v1b1\nmetadata: {{name: \"{escaped}\"}}\ncontainers: {{web: {{image: .}}}}").Ok);
    }

    [Fact]
    public void Containers_cannot_wait_for_each_other()
    {
        var error = ScoreFile.Parse("""
            apiVersion: score.dev/v1b1
            metadata: {name: shop}
            containers:
              aa: {image: ., before: {bb: {ready: started}}}
              bb: {image: ., before: {cc: {ready: started}}}
              cc: {image: ., before: {aa: {ready: started}}}
              dd: {image: ., before: {aa: {ready: healthy}}}
            """).Error!;

        Assert.Contains(error.Problems, p => p.Message == "containers wait for each other in a circle: aa before bb before cc before aa" && p.Line == 4);
        Assert.Contains(error.Problems, p => p.Message.Contains("has no probe", StringComparison.Ordinal) && p.Path == "containers.dd.before.aa");
        Assert.Equal(2, error.Problems.Count);
    }
}
