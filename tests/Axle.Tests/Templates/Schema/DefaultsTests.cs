using System.Text.Json.Nodes;
using Axle.Platform.Templates.Schema;

namespace Axle.Tests.Templates.Schema;

public sealed class DefaultsTests
{
    [Theory]
    [InlineData("""{"properties": {"a": {"default": 1}, "b": {}}}""", "{}", """{"a":1}""")]
    [InlineData("""{"properties": {"a": {"default": 1}}}""", """{"a": null}""", """{"a":null}""")]
    [InlineData("""{"properties": {"a": {"type": "object", "properties": {"b": {"default": "x"}}}}}""", "{}", """{"a":{"b":"x"}}""")]
    [InlineData("""{"properties": {"a": {"default": {"b": 1}, "properties": {"c": {"default": 2}}}}}""", "{}", """{"a":{"b":1,"c":2}}""")]
    [InlineData("""{"properties": {"a": {"default": [{}], "items": {"properties": {"b": {"default": 1}}}}}}""", "{}", """{"a":[{"b":1}]}""")]
    [InlineData("""{"properties": {"a": {"default": "two"}}, "dependencies": {"a": {"oneOf": [{"properties": {"a": {"const": "one"}, "b": {"default": 1}}}, {"properties": {"a": {"const": "two"}, "c": {"default": 2}}}]}}}""", "{}", """{"a":"two","c":2}""")]
    [InlineData("""{"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": {"default": 1}}}, "else": {"properties": {"c": {"default": 2}}}}""", """{"a": 1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"allOf": [{"properties": {"a": {"default": 1}}}, {"$ref": "#/definitions/x"}], "definitions": {"x": {"properties": {"b": {"default": 2}}}}}""", "{}", """{"a":1,"b":2}""")]
    public void What_was_not_answered_gets_what_the_schema_proposes(string schema, string given, string filled) =>
        Assert.Equal(filled, SchemaDefaults.Fill((JsonObject)JsonNode.Parse(given)!, (JsonObject)JsonNode.Parse(schema)!).ToJsonString());

    [Theory]
    [InlineData("""{"type": "integer"}""", "7", "7")]
    [InlineData("""{"type": "integer"}""", "seven", "\"seven\"")]
    [InlineData("""{"type": "boolean"}""", "true", "true")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}}""", "1, 2", "[1,2]")]
    [InlineData("""{"type": "array"}""", """["a,b"]""", """["a,b"]""")]
    [InlineData("""{"type": ["null", "number"]}""", "1.50", "1.50")]
    [InlineData("""{"enum": [1, "2"]}""", "1", "1")]
    [InlineData("""{"enum": [1, "2"]}""", "2", "\"2\"")]
    [InlineData("{}", "1", "\"1\"")]
    public void Texts_become_what_the_schema_asks_for(string schema, string text, string value) =>
        Assert.Equal(value, TextAnswers.Read(text, JsonNode.Parse(schema))!.ToJsonString());

    [Theory]
    [InlineData("""{"type": "strnig"}""", "there is no type")]
    [InlineData("""{"properties": {"a": {"pattern": "("}}}""", "p.properties.a.pattern")]
    [InlineData("""{"properties": []}""", "must be an object of schemas")]
    [InlineData("""{"oneOf": {}}""", "must be a list of schemas")]
    [InlineData("""{"minLength": "3"}""", "must be a number of at least 0")]
    [InlineData("""{"$ref": "#/definitions/a"}""", "which is not in this schema")]
    [InlineData("""{"enum": 3}""", "must be a list of values")]
    [InlineData("""{"required": true, "properties": {"a": {"ui:field": "OwnerPicker", "type": ["string", "null"], "pattern": "^a(?!b)"}}}""", null)]
    public void Mistakes_in_a_schema_are_found_without_a_value(string schema, string? words)
    {
        var problems = SchemaRules.Check(JsonNode.Parse(schema), "p");

        if (words is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(words, Assert.Single(problems).ToString(), StringComparison.Ordinal);
        }
    }
}
