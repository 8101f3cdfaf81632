using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog;
using Axle.Platform.Workloads;
using Axle.Tests.Server;
using CsCheck;

namespace Axle.Tests.Catalog;

/// <summary>Descriptors that somebody wrote to do harm: each is read or refused with a place, in bounded time and memory.</summary>
public sealed class HostileDescriptorsTests(HostileServer host) : IClassFixture<HostileServer>
{
    /// <summary>Far beyond what reading any of them takes; whoever needs longer hangs.</summary>
    private static readonly TimeSpan s_hangs = TimeSpan.FromMinutes(1);

    private const string Good = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: orders
          namespace: default
          title: "Orders: all"
          description: |
            Takes orders,
              and keeps them.
          labels: {tier: '1', example.com/team: shop}
          annotations: &notes
            backstage.io/source-location: url:https://example.com/shop/
            example.com/number: "7"
          tags: [node, shop]
          links:
            - url: https://example.com/
              title: Home
        spec:
          type: service
          lifecycle: production
          owner: group:default/shop
          dependsOn: ['component:a', "resource:default/b"]
          own: {deep: [1, true, 2.5, null, {x: *notes}]}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: orders-api}
        spec:
          type: openapi
          lifecycle: production
          owner: shop
          definition: >-
            openapi: 3.1.0

        """;

    private static readonly string[] s_pieces = ["\n", " ", "  ", "\t", ":", ": ", "-", "- ", "---\n", "...\n", "[", "]", "{", "}", ",", "&a ", "*a", "!!str ", "!x ", "!", "|", ">", "|2-", "'", "\"", "\\", "#", " #", "?", "? ", "<<: ", "%", "@", "`", "~", "null", "\0", "\u0085", "\ufeff", "\ud800", "é", "0x", ".inf", "\r", "kind: ", "metadata:\n"];

    /// <summary>A good file with parts taken out, doubled, moved and strewn with what means something in YAML.</summary>
    private static readonly Gen<string> s_changed = Gen.Select(Gen.Int[0, 4], Gen.Int[0, Good.Length], Gen.Int[0, 60], Gen.Int[0, s_pieces.Length - 1], Gen.Int[0, Good.Length]).Array[1, 6].Select(changes => changes.Aggregate(Good, (text, one) =>
    {
        var (what, at, length, piece, to) = one;
        at = Math.Min(at, text.Length);
        length = Math.Min(length, text.Length - at);
        return what switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, s_pieces[piece]),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => text.Remove(at, length).Insert(Math.Min(to, text.Length - length), text.Substring(at, length)),
            _ => text.Remove(at, length).Insert(at, s_pieces[piece]),
        };
    }));

    private static readonly Gen<string> s_soup = Gen.Int[0, s_pieces.Length - 1].Select(i => s_pieces[i]).Array[0, 60].Select(string.Concat);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Corpus => [.. Hostile.Names("descriptors")];

    [Theory, MemberData(nameof(Corpus))]
    public async Task A_hostile_file_is_read_or_refused_at_every_door(string name)
    {
        var bytes = Hostile.Read("descriptors", name);
        var text = Encoding.UTF8.GetString(bytes);

        // 1. By itself: each problem says where.
        var read = await Task.Run(() => Descriptors.Read(text, name), Stop).WaitAsync(s_hangs, Stop);
        Assert.True(read.Ok ? read.Value.Count <= Descriptors.EntitiesMax : read.Error!.Problems.Count > 0);
        Assert.All(read.Error?.Problems ?? [], problem => Assert.Equal(name, problem.File));

        // 2. Sent to all that reads descriptors.
        using var client = host.Server.Admin();
        foreach (var (path, body) in ((string, HttpContent)[])
            [
                ("/api/apply?dryRun=true", new ByteArrayContent(bytes)),
                ("/api/templates/check", new ByteArrayContent(bytes)),
                ("/api/import/catalog", HostileServer.Json(JsonSerializer.Serialize(new CatalogImportRequest("hostile", [new(name, text.Length > 200_000 ? text[..200_000] : text)]) { DryRun = true }, AxleJson.Default.CatalogImportRequest))),
            ])
        {
            using (body)
            using (var answer = await client.PostAsync(path, body, Stop).WaitAsync(s_hangs, Stop))
            {
                Assert.True((int)answer.StatusCode < 500, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
            }
        }

        // 3. Found at an address. What is wrong is listed; the server goes on.
        host.Page($"/corpus/{name}", context => context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask());
        await host.RegisterAsync($"{host.Attacker}/corpus/{name}");
        using var trial = await client.PostAsync("/api/catalog/locations?dryRun=true", HostileServer.Json($$"""{"type": "url", "target": "{{host.Attacker}}/corpus/{{name}}"}"""), Stop).WaitAsync(s_hangs, Stop);
        Assert.True((int)trial.StatusCode < 500, await trial.Content.ReadAsStringAsync(Stop));
        foreach (var path in (string[])["/api/catalog/entities?fields=metadata,spec", "/api/catalog/entity-facets?facet=kind&facet=spec.own", "/?kind=all&q=hostile", "/api/search?term=hostile"])
        {
            using var answer = await client.GetAsync(path, Stop);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode}");
        }

        Assert.Empty(host.AskedInside);
        Assert.False(File.Exists("/tmp/axle-hostile"));
    }

    /// <summary>Whatever came into the catalogue with all of them can be looked at.</summary>
    [Fact]
    public async Task What_was_taken_of_hostile_files_has_pages()
    {
        using var client = host.Server.Admin();
        foreach (var name in Hostile.Names("descriptors"))
        {
            host.Page($"/pages/{name}", context => context.Response.Body.WriteAsync(Hostile.Read("descriptors", name), context.RequestAborted).AsTask());
            await host.RegisterAsync($"{host.Attacker}/pages/{name}");
        }

        var all = host.Server.Entities.Query(new() { All = true }).Items.Where(entity => entity.Metadata.Name.StartsWith("hostile", StringComparison.Ordinal)).ToList();
        Assert.True(all.Count >= 8, $"{all.Count}");
        foreach (var entity in all)
        {
            foreach (var tab in (string[])["", "/relations", "/graph", "/yaml", "/definition", "/history"])
            {
                using var answer = await client.GetAsync($"/catalog/{entity.Metadata.Namespace}/{entity.Kind.ToLowerInvariant()}/{entity.Metadata.Name}{tab}", Stop).WaitAsync(s_hangs, Stop);
                Assert.True((int)answer.StatusCode < 500, $"{entity.Ref}{tab}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
            }
        }
    }

    [Fact]
    public void A_good_file_with_anything_changed_is_read_or_refused() =>
        Gen.OneOf(s_changed, s_soup, Gen.String).Sample(
            text =>
            {
                var problems = new List<Problem>();
                var read = Task.Run(() => Descriptors.ReadEach(Encoding.UTF8.GetBytes(text), "f", problems).ToList()).WaitAsync(s_hangs).GetAwaiter().GetResult();
                Assert.True(read.Count > 0 || problems.Count > 0);
                foreach (var one in read)
                {
                    // What was read can be written, and is the same again.
                    var written = JsonSerializer.Serialize(one.Entity, Axle.Entities.EntityJson.Options);
                    Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize<Entity>(written, Axle.Entities.EntityJson.Options), Axle.Entities.EntityJson.Options));
                }
            },
            iter: 4000);

    [Fact]
    public async Task A_good_file_with_anything_changed_is_answered()
    {
        using var client = host.Server.Admin();
        await s_changed.SampleAsync(
            async text =>
            {
                using var answer = await client.PostAsync("/api/apply?dryRun=true", new ByteArrayContent(Encoding.UTF8.GetBytes(text)), Stop).WaitAsync(s_hangs, Stop);
                Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} {text}");
            },
            iter: 200,
            threads: 2);
    }

    public static TheoryData<string, string> Bounds => new()
    {
        { "alias-bomb.yaml", "the aliases make the document larger than" },
        { "alias-in-itself.yaml", "contains itself" },
        { "alias-in-itself-in-a-list.yaml", "contains itself" },
        { "alias-across-documents.yaml", "no anchor &t" },
        { "anchors-by-the-thousand.yaml", "" },
        { "deep-flow-lists.yaml", "deeper than 32" },
        { "deep-block-lists.yaml", "deeper than 32" },
        { "deep-just-too-deep.yaml", "deeper than 32" },
        { "huge-text.yaml", "too big" },
        { "many-keys.yaml", "more than 50000 values" },
        { "many-items.yaml", "more than 50000 values" },
        { "many-documents.yaml", "more than 1000 entities" },
        { "many-separators.yaml", "no entity" },
        { "key-twice.yaml", "is here twice" },
        { "tab-indented.yaml", "a tab indents this line" },
        { "nul.yaml", "U+0000" },
    };

    [Theory, MemberData(nameof(Bounds))]
    public void A_bound_that_is_met_is_named(string name, string says)
    {
        var read = Descriptors.Read(Hostile.Text("descriptors", name), name);
        Assert.Contains(says, string.Join('\n', read.Error?.Problems ?? []), StringComparison.Ordinal);
    }

    /// <summary>Of what is refused nothing large is made on the way.</summary>
    [Theory]
    [InlineData("alias-bomb.yaml")]
    [InlineData("alias-bomb-by-merging.yaml")]
    [InlineData("deep-flow-lists.yaml")]
    [InlineData("deep-flow-maps.yaml")]
    [InlineData("many-separators.yaml")]
    public void A_bomb_takes_no_memory(string name)
    {
        var text = Hostile.Text("descriptors", name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Descriptors.Read(text, name);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256L << 20);
    }

    [Fact]
    public void The_limits_are_those_of_the_documentation() =>
        Assert.Equal((1 << 20, 50_000, 32, 1000), (StrictYaml.LengthMax, StrictYaml.ValuesMax, StrictYaml.DepthMax, Descriptors.EntitiesMax));
}
