using Axle.Contracts;
using Axle.Platform.Workloads;
using CsCheck;

namespace Axle.Tests.Workloads;

/// <summary>What the short way reads is what the parser reads, with the same places; whatever it does not read is the parser's.</summary>
public sealed class SimpleYamlTests
{
    private const string Usual = """
        # A service
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: orders   # as the team calls it
          title: 'Orders: all'
          description: |
            Takes orders,
              and keeps them.

            # not a comment
          note: |-
            one
            two

          labels: {}
          annotations:
            backstage.io/source-location: url:https://example.com/shop/
            example.com/number: "7"
            "example.com/quoted": ''
          tags: [node, "spring boot", 1.5, true]
          links:
            - url: https://example.com/#top
              title: Home é 🚀
            -
              url: https://example.com/a:b
        spec:
          type: service
          replicas: 3
          ratio: -0.5
          dependsOn:
          - component:a
          - resource:default/b
          nested:
            - - a
              - b
            - []
          off: ~

        """;

    private static readonly string[] s_pieces =
    [
        "\n", "\n\n", " ", "  ", "\n  ", "\n    ", ":", ": ", ":\n", "-", "- ", "- - ", "-\n", "[", "]", "{", "}", "[]", "{}", ", ", ",", "[a, b]", "&a ", "*a", "!!str ", "|", "|\n", "|-\n", "|+\n", ">", "'", "\"", "''", "\\", "#",
        " #", "# x\n", "? ", "<<: ", "%", "@", "`", "~", "null", "é", "🚀", "\u2028", "\t", "\r\n", "0x1F", "1_0", ".inf", "a: b", "a:b", "a :b", "a : ", "\"a\": ", "'a' : ", "key: |\n", "--- ", "...", "- a: 1\n", "::", ":]", "=", "a#b", "true",
    ];

    /// <summary>A usual document with parts taken out, doubled, moved, and strewn with what means something in YAML.</summary>
    private static readonly Gen<string> s_changed = Gen.Select(Gen.Int[0, 4], Gen.Int[0, Usual.Length], Gen.Int[0, 40], Gen.Int[0, s_pieces.Length - 1]).Array[1, 4].Select(changes => changes.Aggregate(Usual, (text, one) =>
    {
        var (what, at, length, piece) = one;
        at = Math.Min(at, text.Length);
        length = Math.Min(length, text.Length - at);
        return what switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, text.Substring(at, length)),
            2 => text[..at],
            _ => text.Insert(at, s_pieces[piece]),
        };
    }));

    /// <summary>Short documents of nothing but the pieces.</summary>
    private static readonly string[] s_some = [.. s_pieces, "a", "b", "a", "b", "\n", "\n", " ", " ", ": ", ": ", "- ", "- ", "a: b\n"];

    private static readonly Gen<string> s_strewn = Gen.Int[0, s_some.Length - 1].Select(i => s_some[i]).Array[1, 14].Select(string.Concat);

    [Fact]
    public void Usual_documents_go_the_short_way() => Assert.NotNull(SimpleYaml.Read(Usual, "a.yaml", 7));

    [Theory]
    [InlineData("a: 1")]
    [InlineData("a:\n- 1\n- b: 2\n  c: 3\nd: 4\n")]
    [InlineData("- a\n-  b: 1\n   c: 2\n")]
    [InlineData("a: |\n  x\n\n\n   y \n\nb: c\n")]
    [InlineData("a: b#c\nb: c #d\n'c': \"d\" # e\n")]
    [InlineData("a: https://example.com:8080/a?b=c\n")]
    public void These_go_it_too_and_come_to_the_same(string text) => Assert.True(GoesShort(text));

    [Theory]
    [InlineData("a:\n")]
    [InlineData("a: b\n  c\n")]
    [InlineData("a: b: c\n")]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("a: 'it''s'\n")]
    [InlineData("a: \"\\n\"\n")]
    [InlineData("a: >\n  b\n")]
    [InlineData("a: &b c\nd: *b\n")]
    [InlineData("a:\tb\n")]
    [InlineData("<<: {}\n")]
    [InlineData("a: {b: c}\n")]
    [InlineData("a:\n    b: 1\n  c: 2\n")]
    [InlineData("a: b\r\n")]
    [InlineData("text\n")]
    [InlineData("")]
    public void Anything_else_is_the_parsers(string text) => Assert.False(GoesShort(text));

    [Fact]
    public void Depth_and_size_have_the_parsers_limits()
    {
        for (var depth = StrictYaml.DepthMax - 4; depth < StrictYaml.DepthMax + 3; depth++)
        {
            GoesShort(string.Concat(Enumerable.Range(0, depth).Select(i => $"{new string(' ', i)}a:\n")) + new string(' ', depth) + "a: 1\n");
            GoesShort(string.Concat(Enumerable.Repeat("- ", depth)) + "[a]\n");
        }

        Assert.True(GoesShort(string.Concat(Enumerable.Repeat("- a\n", StrictYaml.ValuesMax - 1))));
        Assert.False(GoesShort(string.Concat(Enumerable.Repeat("- a\n", StrictYaml.ValuesMax))));
    }

    [Fact]
    public void Whatever_goes_the_short_way_comes_to_what_the_parser_reads() => Gen.OneOf(s_changed, s_strewn).Sample(text =>
    {
        GoesShort(text);
    }, iter: 5000);

    /// <summary>Whether it is read the short way; fails when that is not what the parser reads.</summary>
    private static bool GoesShort(string text)
    {
        if (SimpleYaml.Read(text, "a.yaml", 7) is not { } read)
        {
            return false;
        }

        var problems = new List<Problem>();
        var parsed = StrictYaml.Parse(text, "a.yaml", problems, 7, anyKeys: true);
        Assert.Empty(problems);
        Assert.Equal(Lines(parsed), Lines(read));
        return true;
    }

    private static List<string> Lines(YamlValue? value)
    {
        var lines = new List<string>();
        Add(value, "");
        return lines;

        void Add(YamlValue? at, string path)
        {
            lines.Add($"{path} {at?.Place} {(at is YamlScalar scalar ? $"{scalar.Type} {scalar.Text}" : at?.Describe())}");
            foreach (var (entry, i) in at is YamlMap map ? map.Entries.Select((entry, i) => (entry, i)) : [])
            {
                Add(entry.Value, $"{path}.{i} {entry.Key} {entry.Place}");
            }

            foreach (var (item, i) in at is YamlList list ? list.Items.Select((item, i) => (item, i)) : [])
            {
                Add(item, $"{path}[{i}]");
            }
        }
    }
}
