using System.Text.Json.Nodes;
using Axle.Platform.Templates.Actions;

namespace Axle.Tests.Templates.Actions;

/// <summary>YAML is written as the npm package yaml writes it; tests/peers/scaffolder compares many more with the package itself.</summary>
public sealed class YamlTextTests
{
    public static TheoryData<string, string, string> Written => new()
    {
        // text in a map in a map, how it is to be written, what the package writes
        { "yes", "{}", "v:\n  w: yes\n" },
        { "1e3", "{}", "v:\n  w: \"1e3\"\n" },
        { "a: b", "{}", "v:\n  w: \"a: b\"\n" },
        { "it's #1", "{}", "v:\n  w: \"it's #1\"\n" },
        { "say \"it\"", "{}", "v:\n  w: say \"it\"\n" },
        { "a\nb\n", "{}", "v:\n  w: |\n    a\n    b\n" },
        { "a\nb", "{}", "v:\n  w: |-\n    a\n    b\n" },
        { "a\n\n", "{}", "v:\n  w: |+\n    a\n\n" },
        { "  a\nb", "{}", "v:\n  w: |2-\n      a\n    b\n" },
        { "a \nb", "{}", "v:\n  w: |-\n    a \n    b\n" },
        { "---", "{}", "v:\n  w: ---\n" },
        { "-", "{}", "v:\n  w: \"-\"\n" },
        { "The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.", "{}", "v:\n  w: The quick brown fox jumps over the lazy dog, again and again, until nobody\n    wants to read of it any more.\n" },
        { "The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.: x", "{}", "v:\n  w: \"The quick brown fox jumps over the lazy dog, again and again, until nobody\n    wants to read of it any more.: x\"\n" },
        { "The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.\nThe quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.", "{}", "v:\n  w: >-\n    The quick brown fox jumps over the lazy dog, again and again, until nobody\n    wants to read of it any more.\n\n    The quick brown fox jumps over the lazy dog, again and again, until nobody\n    wants to read of it any more.\n" },
        { "k: \"v\"\nThe quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.", "{}", "v:\n  w: >-\n    k: \"v\"\n\n    The quick brown fox jumps over the lazy dog, again and again, until nobody\n    wants to read of it any more.\n" },
        { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "{}", "v:\n  w: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" },
        { "a: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "{}", "v:\n  w: \"a:\n    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n    xxxxxxxxxxxxxxx\"\n" },
        { "The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.", "{\"lineWidth\":0}", "v:\n  w: The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.\n" },
        { "The quick brown fox jumps over the lazy dog, again and again, until nobody wants to read of it any more.", "{\"lineWidth\":40}", "v:\n  w: The quick brown fox jumps over the\n    lazy dog, again and again, until\n    nobody wants to read of it any more.\n" },
        { "a: b", "{\"singleQuote\":true}", "v:\n  w: 'a: b'\n" },
        { "plain", "{\"defaultStringType\":\"QUOTE_DOUBLE\"}", "\"v\":\n  \"w\": \"plain\"\n" },
        { "\u0007\u0085 ", "{}", "v:\n  w: \"\\a\u0085 \"\n" },
    };

    [Theory, MemberData(nameof(Written))]
    public void Texts_are_written_as_the_package_writes_them(string text, string options, string expected)
    {
        var style = YamlStyle.Of(new JsonObject { ["options"] = JsonNode.Parse(options) });

        Assert.Equal(expected, YamlFormat.Write(new JsonObject { ["v"] = new JsonObject { ["w"] = text } }, style));
    }

    [Fact]
    public void Maps_and_lists_are_written_as_blocks_and_keys_in_JavaScripts_order()
    {
        var data = JsonNode.Parse("""{"b": [[1, [2]], {"x": 1, "y": []}, {}], "10": null, "2": {"a:": 1.50}, "": true}""");

        Assert.Equal("\"2\":\n  \"a:\": 1.5\n\"10\": null\nb:\n  - - 1\n    - - 2\n  - x: 1\n    y: []\n  - {}\n\"\": true\n", YamlFormat.Write(data));
    }
}
