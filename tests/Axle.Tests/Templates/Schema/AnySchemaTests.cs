using System.Text.Json.Nodes;
using Axle.Platform.Templates.Schema;
using CsCheck;

namespace Axle.Tests.Templates.Schema;

/// <summary>Laws that hold for every schema and every value.</summary>
public sealed class AnySchemaTests
{
    private static readonly Gen<JsonNode?> s_scalar = Gen.OneOf(
        Gen.Const((JsonNode?)null),
        Gen.Bool.Select(flag => (JsonNode?)flag),
        Gen.Int[-3, 3].Select(number => (JsonNode?)number),
        Gen.Int[-30, 30].Select(number => (JsonNode?)(number / 10m)),
        Of("", "a", "ab", "2026-11-23").Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> s_value = Nested(2);

    private static readonly Gen<JsonObject> s_schema = Schema(2);

    [Fact]
    public void A_check_is_never_an_exception_and_says_the_same_twice() =>
        Gen.Select(s_schema, s_value).Sample((schema, value) =>
        {
            var first = JsonSchema.Check(value, schema).Select(problem => problem.ToProblem().ToString());
            Assert.Equal(first, JsonSchema.Check(value, JsonNode.Parse(schema.ToJsonString())).Select(problem => problem.ToProblem().ToString()));
        }, iter: 3000);

    [Fact]
    public void Not_is_the_opposite() =>
        Gen.Select(s_schema, s_value).Sample((schema, value) =>
            Assert.NotEqual(JsonSchema.Fits(value, schema), JsonSchema.Fits(value, new JsonObject { ["not"] = schema.DeepClone() })), iter: 3000);

    [Fact]
    public void All_any_and_one_are_what_their_names_say() =>
        Gen.Select(s_schema, s_schema, s_value).Sample((left, right, value) =>
        {
            var (a, b) = (JsonSchema.Fits(value, left), JsonSchema.Fits(value, right));
            Assert.Equal(a && b, JsonSchema.Fits(value, Both("allOf")));
            Assert.Equal(a || b, JsonSchema.Fits(value, Both("anyOf")));
            Assert.Equal(a ^ b, JsonSchema.Fits(value, Both("oneOf")));
            Assert.Equal(!a || b, JsonSchema.Fits(value, new JsonObject { ["if"] = left.DeepClone(), ["then"] = right.DeepClone() }));

            JsonObject Both(string keyword) => new() { [keyword] = new JsonArray(left.DeepClone(), right.DeepClone()) };
        }, iter: 3000);

    [Fact]
    public void A_value_fits_its_own_constant_whatever_its_writing() =>
        s_value.Sample(value =>
        {
            Assert.True(JsonSchema.Fits(JsonNode.Parse(value?.ToJsonString() ?? "null"), new JsonObject { ["const"] = value?.DeepClone() }));
            Assert.True(JsonSchema.Fits(value, new JsonObject { ["enum"] = new JsonArray("other", value?.DeepClone()) }));
        }, iter: 2000);

    [Fact]
    public void Defaults_change_no_answer_and_filling_again_changes_nothing() =>
        Gen.Select(s_schema, s_value.Where(value => value is JsonObject)).Sample((schema, value) =>
        {
            var given = (JsonObject)value!;
            var filled = SchemaDefaults.Fill(given, schema);
            Assert.All(given.Where(member => member.Value is not (JsonObject or JsonArray)), member => Assert.True(JsonText.Same(member.Value, filled[member.Key])));
            Assert.Equal(JsonText.Canonical(filled), JsonText.Canonical(SchemaDefaults.Fill(filled, schema)));
        }, iter: 2000);

    private static Gen<JsonNode?> Nested(int depth) => depth == 0 ? s_scalar : Gen.OneOf(
        s_scalar,
        Nested(depth - 1).Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
        Gen.Select(Of("a", "b", "x-c"), Nested(depth - 1)).Array[0, 3].Select(members => (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone())))));

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<JsonObject> Schema(int depth)
    {
        var keywords = Gen.OneOf(
            Of("string", "integer", "object", "array", "null", "boolean").Select(type => ("type", (JsonNode?)type)),
            s_scalar.Select(value => ("const", value?.DeepClone())),
            s_scalar.Select(value => ("default", value?.DeepClone())),
            Gen.Int[0, 3].Select(number => ("minLength", (JsonNode?)number)),
            Gen.Int[-2, 2].Select(number => ("minimum", (JsonNode?)number)),
            Gen.Int[0, 2].Select(number => ("maxItems", (JsonNode?)number)),
            Of("a", "^a$", "b").Select(pattern => ("pattern", (JsonNode?)pattern)),
            Of("date", "uuid", "other").Select(format => ("format", (JsonNode?)format)),
            Of("a", "b").Array[1, 2].Select(names => ("required", (JsonNode?)new JsonArray([.. names.Select(name => JsonValue.Create(name))]))),
            Gen.Const(("additionalProperties", (JsonNode?)false)),
            Gen.Const(("uniqueItems", (JsonNode?)true)));
        if (depth > 0)
        {
            keywords = Gen.OneOf(
                keywords,
                Schema(depth - 1).Select(schema => ("not", (JsonNode?)schema)),
                Schema(depth - 1).Select(schema => ("items", (JsonNode?)schema)),
                Schema(depth - 1).Array[1, 2].Select(schemas => ("anyOf", (JsonNode?)new JsonArray([.. schemas]))),
                Schema(depth - 1).Select(schema => ("properties", (JsonNode?)new JsonObject { ["a"] = schema })),
                Schema(depth - 1).Select(schema => ("dependencies", (JsonNode?)new JsonObject { ["b"] = schema })));
        }

        return keywords.Array[0, 3].Select(all => new JsonObject(all.DistinctBy(one => one.Item1).Select(one => KeyValuePair.Create(one.Item1, one.Item2?.DeepClone()))));
    }
}
