using System.Text.Json;
using Axle.Portal.Definitions;
using Axle.Portal.Entries;
using CsCheck;

namespace Axle.Tests.Portal.Catalogue;

public sealed class DefinitionTests
{
    [Fact]
    public void Open_api_3_is_read_by_tag_with_parameters_bodies_and_responses()
    {
        var document = OpenApi.Read(Read("""
            openapi: 3.1.0
            info: {title: Pets, version: 1.2.3}
            tags: [{name: pets, description: Animals}]
            paths:
              /pets/{id}:
                parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}, {name: q, in: query, schema: {type: string}}]
                get:
                  tags: [pets]
                  parameters: [{name: q, in: query, schema: {type: integer}}]
                  responses: {'200': {description: One, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}}
                post: {deprecated: true, requestBody: {content: {text/plain: {schema: {type: [string, 'null']}}}}}
            components: {schemas: {Pet: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}, mother: {$ref: '#/components/schemas/Pet'}}}}}
            """));

        Assert.Equal(("OpenAPI 3.1.0", "Pets", "1.2.3"), (document.Format, document.Title, document.Version));
        Assert.Equal([("pets", "Animals"), ("Operations", null)], document.Groups.Select(group => (group.Name, group.About)));
        var get = document.Groups[0].Operations[0];
        Assert.Equal([("id", "path", true, "string (uuid)"), ("q", "query", false, "integer")], get.Parameters.Select(one => (one.Name, one.In, one.Required, one.Schema.Type)));
        Assert.Equal(("list of Pet", "Pet"), (get.Responses[0].Bodies[0].Schema.Type, get.Responses[0].Bodies[0].Schema.Link));
        var post = document.Groups[1].Operations[0];
        Assert.True(post.Deprecated);
        Assert.Equal("string or null", post.Bodies[0].Schema.Type);
        Assert.Equal([("name", true, "string"), ("mother", false, "Pet")], document.Schemas[0].Schema.Fields.Select(one => (one.Name, one.Required, one.Schema.Type)));
        Assert.Equal(["characters at most 9"], document.Schemas[0].Schema.Fields[0].Schema.Facts);
    }

    [Fact]
    public void Open_api_2_is_read_with_its_body_among_the_parameters()
    {
        var document = OpenApi.Read(Read("""
            {"swagger": "2.0", "host": "example.com", "basePath": "/v1", "consumes": ["application/xml"],
             "paths": {"/a": {"put": {"parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/A"}}, {"in": "query", "name": "n", "type": "integer"}],
                                      "responses": {"200": {"description": "ok", "schema": {"type": "string"}}}}}},
             "definitions": {"A": {"allOf": [{"type": "object"}]}}}
            """));

        var put = document.Groups[0].Operations[0];
        Assert.Equal(["https://example.com/v1"], document.Servers);
        Assert.Equal(("application/xml", "A"), (put.Bodies[0].Name, put.Bodies[0].Schema.Link));
        Assert.Equal("integer", Assert.Single(put.Parameters).Schema.Type);
        Assert.Equal("string", put.Responses[0].Bodies[0].Schema.Type);
    }

    [Theory]
    [InlineData("""
        asyncapi: 2.6.0
        channels: {orders.placed: {subscribe: {summary: Placed, message: {oneOf: [{$ref: '#/components/messages/Placed'}]}}}}
        components: {messages: {Placed: {payload: {type: object, properties: {id: {type: string}}}}}}
        """, "subscribe", "Placed")]
    [InlineData("""
        asyncapi: 3.0.0
        channels: {placed: {address: orders.placed, messages: {m: {$ref: '#/components/messages/Placed'}}}}
        operations: {onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}, summary: Placed}}
        components: {messages: {Placed: {payload: {type: object, properties: {id: {type: string}}}}}}
        """, "receive", "m")]
    public void Async_api_is_read_by_channel(string text, string verb, string message)
    {
        var channel = Assert.Single(AsyncApi.Read(Read(text)).Groups);

        Assert.Equal("orders.placed", channel.Name);
        var operation = Assert.Single(channel.Operations);
        Assert.Equal((verb, "Placed", message), (operation.Verb, operation.Summary, operation.Bodies[0].Name));
        Assert.Equal("id", operation.Bodies[0].Schema.Fields[0].Name);
    }

