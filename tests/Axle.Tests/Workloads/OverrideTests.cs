using Axle.Platform.Workloads;

namespace Axle.Tests.Workloads;

public sealed class OverrideTests
{
    private static readonly ScoreSource s_base = new(ScoreFileTests.Web("    args: [a, b]\n    variables: {LEVEL: info, COLOUR: red}"), "score.yaml");

    [Fact]
    public void A_file_is_merged_in()
    {
        var score = ScoreFile.Parse(s_base, [new("containers: {web: {args: [c], variables: {LEVEL: debug, COLOUR: , SIZE: big}}}", "over.yaml")]).Value;

        Assert.Equal(["c"], score.Containers["web"].Args!);
        Assert.Equal("debug big", $"{score.Containers["web"].Variables["LEVEL"]} {score.Containers["web"].Variables["SIZE"]}");
        Assert.DoesNotContain("COLOUR", score.Containers["web"].Variables.Keys);
    }

    [Theory]
    [InlineData("containers.web.args.0=z", "z,b")]
    [InlineData("containers.web.args.-1=z", "a,b,z")]
    [InlineData("containers.web.args.1=", "a")]
    [InlineData("containers.web.args=[x, y, z]", "x,y,z")]
    [InlineData("containers.web.args.0=\"a=b\"", "a=b,b")]
    public void A_property_is_set_or_taken_away(string property, string args) =>
        Assert.Equal(args, string.Join(',', ScoreFile.Parse(s_base, [], property).Value.Containers["web"].Args!));

    [Fact]
    public void A_property_can_make_what_is_not_there()
    {
        var score = ScoreFile.Parse(s_base, [], @"metadata.annotations.example\.com/why=x", "service.ports.http.port=80", "containers.web.variables.LEVEL=").Value;

        Assert.Equal("x", score.Metadata.Annotations["example.com/why"]);
        Assert.Equal(80, score.Ports["http"].Port);
        Assert.DoesNotContain("LEVEL", score.Containers["web"].Variables.Keys);
    }

    [Theory]
    [InlineData("containers.web.args.2=z", "out of range")]
    [InlineData("containers.web.args.x=z", "no index")]
    [InlineData("containers.web.args.-1=", "out of range")]
    [InlineData("containers.web.image.x=z", "inside text")]
    [InlineData("nothing", "path=value")]
    [InlineData("=x", "path=value")]
    [InlineData("containers.web.args=[", "not valid YAML")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1", "at most 16")]
    public void A_property_that_fits_nowhere_is_refused(string property, string words)
    {
        var error = ScoreFile.Parse(s_base, [], property).Error!;

        Assert.Equal("workloads.invalid", error.Code);
        Assert.Contains(words, error.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_comes_out_is_checked_and_blamed_on_the_right_file()
    {
        var error = ScoreFile.Parse(s_base, [new("containers:\n  web:\n    image: 1", "over.yaml")], "metadata.name=X").Error!;

        Assert.Equal(["over.yaml:3 containers.web.image", "score.yaml:3 metadata.name"], error.Problems.Select(p => $"{p.File}:{p.Line} {p.Path}"));
    }

    [Fact]
    public void A_file_may_need_its_override_to_be_valid() =>
        Assert.True(ScoreFile.Parse(new ScoreSource("apiVersion: score.dev/v1b1\nmetadata: {name: shop}", "a"), [new("containers: {web: {image: .}}", "b")]).Ok);

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a.b", "a|b")]
    [InlineData("a.-1", "a|-1")]
    [InlineData(@"a.b\.c", "a|b.c")]
    [InlineData(@"a.b\\.c", @"a|b\|c")]
    public void Paths_are_split_at_their_plain_dots(string path, string parts) => Assert.Equal(parts, string.Join('|', Overrides.SplitPath(path)));
}
