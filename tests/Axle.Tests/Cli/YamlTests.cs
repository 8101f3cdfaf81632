extern alias cli;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using cli::Axle.Cli.Output;
using CsCheck;
using YamlDotNet.RepresentationModel;

namespace Axle.Tests.Cli;

public sealed class YamlTests
{
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String,
        Gen.String["ab :#-'\"\n\t{}[]&*!|>%@,?=~.0129\\"],
        Odd("", "true", "No", "null", "~", "12", "0x1f", "1e3", "-", "- a", "a: b", "a #b", "#", "2026-01-01", "1:30", " lead", "trail ", "two\nlines", "end\n", "ends\n\n", "\n", "a\n  b\n", "\u2028", "\ud83d\ude00", "<<", "=", ".inf", "on"));

    private static Gen<string> Odd(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<JsonNode?> s_json = Gen.Recursive<JsonNode?>((depth, inner) => depth > 3
        ? s_text.Select(text => (JsonNode?)JsonValue.Create(text))
        : Gen.OneOf(
            s_text.Select(text => (JsonNode?)JsonValue.Create(text)),
            Gen.Long.Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Bool.Select(yes => (JsonNode?)JsonValue.Create(yes)),
            inner.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Gen.Dictionary(s_text, inner)[0, 4].Select(pairs => (JsonNode?)new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))))));

    [Fact]
    public void What_is_written_reads_as_the_same_value() => s_json.Sample(
        node =>
        {
            using var document = JsonDocument.Parse(node!.ToJsonString());
            var yaml = Yaml.Of(document.RootElement);
            var stream = new YamlStream();
            var wrong = Record.Exception(() => stream.Load(new StringReader(yaml)));
            Assert.True(wrong is null, $"{wrong?.Message}\n{yaml}");
            Same(document.RootElement, stream.Documents[0].RootNode, yaml);
        },
        iter: 2000);

    [Fact]
    public void It_looks_as_a_person_would_write_it()
    {
        using var document = JsonDocument.Parse("""{"kind":"Component","metadata":{"name":"orders","tags":["a","b"],"labels":{},"links":[{"url":"https://x.y","title":"t"}]},"spec":{"port":8080,"text":"one\ntwo\n","no":"no","nothing":null}}""");

        Assert.Equal(
            """
            kind: Component
            metadata:
              name: orders
              tags:
                - a
                - b
              labels: {}
              links:
                - url: https://x.y
                  title: t
            spec:
              port: 8080
              text: |
                one
                two
              "no": "no"
              nothing: null

            """,
            Yaml.Of(document.RootElement));
    }

    private static void Same(JsonElement expected, YamlNode actual, string yaml)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                var mapping = Assert.IsType<YamlMappingNode>(actual);
                Assert.Equal(expected.EnumerateObject().Count(), mapping.Children.Count);
                foreach (var (property, (key, value)) in expected.EnumerateObject().Zip(mapping.Children))
                {
                    Assert.Equal(property.Name, ((YamlScalarNode)key).Value);
                    Same(property.Value, value, yaml);
                }

                break;
            case JsonValueKind.Array:
                var sequence = Assert.IsType<YamlSequenceNode>(actual);
                Assert.Equal(expected.GetArrayLength(), sequence.Children.Count);
                foreach (var (item, child) in expected.EnumerateArray().Zip(sequence.Children))
                {
                    Same(item, child, yaml);
                }

                break;
            case JsonValueKind.String:
                Assert.True(((YamlScalarNode)actual).Value == expected.GetString(), yaml);
                break;
            default:
                Assert.Equal(expected.GetRawText(), Convert.ToString(((YamlScalarNode)actual).Value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