    [Theory]
    [InlineData("{$ref: '#/components/schemas/A'}")]
    [InlineData("{type: array, items: {$ref: '#/x'}}")]
    [InlineData("{$ref: 'https://127.0.0.1/secret.json'}")]
    [InlineData("{$ref: '../../../etc/passwd'}")]
    [InlineData("{$ref: '#/paths/0/9999999999999'}")]
    [InlineData("{properties: {a: {properties: {a: {properties: {a: {properties: {a: {properties: {a: {properties: {a: {properties: {a: {properties: {a: {properties: {a: {type: string}}}}}}}}}}}}}}}}}}}")]
    public void A_reference_that_goes_in_a_circle_or_out_of_the_document_ends(string schema)
    {
        var document = OpenApi.Read(Read($"openapi: 3.0.0\nx: {{$ref: '#/x'}}\npaths: {{/a: {{get: {{parameters: [{{name: p, in: query, schema: {schema}}}]}}}}}}\ncomponents: {{schemas: {{A: {{$ref: '#/components/schemas/B'}}, B: {{$ref: '#/components/schemas/A'}}}}}}"));

        Assert.Single(document.Groups[0].Operations[0].Parameters);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("openapi: [3.0.0", "its YAML at line 1, column 16 ")]
    [InlineData("openapi: 3.0.0\ninfo: {title: x\npaths: {}\n", "its YAML at line 3, column 1 ")]
    [InlineData("openapi: 3.0.0\ninfo:\n  title: a: b\n", "its YAML at line 3, column 11 ")]
    [InlineData("openapi: 3.0.0\ninfo:\n  title: x\n version: 1\n", "its YAML at line 4, column 2 ")]
    [InlineData("{\"openapi\": \"3.0.0\",\n \"x\": [}", "it is no JSON: line 2, column 8")]
    [InlineData("\uFEFF{\n \"größe\": [}", "it is no JSON: line 2, column 12")]
    [InlineData("a: &x [*x, *x]", "YAML")]
    public void A_broken_definition_says_why(string text, string why) =>
        Assert.Contains(why, DefinitionText.Read(text).Error?.Message, StringComparison.Ordinal);

    [Fact]
    public void Whatever_a_definition_is_reading_it_ends() =>
        Gen.OneOf(Gen.String, Json().Select(value => value.ToJsonString())).Sample(text =>
        {
            if (DefinitionText.Read("{\"openapi\": 3, \"paths\": " + text + ", \"components\": " + text + "}").TryGet(out var open, out _))
            {
                _ = OpenApi.Read(open);
                _ = AsyncApi.Read(open);
            }

            _ = DefinitionText.Read(text);
            _ = TypeIndex.Of(text, "graphql");
            foreach (var language in (string[])["graphql", "proto", "yaml"])
            {
                Assert.Equal(text, string.Concat(Highlighting.Of(text, language).Select(stretch => stretch.Text)));
            }
        });

    [Fact]
    public void Declarations_are_found_and_those_in_descriptions_are_not()
    {
        Assert.Equal([("type", "Query", 4), ("enum", "Kind", 6)], TypeIndex.Of("\"\"\"\ntype Hidden {}\n\"\"\"\ntype Query {\n}\nenum Kind { A }", "graphql").Select(one => (one.Word, one.Name, one.Line)));
        Assert.Equal([("service", "S", 4), ("rpc", "R", 5)], TypeIndex.Of("/*\nmessage A {}\n*/\nservice S {\n  rpc R (A) returns (B);", "proto").Select(one => (one.Word, one.Name, one.Line)));
    }

    private static Gen<System.Text.Json.Nodes.JsonNode> Json() => Gen.Recursive<System.Text.Json.Nodes.JsonNode>((depth, deeper) =>
    {
        var names = Gen.Int[0, 13].Select(at => ((string[])["$ref", "type", "properties", "items", "allOf", "schemas", "get", "parameters", "schema", "required", "content", "messages", "enum", "/a"])[at]);
        var leaf = Gen.OneOf(
            Gen.Int.Select(number => (System.Text.Json.Nodes.JsonNode)number),
            Gen.Int[0, 4].Select(at => (System.Text.Json.Nodes.JsonNode)((string[])["#/components/schemas/get", "#/paths", "#/components/schemas/type/type", "string", "array"])[at]),
            Gen.Bool.Select(flag => (System.Text.Json.Nodes.JsonNode)flag));
        return depth > 5 ? leaf : Gen.OneOf(
            leaf,
            deeper.List[0, 4].Select(items => (System.Text.Json.Nodes.JsonNode)new System.Text.Json.Nodes.JsonArray([.. items.Select(item => item.DeepClone())])),
            Gen.Select(names, deeper).List[0, 6].Select(pairs => (System.Text.Json.Nodes.JsonNode)new System.Text.Json.Nodes.JsonObject(pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, (System.Text.Json.Nodes.JsonNode?)pair.Item2.DeepClone())))));
    });

    private static JsonElement Read(string text) => DefinitionText.Read(text).Value;
}
