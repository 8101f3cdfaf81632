using System.Text.Json.Nodes;
using Axle.Platform.Templates.Schema;

namespace Axle.Tests.Templates.Schema;

/// <summary>Values held against JSON Schema draft-07.</summary>
public sealed class JsonSchemaTests
{
    public static TheoryData<string, string, string?> Rules => new()
    {
        // schema                                                          value                 words of the first problem; null when it fits
        { """{"type": "string"}""",                                        "\"a\"",              null },
        { """{"type": "string"}""",                                        "1",                  "must be a text, and is 1" },
        { """{"type": ["string", "null"]}""",                              "null",               null },
        { """{"type": "integer"}""",                                       "1.0",                null },
        { """{"type": "integer"}""",                                       "1.5",                "must be a whole number, and is 1.5" },
        { """{"type": "number"}""",                                        "1e400",              null },
        { """{"type": "nothing"}""",                                       "1",                  "unknown type" },
        { """{"enum": [1, "a", {"b": [2.0]}]}""",                          """{"b": [2]}""",     null },
        { """{"enum": ["red", "blue"]}""",                                 "\"mauve\"",          "must be one of red, blue" },
        { """{"enum": [true]}""",                                          "false",              "must be one of true" },
        { """{"const": 1}""",                                              "1.0",                null },
        { """{"const": null}""",                                           "0",                  "must be null" },
        { """{"minLength": 2}""",                                          "\"😀\"",             "must have at least 2 characters, and has 1" },
        { """{"minLength": 1}""",                                          "\"\"",               "must not be empty" },
        { """{"maxLength": 1}""",                                          "\"😀\"",             null },
        { """{"minimum": 1, "maximum": 3}""",                              "3",                  null },
        { """{"minimum": 1}""",                                            "0.5",                "must be at least 1" },
        { """{"exclusiveMaximum": 3}""",                                   "3",                  "must be less than 3" },
        { """{"minimum": 1, "exclusiveMinimum": true}""",                  "1",                  "must be more than 1" },
        { """{"multipleOf": 0.1}""",                                       "0.3",                null },
        { """{"multipleOf": 0.1}""",                                       "0.35",               "multiple of 0.1" },
        { """{"pattern": "b+"}""",                                         "\"abc\"",            null },
        { """{"pattern": "^b+$"}""",                                       "\"abc\"",            "must fit the pattern ^b+$" },
        { """{"pattern": "^b+$", "errorMessage": "Only b."}""",            "\"abc\"",            "Only b." },
        { """{"pattern": "^b", "ui:options": {"errorMessage": {"pattern": "B!"}}}""", "\"a\"",   "B!" },
        { """{"pattern": "("}""",                                          "\"a\"",              "cannot be checked" },
        { """{"pattern": "^(a+)+$"}""",                                    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", "takes too long" },
        { """{"format": "uuid"}""",                                        "\"a\"",              "must be a UUID" },
        { """{"format": "entity-ref"}""",                                  "\"a\"",              null },
        { """{"required": ["a"]}""",                                       "{}",                 "is needed" },
        { """{"required": ["a"]}""",                                       """{"a": null}""",    null },
        { """{"properties": {"a": {"type": "string", "title": "Name"}}}""", """{"a": 1}""",      "a: Name must be a text" },
        { """{"additionalProperties": false, "properties": {"a": {}}}""",  """{"b": 1}""",       "is not known here; known are a" },
        { """{"additionalProperties": {"type": "string"}}""",              """{"b": 1}""",       "b: must be a text" },
        { """{"additionalProperties": false, "patternProperties": {"^x-": {"type": "string"}}}""", """{"x-a": "b"}""", null },
        { """{"patternProperties": {"^x-": {"type": "string"}}}""",        """{"x-a": 1}""",     "x-a: must be a text" },
        { """{"propertyNames": {"maxLength": 2}}""",                       """{"abc": 1}""",     "at most 2 characters" },
        { """{"minProperties": 1}""",                                      "{}",                 "at least 1 member, and has 0" },
        { """{"items": {"type": "string"}}""",                             """["a", 1]""",       "[1]: must be a text" },
        { """{"items": [{"type": "string"}], "additionalItems": false}""", """["a", 1]""",       "is not allowed here" },
        { """{"uniqueItems": true}""",                                     "[1, 1.0]",           "must not have an item twice" },
        { """{"minItems": 1, "maxItems": 2}""",                            "[1, 2, 3]",          "at most 2 items, and has 3" },
        { """{"contains": {"const": 1}}""",                                "[2]",                "has no item of the kind" },
        { """{"allOf": [{"minimum": 1}, {"maximum": 2}]}""",               "3",                  "must be at most 2" },
        { """{"anyOf": [{"type": "string"}, {"minimum": 5}]}""",           "3",                  "must be at least 5" },
        { """{"anyOf": [{"type": "string"}, {"type": "null"}]}""",         "3",                  "fits none of the 2 forms" },
        { """{"oneOf": [{"minimum": 1}, {"minimum": 2}]}""",               "3",                  "must fit exactly one of 2 forms, and fits 2" },
        { """{"not": {"type": "string"}}""",                               "\"a\"",              "not allowed" },
        { """{"if": {"minimum": 5}, "then": {"maximum": 6}, "else": {"minimum": 3}}""", "7",     "must be at most 6" },
        { """{"if": {"minimum": 5}, "then": {"maximum": 6}, "else": {"minimum": 3}}""", "2",     "must be at least 3" },
        { """{"dependencies": {"a": ["b"]}}""",                            """{"a": 1}""",       "b: is needed when there is a" },
        { """{"dependencies": {"a": {"required": ["b"]}}}""",              """{"a": 1}""",       "b: is needed" },
        { """{"dependencies": {"a": ["b"]}}""",                            "{}",                 null },
        { """{"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"type": "null"}}}""", "1",   "must be null" },
        { """{"$ref": "http://example.com/schema"}""",                     "1",                  "which is not in it" },
        { """{"ui:widget": "textarea", "enumNames": ["x"], "examples": [1]}""", "1",             null },
        { "true",                                                          "1",                  null },
        { "false",                                                         "1",                  "is not allowed here" },
        { """{"type": "object", "properties": {"in": {"$ref": "#"}}, "additionalProperties": false}""", """{"in": {"in": {"x": 1}}}""", "in.in.x: is not known" },
    };

    [Theory, MemberData(nameof(Rules))]
    public void A_value_fits_or_the_first_problem_says_why(string schema, string value, string? words)
    {
        var problems = JsonSchema.Check(JsonNode.Parse(value), JsonNode.Parse(schema));

        if (words is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.NotEmpty(problems);
            Assert.Contains(words, problems[0].ToProblem().ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("date-time", "2026-11-23T10:00:00Z", "2026-11-23")]
    [InlineData("date", "2024-02-29", "2024-13-29")]
    [InlineData("time", "23:59:60", "23:59:60Z")]
    [InlineData("email", "a@b.example", "a@b")]
    [InlineData("hostname", "a-b.example", "-a.example")]
    [InlineData("ipv4", "127.0.0.1", "127.1")]
    [InlineData("ipv6", "::1", "1.2.3.4")]
    [InlineData("uri", "https://example.com/a?b#c", "example.com")]
    [InlineData("uri", "http://", "http:// a")]
    [InlineData("uri-reference", "../a", "a b")]
    [InlineData("uuid", "0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50", "0b9fd1a41b0a4a0b8a0e3b1d2c3e4f50")]
    [InlineData("json-pointer", "/a/~0", "a")]
    [InlineData("color", "#ff8800", "#ff880")]
    [InlineData("regex", "^a(?=b)", "(")]
    public void Formats_take_what_fits_and_nothing_else(string format, string fits, string wrong)
    {
        Assert.Null(SchemaFormats.Wrong(format, fits));
        Assert.NotNull(SchemaFormats.Wrong(format, wrong));
    }

    [Fact]
    public void What_is_too_much_is_said_and_not_done()
    {
        // Each level asks both options again: 2^40 looks without a limit.
        JsonNode schema = new JsonObject { ["type"] = "string" };
        for (var level = 0; level < 40; level++)
        {
            schema = new JsonObject { ["anyOf"] = new JsonArray(schema.DeepClone(), new JsonObject { ["allOf"] = new JsonArray(schema) }) };
            if (level > 10)
            {
                break;
            }
        }

        var ring = JsonNode.Parse("""{"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}}""");

        Assert.Equal(SchemaKeywords.Limit, Assert.Single(JsonSchema.Check(1, ring)).Keyword);
        Assert.Equal(SchemaKeywords.Limit, Assert.Single(JsonSchema.Check(1, schema, new SchemaLimits { WorkMax = 1000 })).Keyword);
    }
}
