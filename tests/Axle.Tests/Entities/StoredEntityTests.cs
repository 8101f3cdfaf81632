using System.Text.Json;
using Axle.Contracts;
using Axle.Entities.Index;
using CsCheck;

namespace Axle.Tests.Entities;

/// <summary>What is read back from the JSON that is kept, against the serializer that wrote it.</summary>
public sealed class StoredEntityTests
{
    private static readonly Gen<string> s_text = Gen.OneOf(
        AnyOf("", "a", "service", "Ünïcode ☃ 😀", "a \"quoted\" \\ text\n", "\u0001", "</script>", new string('x', 255), new string('ü', 200), new string('y', 300)),
        Gen.String[Gen.Char['a', 'z'], 0, 20]);

    private static readonly Gen<string> s_key = AnyOf("backstage.io/managed-by-location", "example.com/Tier", "labels", "name", "ÄÖ", "x", new string('k', 260));

    private static readonly Gen<Dictionary<string, string>> s_pairs = Gen.Select(s_key, s_text).Array[0, 5].Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));

    private static readonly Gen<JsonElement> s_body = AnyOf(
        "{}", """{"type":"service","lifecycle":"production"}""", """{"type":["a","b"]}""", """{"Type":"a","type":"b"}""", """{"TYPE":"Website"}""", """{"type":null}""", """{"type":5,"phase":true}""",
        """{"phase":"Ready","nested":{"type":"inner","relations":[1,{"a":"}"}]}}""", """{"t\u0079pe":"escaped"}""", """{"lifecycle":"\u00c4rger"}""").Select(text => JsonDocument.Parse(text).RootElement);

    private static readonly Gen<Entity> s_entity = Gen.Select(
        Gen.Select(AnyOf("Component", "Group", "thing"), AnyOf("default", "shop"), AnyOf("a", "Orders.v1"), Gen.Bool, s_body, s_body),
        Gen.Select(s_text, s_pairs, s_pairs, s_text.Array[0, 4], s_text.Array[0, 3], Gen.Bool),
        Gen.Select(AnyOf("ownedBy", "describedBy", "Odd \"type\""), AnyOf("group:default/team", "location:shop/x.y-z")).Array[0, 4],
        (about, written, edges) => new Entity
        {
            ApiVersion = "backstage.io/v1alpha1",
            Kind = about.Item1,
            Metadata = new Metadata
            {
                Uid = "01J000000000000000000000",
                Namespace = about.Item2,
                Name = about.Item3,
                Title = about.Item4 ? written.Item1 : null,
                Description = about.Item4 ? null : written.Item1,
                Labels = written.Item2,
                Annotations = written.Item3,
                Tags = written.Item4,
                Links = [.. written.Item5.Select((text, i) => new Link(text, i == 0 ? null : text, i == 1 ? "icon" : null, i == 2 ? text : null))],
                Revision = 7,
                Generation = 3,
                CreatedAt = DateTimeOffset.UnixEpoch.AddTicks(1234567),
                UpdatedAt = DateTimeOffset.UnixEpoch.AddDays(20_000),
                DeletedAt = written.Item6 ? DateTimeOffset.UnixEpoch.AddDays(20_001) : null,
                Own = written.Item6 ? new Dictionary<string, JsonElement> { ["Relations"] = about.Item5, ["kind"] = JsonSerializer.SerializeToElement<string?>(null) } : null,
            },
            Spec = about.Item5,
            Status = about.Item4 ? about.Item6 : default,
            Relations = Node.Sorted(edges.Select(edge => new Relation(edge.Item1, EntityRef.Parse(edge.Item2)))),
        });

    [Fact]
    public void What_is_kept_reads_as_what_was_written() =>
        s_entity.Sample(
            entity =>
            {
                var unpacked = new Unpacked(new Words());
                var json = JsonSerializer.SerializeToUtf8Bytes(entity, AxleJson.Default.Entity);
                var node = new Node(Outline.Of(json, unpacked.Words), json, unpacked);

                Assert.Equal(JsonSerializer.Serialize(entity, AxleJson.Default.Entity), JsonSerializer.Serialize(node.Read(), AxleJson.Default.Entity));
                Assert.Equal(json, node.ToJson());
            },
            iter: 2000);

    [Fact]
    public void The_outline_tells_what_reading_the_entity_tells() =>
        s_entity.Sample(
            entity =>
            {
                var outline = Outline.Of(JsonSerializer.SerializeToUtf8Bytes(entity, AxleJson.Default.Entity), new Words());

                Assert.Equal(entity.Ref, outline.Ref);
                Assert.Equal((entity.Metadata.Uid, entity.Metadata.Revision, entity.Metadata.Generation), (outline.Uid, outline.Revision, outline.Generation));
                Assert.Equal(entity.Metadata.DeletedAt is not null, outline.IsBeingDeleted);
                Assert.Equal(entity.Relations, outline.Relations);
                if (outline.Indexed is { } indexed)
                {
                    Assert.Equal(Paths.Indexed(entity).Order(), indexed.Order());
                }
            },
            iter: 2000);

    [Fact]
    public void A_node_is_the_same_before_and_after_it_is_kept_as_json_only() =>
        s_entity.Sample(
            entity =>
            {
                var node = new Node(entity, new Unpacked(new Words()));
                var json = node.ToJson();
                node.Pack(json);
                node.Forget();

                Assert.Equal(json, node.ToJson());
                Assert.Same(node.Relations, node.Entity.Relations);
            },
            iter: 500);

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
