using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Source;
using CsCheck;

namespace Axle.Tests.Source;

public sealed class DescriptorMergeTests
{
    private static readonly Gen<string> s_key = Gen.Int[0, 3].Select(which => "abcd"[which].ToString());
    private static readonly Gen<JsonNode> s_leaf = Gen.OneOf(
        Gen.Int[0, 3].Select(number => (JsonNode)JsonValue.Create(number)),
        Gen.Int[0, 2].Array[0, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(item => (JsonNode)JsonValue.Create(item))])));

    private static readonly Gen<JsonObject> s_flat = Gen.Dictionary(s_key, s_leaf)[0, 4].Select(Map);
    private static readonly Gen<JsonObject> s_spec = Gen.Dictionary(s_key, Gen.OneOf(s_leaf, s_flat.Select(map => (JsonNode)map)))[0, 4].Select(Map);
    private static readonly Gen<Entity> s_entity = Gen.Select(
        s_spec,
        Gen.Dictionary(s_key, Gen.Int[0, 1].Select(which => "xy"[which].ToString()))[0, 3],
        Gen.Int[0, 2].Select(which => which == 0 ? null : $"title {which}"),
        (spec, labels, title) => new Entity
        {
            ApiVersion = Kinds.BackstageApi,
            Kind = Kinds.Component,
            Metadata = new Metadata { Name = "orders", Title = title, Labels = labels },
            Spec = JsonSerializer.SerializeToElement(spec),
        });

    [Fact]
    public void Without_a_change_of_the_file_nothing_changes() =>
        Gen.Select(s_entity, s_entity).Sample((present, file) => Assert.Null(DescriptorMerge.Into(present, file, file)));

    [Fact]
    public void An_entity_that_says_what_its_file_said_says_what_it_says_now() =>
        Gen.Select(s_entity, s_entity).Sample((before, after) => AssertSame(after, DescriptorMerge.Into(before, before, after) ?? before));

    [Fact]
    public void What_the_file_left_alone_stays() =>
        Gen.Select(s_entity, s_entity, s_entity).Sample((present, before, after) =>
        {
            var merged = DescriptorMerge.Into(present, before, after) ?? present;
            foreach (var key in (string[])["a", "b", "c", "d"])
            {
                if (before.Metadata.Labels.GetValueOrDefault(key) == after.Metadata.Labels.GetValueOrDefault(key))
                {
                    Assert.Equal(present.Metadata.Labels.GetValueOrDefault(key), merged.Metadata.Labels.GetValueOrDefault(key));
                }

                if (Text(before, key) == Text(after, key))
                {
                    Assert.Equal(Text(present, key), Text(merged, key));
                }
                else if (after.Spec.TryGetProperty(key, out var now) && now.ValueKind != JsonValueKind.Object)
                {
                    Assert.Equal(now.GetRawText(), Text(merged, key));
                }
            }

            // Taken once, there is nothing left to take.
            Assert.Null(DescriptorMerge.Into(merged, after, after));
        });

    [Fact]
    public void Without_a_known_beginning_the_file_wins_and_takes_nothing_away() =>
        Gen.Select(s_entity, s_entity).Sample((present, after) =>
        {
            var merged = DescriptorMerge.Into(present, null, after) ?? present;
            Assert.Equal(after.Metadata.Title ?? present.Metadata.Title, merged.Metadata.Title);
            Assert.Equal(present.Metadata.Labels.Keys.Union(after.Metadata.Labels.Keys).Order(), merged.Metadata.Labels.Keys.Order());
            Assert.All(after.Metadata.Labels, label => Assert.Equal(label.Value, merged.Metadata.Labels[label.Key]));
        });

    private static JsonObject Map(IEnumerable<KeyValuePair<string, JsonNode>> pairs) => new(pairs.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.DeepClone())));

    private static string? Text(Entity entity, string key) => entity.Spec.TryGetProperty(key, out var value) ? value.GetRawText() : null;

    private static void AssertSame(Entity expected, Entity actual)
    {
        Assert.Equal(expected.Metadata.Title, actual.Metadata.Title);
        Assert.Equal(expected.Metadata.Labels.OrderBy(pair => pair.Key), actual.Metadata.Labels.OrderBy(pair => pair.Key));
        Assert.True(JsonElement.DeepEquals(expected.Spec, actual.Spec), $"{expected.Spec} is not {actual.Spec}");
    }
}
