using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Axle.Tests.Server;
using CsCheck;

namespace Axle.Tests.Catalog;

/// <summary>Whatever is asked of the catalogue is answered or refused; it never fails, and goes on answering.</summary>
public sealed class HostileQueriesTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>Far beyond what any answer takes; whoever needs longer hangs.</summary>
    private static readonly TimeSpan s_hangs = TimeSpan.FromMinutes(1);

    private static readonly (string Path, string Body)[] s_posts =
    [
        ("/api/catalog/entities/by-query", """{"query": {"$all": [{"kind": "component"}, {"$not": {"spec.type": {"$in": ["a", "b"]}}}, {"metadata.title": {"$exists": true}}, {"relations": {"$contains": {"type": "ownedBy", "targetRef": {"$in": ["a:b/c"]}}}}]}, "fields": ["metadata.name", "spec"], "limit": 5, "offset": 1, "orderBy": [{"field": "metadata.name", "order": "asc"}], "fullTextFilter": {"term": "x", "fields": ["metadata.name"]}, "totalItems": "include"}"""),
        ("/api/catalog/entities/by-query", """{"cursor": "", "limit": 3, "fields": ["kind"]}"""),
        ("/api/catalog/entities/by-refs", """{"entityRefs": ["component:default/a", "group:default/b"], "fields": ["metadata.name"], "query": {"kind": "component"}}"""),
        ("/api/catalog/entity-facets", """{"facets": ["kind", "metadata.tags"], "query": {"$any": [{"kind": "component"}, {"spec.type": {"$hasPrefix": "s"}}]}}"""),
        ("/api/catalog/refresh", """{"entityRef": "component:default/a"}"""),
        ("/api/catalog/validate-entity", """{"entity": {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "a", "tags": ["x"], "labels": {"a": "b"}, "annotations": {"a/b": "c"}, "links": [{"url": "https://example.com", "title": "t"}]}, "spec": {"type": "service", "lifecycle": "x", "owner": "y", "dependsOn": ["component:a"]}}, "location": "url:https://example.com/x.yaml"}"""),
        ("/api/catalog/analyze-location", """{"location": {"type": "url", "target": "http://127.0.0.1:1/acme/widget"}, "catalogFileName": "catalog-info.yaml"}"""),
        ("/api/catalog/locations?dryRun=true", """{"type": "url", "target": "http://127.0.0.1:1/x.yaml", "presence": "required"}"""),
        ("/api/catalog/locations/by-query", """{"query": {"type": "url", "target": {"$in": ["a"]}}, "limit": 2, "cursor": null}"""),
        ("/api/import/catalog", """{"source": "here", "files": [{"name": "a.yaml", "text": "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: d}\nspec: {owner: o}\n"}], "dryRun": true, "seen": ["component:default/x"]}"""),
        ("PUT /api/entities/component/default/odd", """{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "odd", "title": "t", "tags": ["x"], "labels": {"a": "b"}, "annotations": {"a/b": "c"}, "links": [{"url": "https://example.com"}]}, "spec": {"type": "service", "lifecycle": "x", "owner": "y", "dependsOn": ["component:a"], "own": {"a": [1, "b"]}}, "status": {"a": 1}, "relations": [{"type": "ownedBy", "targetRef": "group:default/y"}]}"""),
        ("/api/apply", """[{"apiVersion": "backstage.io/v1alpha1", "kind": "System", "metadata": {"name": "odd-system", "annotations": {"a/b": "c"}}, "spec": {"owner": "y", "domain": "d", "own": {"a": [1, "b"]}}}]"""),
        ("/api/templates/check", """{"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "odd"}, "spec": {"type": "t", "parameters": [{"properties": {"a": {"type": "string", "enum": ["x"]}}}], "steps": [{"action": "debug:log", "input": {"message": "m"}}]}}"""),
        ("/api/scaffolder/v2/tasks", """{"templateRef": "template:default/none", "values": {"a": [1, {"b": null}]}, "secrets": {"t": "x"}}"""),
        ("/api/scaffolder/v2/dry-run", """{"template": {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "x"}, "spec": {"type": "t", "parameters": [{"required": ["n"], "properties": {"n": {"type": "string", "pattern": "^a"}}}], "steps": [{"id": "s", "if": "${{ parameters.n }}", "each": ["a"], "action": "debug:log", "input": {"message": "${{ parameters.n }}"}}], "output": {"links": [{"title": "t", "url": "http://x"}], "text": [{"title": "t", "content": "c"}]}}}, "values": {"n": "a"}, "secrets": {}, "directoryContents": [{"path": "a.txt", "base64Content": "YQ=="}]}"""),
    ];

    /// <summary>What is put in the place of any value.</summary>
    private static readonly string[] s_odd =
    [
        "null", "true", "-1", "0", "1e308", "99999999999999999999", "2147483648", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\" \"", "\"*\"", "\"$exists\"", "\"__proto__\"", "\"constructor.prototype\"", "\"a[0]\"", "\"a,b\"", "\":/\"", "\"%\"",
        "[]", "{}", "[null]", "[[]]", "[{}]", "{\"\": \"\"}", "{\"__proto__\": {\"x\": 1}}", "{\"$any\": []}", "{\"$not\": {}}", "{\"$contains\": null}", "{\"$in\": []}", "{\"$in\": [null]}", "{\"$exists\": 1}",
        "{\"$hasPrefix\": \"\"}", "{\"a\": {\"$in\": [{}]}}", "{\"a\": 1, \"a\": 2}", "\"" + new string('x', 9000) + "\"", Nested("{\"$not\":", "{}", "}", 40), Nested("[", "", "]", 50), Nested("{\"$all\":[", "{\"kind\":\"x\"}", "]}", 28),
    ];

    private static readonly System.Text.Json.JsonSerializerOptions s_deep = new() { MaxDepth = 256 };

    private static readonly Gen<string> s_text = Gen.OneOf(Gen.String, Gen.String[Gen.Char["=,.$:/%*[]{}\"'\\ a\u0000\uffff+-"], 0, 40], One(s_odd));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bodies => [.. Enumerable.Range(0, s_posts.Length).Select(i => $"{i} {s_posts[i].Path}")];

    public static TheoryData<string, string> Corpus => new(Hostile.Files("filters").SelectMany(file => File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#').Select((line, i) => ($"{Path.GetFileName(file)}:{i}", line))));

    [Theory, MemberData(nameof(Bodies))]
    public async Task A_body_with_anything_in_the_place_of_anything_is_answered_or_refused(string which)
    {
        var (path, body) = s_posts[int.Parse(which.Split(' ', 2)[0], System.Globalization.CultureInfo.InvariantCulture)];
        using var client = server.Admin();
        var paths = PathsOf(JsonNode.Parse(body)!).ToArray();
        await Gen.Select(Gen.Int[0, paths.Length - 1], One(s_odd), Gen.Int[0, paths.Length - 1], One(s_odd), Gen.Bool).SampleAsync(
            async (at, odd, also, otherwise, twice) =>
            {
                // The second first: it may be nothing that nodes can hold.
                await SendAsync(client, path, twice && Holds(otherwise) ? Replaced(Replaced(body, paths[also], otherwise), paths[at], odd) : Replaced(body, paths[at], odd));
            },
            iter: 150,
            threads: 2);
        await AnswersAsync(client);
    }

    [Fact]
    public async Task A_query_of_anything_is_answered_or_refused()
    {
        using var client = server.Admin();
        var parameters = One("filter", "fields", "limit", "offset", "order", "orderField", "cursor", "after", "facet", "totalItems", "fullTextFilterTerm", "fullTextFilterFields", "kind", "q", "term", "x[]", "");
        var paths = One("/api/catalog/entities", "/api/catalog/entities/by-query", "/api/catalog/entity-facets", "/api/catalog/locations", "/api/entities", "/api/search", "/api/scaffolder/v2/tasks", "/api/activity", "/");
        await Gen.Select(paths, Gen.Select(parameters, s_text).Array[0, 4]).SampleAsync(
            async (path, query) =>
            {
                var target = $"{path}?{string.Join('&', query.Select(one => $"{one.Item1}={Escaped(one.Item2)}"))}";
                using var answer = await client.GetAsync(target, Stop).WaitAsync(s_hangs, Stop);
                Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} for {target}: {await answer.Content.ReadAsStringAsync(Stop)}");
            },
            iter: 600,
            threads: 2);
        await AnswersAsync(client);
    }

    [Fact]
    public async Task A_cursor_that_was_tampered_with_is_answered_or_refused()
    {
        using var client = server.Admin();
        await PutAsync(client, 12);
        var page = JsonNode.Parse(await client.GetStringAsync("/api/catalog/entities/by-query?limit=2&filter=kind=component&orderField=metadata.name,asc&fullTextFilterTerm=a&fullTextFilterFields=metadata.name", Stop))!;
        var cursor = Encoding.UTF8.GetString(Convert.FromBase64String(page["pageInfo"]!["nextCursor"]!.GetValue<string>()));
        var paths = PathsOf(JsonNode.Parse(cursor)!).ToArray();
        await Gen.Select(Gen.Int[0, paths.Length - 1], One(s_odd), Gen.Int[0, 60]).SampleAsync(
            async (at, odd, cut) =>
            {
                var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(Replaced(cursor, paths[at], odd)));
                foreach (var one in (string[])[text, text[..Math.Min(cut, text.Length)], text.Insert(Math.Min(cut, text.Length), "=")])
                {
                    await SendAsync(client, "/api/catalog/entities/by-query", new JsonObject { ["cursor"] = one }.ToJsonString());
                    foreach (var get in (string[])["entities/by-query?cursor=", "entities?after="])
                    {
                        using var answer = await client.GetAsync($"/api/catalog/{get}{Uri.EscapeDataString(one)}", Stop).WaitAsync(s_hangs, Stop);
                        Assert.True((int)answer.StatusCode is < 500 or 414 or 431, $"{(int)answer.StatusCode} for {odd} at {paths[at]}");
                    }
                }
            },
            iter: 100,
            threads: 2);
        await AnswersAsync(client);
    }

    [Theory, MemberData(nameof(Corpus))]
    public async Task Every_filter_of_the_corpus_is_answered_or_refused(string name, string line)
    {
        using var client = server.Admin();
        var text = Hostile.Expanded(line);
        if (text.StartsWith('?'))
        {
            foreach (var path in (string[])["entities", "entities/by-query", "entity-facets"])
            {
                using var answer = await client.GetAsync($"/api/catalog/{path}{text}", Stop).WaitAsync(s_hangs, Stop);
                Assert.True((int)answer.StatusCode < 500, $"{name}: {(int)answer.StatusCode}");
            }
        }
        else
        {
            await SendAsync(client, "/api/catalog/entities/by-query", $$"""{"query": {{text}}}""");
            await SendAsync(client, "/api/catalog/entity-facets", $$"""{"facets": ["kind"], "query": {{text}}}""");
            await SendAsync(client, "/api/catalog/locations/by-query", $$"""{"query": {{text}}}""");
        }

        await AnswersAsync(client);
    }

    /// <summary>What is stored is read by everybody: a name twice in it would fail all lists that it is in.</summary>
    [Fact]
    public async Task An_entity_with_a_key_twice_is_not_stored()
    {
        using var client = server.Admin();
        using var put = await client.PutAsync("/api/entities/component/default/twice", HostileServer.Json("""{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "twice"}, "spec": {"type": "a", "lifecycle": "b", "owner": "c", "own": {"a": 1, "a": 2}}}"""), Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.StatusCode);
        await AnswersAsync(client);
    }

    private static async Task SendAsync(HttpClient client, string path, string body)
    {
        using var request = new HttpRequestMessage(path.StartsWith("PUT ", StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post, path.Split(' ')[^1]) { Content = HostileServer.Json(body) };
        using var answer = await client.SendAsync(request, Stop).WaitAsync(s_hangs, Stop);
        Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} for {(body.Length > 2000 ? body[..2000] : body)}: {await answer.Content.ReadAsStringAsync(Stop)}");
    }

    /// <summary>After all that the catalogue still has and tells what was in it.</summary>
    private static async Task AnswersAsync(HttpClient client)
    {
        await PutAsync(client, 1);
        foreach (var path in (string[])["entities?fields=metadata.name,spec.own", "entities/by-query?fields=metadata.name,spec.own&limit=1000", "entity-facets?facet=kind", "entities?filter=metadata.name=asked-0"])
        {
            Assert.Contains("omponent", (await client.GetStringAsync($"/api/catalog/{path}", Stop)).Replace("asked-0", "Component", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    private static async Task PutAsync(HttpClient client, int count)
    {
        foreach (var number in Enumerable.Range(0, count))
        {
            using var put = await client.PutEntityAsync(TestServer.Component($"asked-{number}", "platform"));
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Stop));
        }
    }

    /// <summary>Paths of all values, as keys and numbers.</summary>
    private static IEnumerable<object[]> PathsOf(JsonNode? node)
    {
        yield return [];
        var below = node switch
        {
            JsonObject map => map.Select(member => ((object)member.Key, member.Value)),
            JsonArray list => list.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var (key, value) in below)
        {
            foreach (var path in PathsOf(value))
            {
                yield return [key, .. path];
            }
        }
    }

    /// <summary>As text: the odd value need not be one that JSON nodes can hold.</summary>
    private static string Replaced(string json, object[] path, string odd)
    {
        const string Mark = "\"the place of the odd one\"";
        var root = JsonNode.Parse("[" + json + "]", documentOptions: new() { MaxDepth = 256 })!;
        try
        {
            var at = root;
            foreach (var key in path.SkipLast(1).Prepend(0))
            {
                at = key is int i ? at![i] : at![(string)key];
            }

            switch (path.Length == 0 ? 0 : path[^1])
            {
                case int i when path.Length == 0:
                    root[0] = JsonNode.Parse(Mark);
                    break;
                case int i:
                    at![i] = JsonNode.Parse(Mark);
                    break;
                case string key:
                    at![key] = JsonNode.Parse(Mark);
                    break;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NullReferenceException)
        {
            // The place went with an earlier change.
            return json;
        }

        return root.ToJsonString(s_deep)[1..^1].Replace(Mark, odd, StringComparison.Ordinal);
    }

    private static bool Holds(string odd) => !odd.Contains("ud800", StringComparison.Ordinal) && !odd.Contains("\"a\": 2", StringComparison.Ordinal);

    private static string Escaped(string text) => Uri.EscapeDataString(text.Length > 4000 ? text[..4000] : text);

    private static string Nested(string open, string within, string close, int deep) => string.Concat(Enumerable.Repeat(open, deep)) + within + string.Concat(Enumerable.Repeat(close, deep));

    private static Gen<string> One(params string[] of) => Gen.Int[0, of.Length - 1].Select(place => of[place]);
}
