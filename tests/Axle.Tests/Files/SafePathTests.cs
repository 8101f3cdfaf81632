using Axle.Platform.Files;

namespace Axle.Tests.Files;

public sealed class SafePathTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-safepath-").FullName;

    private string Root => Path.Combine(_folder, "root");

    public SafePathTests() => Directory.CreateDirectory(Root);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a/b.txt", "a/b.txt")]
    [InlineData("./a//b/", "a/b")]
    [InlineData("...", "...")]
    [InlineData("a..b", "a..b")]
    [InlineData("~", "~")]
    public void A_path_inside_is_joined(string relative, string expected) => Assert.Equal(Path.Combine(Root, expected), SafePath.Join(Root, relative).Value);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../root2/x")]
    [InlineData("a/../b")]
    [InlineData("a/..")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    public void A_path_that_is_absolute_leaves_or_hides_something_is_refused(string relative)
    {
        var error = SafePath.Join(Root, relative).Error;
        Assert.Equal("files.path_refused", error?.Code);
        Assert.DoesNotContain(error!.Message, char.IsControl);
    }

    [Fact]
    public void Links_that_stay_inside_are_followed_to_the_real_path()
    {
        Directory.CreateDirectory(Path.Combine(Root, "real/deep"));
        Link("link", "real");
        Link("real/deep/up", "../../real");

        Assert.Equal(Path.Combine(Root, "real/x"), SafePath.Join(Root, "link/deep/up/x").Value);
    }

    public static TheoryData<string[], string> Escapes => new()
    {
        // links made, in order (name, target)                      path asked for
        { ["link", "../outside"], "link" },
        { ["link", "../outside"], "link/new.txt" },
        { ["link", "/etc"], "link/passwd" },
        { ["link1", "link2", "link2", "../outside"], "link1" },
        { ["link1", "link2", "link2", "../outside"], "link1/secret" },
        { ["link1", "link2", "link2", "../not-there"], "link1" },
        { ["link1", "link2", "link2", "../not-there"], "link1/new/file" },
        { ["a", "b", "b", "c", "c", "../outside/secret"], "a" },
        { ["dot", ".", "link", "dot/../outside"], "link/secret" },
        { ["sub/up", "../..", "link", "sub/up/outside"], "link/secret" },
        { ["loop", "loop"], "loop/x" },
        { ["ping", "pong", "pong", "ping"], "ping" },
    };

    [Theory, MemberData(nameof(Escapes))]
    public void A_chain_of_links_never_leads_outside_dangling_or_not(string[] links, string asked)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "outside"));
        File.WriteAllText(Path.Combine(_folder, "outside/secret"), "secret");
        for (var i = 0; i < links.Length; i += 2)
        {
            Link(links[i], links[i + 1]);
        }

        Assert.Equal("files.path_refused", SafePath.Join(Root, asked).Error?.Code);
    }

    [Fact]
    public void A_dangling_link_that_stays_inside_gives_the_place_that_would_be_written()
    {
        Link("link", "later/file");
        Assert.Equal(Path.Combine(Root, "later/file"), SafePath.Join(Root, "link").Value);
    }

    [Fact]
    public void A_root_behind_a_link_is_a_root_like_any_other()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "alias"), Root);
        Link("link", "../outside");

        Assert.Equal(Path.Combine(Root, "x"), SafePath.Join(Path.Combine(_folder, "alias"), "x").Value);
        Assert.False(SafePath.Join(Path.Combine(_folder, "alias"), "link/x").Ok);
    }

    [Theory]
    [InlineData("a/link", "../b", true)]
    [InlineData("a/link", "b/./c", true)]
    [InlineData("a/link", "../../b", false)]
    [InlineData("link", "/etc", false)]
    [InlineData("link", "", false)]
    [InlineData("link", "..", false)]
    public void A_link_may_be_made_where_its_target_is_inside(string link, string target, bool fine) => Assert.Equal(fine, SafePath.JoinLink(Root, link, target).Ok);

    private void Link(string name, string target)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, target);
    }
}
