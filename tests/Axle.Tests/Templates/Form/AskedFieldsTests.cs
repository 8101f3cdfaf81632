using System.Text.Json.Nodes;
using Axle.Platform.Templates.Form;
using CsCheck;

namespace Axle.Tests.Templates.Form;

/// <summary>Which questions of a page apply.</summary>
public sealed class AskedFieldsTests
{
    [Theory]
    [InlineData("""["c", "*", "a"]""", "c b d a")]
    [InlineData("""["d", "b"]""", "d b a c")]
    [InlineData("""["*"]""", "a b c d")]
    [InlineData("""["nobody", 7, "b", "*"]""", "b a c d")]
    [InlineData("[]", "a b c d")]
    public void The_order_is_the_templates(string order, string expected) =>
        Assert.Equal(expected, Asked("""{"ui:order": ORDER, "properties": {"a": {}, "b": {}, "c": {}, "d": {}}}""".Replace("ORDER", order, StringComparison.Ordinal), "{}"));

    [Theory]
    [InlineData("{}", "kind path")]
    [InlineData("""{"kind": "web"}""", "kind path")]
    [InlineData("""{"kind": "worker"}""", "kind queue*")]
    public void A_condition_brings_its_own_questions(string answers, string expected) => Assert.Equal(expected, Asked(
        """
        {"properties": {"kind": {"enum": ["web", "worker"]}},
         "if": {"required": ["kind"], "properties": {"kind": {"const": "worker"}}},
         "then": {"properties": {"queue": {}}, "required": ["queue"]}, "else": {"properties": {"path": {}}}}
        """,
        answers));

    [Theory]
    [InlineData("""{"database": false}""", "database card address")]
    [InlineData("""{"database": true}""", "database card address engine*")]
    [InlineData("""{"card": "1"}""", "database card address*")]
    public void Dependencies_do_too(string answers, string expected) => Assert.Equal(expected, Asked(
        """
        {"properties": {"database": {"type": "boolean"}, "card": {}, "address": {}},
         "dependencies": {
           "card": ["address"],
           "database": {"oneOf": [{"properties": {"database": {"const": false}}}, {"properties": {"database": {"const": true}, "engine": {}}, "required": ["engine"]}]}}}
        """,
        answers));

    [Fact]
    public void Records_of_a_list_are_asked_one_by_one()
    {
        var fields = AskedFields.Of(
            Object("""{"properties": {"rows": {"type": "array", "items": {"properties": {"a": {}, "b": {"type": "boolean"}}, "required": ["a"], "if": {"properties": {"b": {"const": true}}, "required": ["b"]}, "then": {"properties": {"c": {}}}}}}}"""),
            Object("""{"rows": [{"b": true}, 7]}"""));

        var rows = Assert.Single(fields);
        Assert.True(rows.IsRecords);
        Assert.Equal([["rows", "0"], ["rows", "1"]], rows.Items.Select(item => item.Path));
        Assert.Equal("a* b c", Names(rows.Items[0].Inner));
        Assert.Equal("a* b", Names(rows.Items[1].Inner));
        Assert.Equal(["rows", "0", "c"], rows.Items[0].Inner[2].Path);
    }

    [Fact]
    public void No_schema_and_no_answer_is_too_strange()
    {
        string[] words = ["properties", "items", "if", "then", "else", "oneOf", "anyOf", "allOf", "dependencies", "required", "ui:order", "enum", "const", "a", "b", "$ref"];
        string[] leaves = ["\"a\"", "1", "true", "null", "[]", "{}", "\"#\"", "\"#/properties/a\"", "[\"a\"]"];
        var word = Gen.Int[0, words.Length - 1].Select(at => words[at]);
        var json = Gen.Int[0, leaves.Length - 1].Select(at => leaves[at]);
        for (var depth = 0; depth < 4; depth++)
        {
            var inner = json;
            json = Gen.OneOf(inner, inner.Array[0, 3].Select(all => $"[{string.Join(',', all)}]"), Gen.Select(word, inner).Array[0, 4].Select(all => $"{{{string.Join(',', all.DistinctBy(one => one.Item1).Select(one => $"\"{one.Item1}\":{one.Item2}"))}}}"));
        }

        Gen.Select(json, json).Sample((schema, answers) =>
        {
            if (JsonNode.Parse(schema) is JsonObject page && JsonNode.Parse(answers) is JsonObject record)
            {
                _ = AskedFields.Of(page, record);
            }
        });
    }

    private static string Asked(string page, string answers) => Names(AskedFields.Of(Object(page), Object(answers)));

    private static string Names(IEnumerable<AskedField> fields) => string.Join(' ', fields.Select(field => field.Name + (field.Required ? "*" : "")));

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;
}
