using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities.Store;
using Axle.Entities.Validation;

namespace Axle.Tests.Entities;

/// <summary>The envelope's formats, each with the text that nearly breaks the rule beside the one that does.</summary>
public sealed class FormatTests
{
    private static readonly string s_63 = new('a', 63);

    public static TheoryData<string, string, bool> Rules => new()
    {
        { "name", "a", true },
        { "name", "A.b_c-1", true },
        { "name", s_63, true },
        { "name", s_63 + "a", false },
        { "name", "", false },
        { "name", "a\n", false },
        { "name", "a-", false },
        { "name", ".a", false },
        { "name", "٣", false },
        { "name", "é", false },
        { "namespace", "a--b", true },
        { "namespace", "A", false },
        { "namespace", "a.b", false },
        { "namespace", "a\n", false },
        { "kind", "API", true },
        { "kind", "a1", true },
        { "kind", "1a", false },
        { "kind", "My-Kind", false },
        { "apiVersion", "v1", true },
        { "apiVersion", "backstage.io/v1alpha1", true },
        { "apiVersion", "axle.dev/", false },
        { "apiVersion", "/v1", false },
        { "apiVersion", "a..b/v1", false },
        { "apiVersion", "axle.dev/v1/v2", false },
        { "key", "tier", true },
        { "key", "axle.dev/Tier", true },
        { "key", "Axle.dev/tier", false },
        { "key", "a/b/c", false },
        { "tag", "c#", true },
        { "tag", "a:b+c", true },
        { "tag", "a-b", true },
        { "tag", "a--b", false },
        { "tag", "Java", false },
        { "tag", "-a", false },
    };

    [Theory, MemberData(nameof(Rules))]
    public void A_format_is_exact(string rule, string text, bool holds) => Assert.Equal(
        holds,
        rule switch
        {
            "name" => Formats.IsName(text),
            "namespace" => Formats.IsNamespace(text),
            "kind" => Formats.IsKind(text),
            "apiVersion" => Formats.IsApiVersion(text),
            "key" => Formats.IsKey(text),
            _ => Formats.IsTag(text),
        });

    [Fact]
    public void A_spec_may_be_just_so_deep_and_just_so_large()
    {
        Assert.Empty(EnvelopeRules.Check(With(Nested(EnvelopeRules.DepthMax))));
        Assert.Contains("levels deep", Assert.Single(EnvelopeRules.Check(With(Nested(EnvelopeRules.DepthMax + 1)))).Message, StringComparison.Ordinal);
        Assert.Empty(EnvelopeRules.Check(With(Sized(EnvelopeRules.SpecBytesMax))));
        Assert.Contains("are allowed", Assert.Single(EnvelopeRules.Check(With(Sized(EnvelopeRules.SpecBytesMax + 1)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_deepest_spec_that_is_accepted_can_be_read_in_a_page()
    {
        var page = JsonSerializer.Serialize(new EntityPage([With(Nested(EnvelopeRules.DepthMax))], null, 1), AxleJson.Default.EntityPage);
        Assert.Single(JsonSerializer.Deserialize(page, AxleJson.Default.EntityPage)!.Items);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", "spec.a")]
    [InlineData("""{"a":[{"b":1,"b":1}]}""", "spec.a[0].b")]
    public void A_key_written_twice_is_named(string spec, string path) => Assert.Equal(path, Assert.Single(EnvelopeRules.Check(With(spec))).Path);

    [Theory]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("JavaScript:alert(1)", false)]
    [InlineData("data:text/html,x", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("https://example.org/x", true)]
    [InlineData("mailto:a@example.org", true)]
    public void A_link_runs_nothing_in_the_readers_browser(string url, bool holds)
    {
        var entity = With("{}");
        Assert.Equal(holds, EnvelopeRules.Check(entity with { Metadata = entity.Metadata with { Links = [new Link(url)] } }).Count == 0);
    }

    [Fact]
    public void Ids_sort_by_time_and_differ()
    {
        var early = Ulid.New(DateTimeOffset.FromUnixTimeMilliseconds(1_000));
        var late = Ulid.New(DateTimeOffset.FromUnixTimeMilliseconds(2_000_000_000_000));
        Assert.True(string.CompareOrdinal(early, late) < 0);
        Assert.StartsWith("00000000Z8", early, StringComparison.Ordinal);
        Assert.NotEqual(early, Ulid.New(DateTimeOffset.FromUnixTimeMilliseconds(1_000)));
    }

    private static Entity With(string spec) => new()
    {
        ApiVersion = "axle.dev/v1",
        Kind = "Thing",
        Metadata = new Metadata { Name = "a" },
        Spec = JsonDocument.Parse(spec, new JsonDocumentOptions { MaxDepth = 200 }).RootElement,
    };

    private static string Nested(int levels)
    {
        var text = new StringBuilder().Insert(0, """{"a":""", levels).Append('1').Append('}', levels);
        return text.ToString();
    }

    private static string Sized(int bytes) => $$"""{"a":"{{new string('x', bytes - 8)}}"}""";
}
