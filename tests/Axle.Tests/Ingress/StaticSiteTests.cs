using System.IO.Compression;
using System.Net;
using System.Text;
using Axle.Agent.Ingress.Static;

namespace Axle.Tests.Ingress;

public sealed class StaticSiteTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axle-site-");
    private IngressFixture _fixture = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.txt"), "secret");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "site-secret"));
        File.WriteAllText(Path.Combine(_folder.FullName, "site-secret", "index.html"), "secret");
        Write("index.html", "<h1>home</h1>");
        Write("about.html", "about");
        Write("docs/index.html", "docs");
        Write("docs/a b.txt", "spaced");
        Write("big.css", new string('a', 5000));
        Write("app.3f9c1a2b.js", "app");
        Write("pre.js", "plain");
        Write(".env", "secret");
        Write(".git/config", "secret");
        Write(".well-known/security.txt", "contact");
        File.WriteAllBytes(Path.Combine(Site, "pre.js.br"), Compressed("ready"));
        File.CreateSymbolicLink(Path.Combine(Site, "out.txt"), Path.Combine(_folder.FullName, "secret.txt"));
        File.CreateSymbolicLink(Path.Combine(Site, "out"), _folder.FullName);
        File.CreateSymbolicLink(Path.Combine(Site, "sibling"), Path.Combine(_folder.FullName, "site-secret"));
        File.CreateSymbolicLink(Path.Combine(Site, "in.html"), Path.Combine(Site, "about.html"));
        _fixture = await IngressFixture.StartAsync();
        _fixture.Ingress.Switch("site", new(["site.localhost"], [], Site, null));
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string Site => Path.Combine(_folder.FullName, "site");

    [Theory]
    [InlineData("/", 200, "<h1>home</h1>")]
    [InlineData("/index.html", 200, "<h1>home</h1>")]
    [InlineData("/about", 200, "about")]
    [InlineData("/about.html", 200, "about")]
    [InlineData("/about/", 404, "")]
    [InlineData("/docs/", 200, "docs")]
    [InlineData("/docs", 301, "")]
    [InlineData("/docs/a%20b.txt", 200, "spaced")]
    [InlineData("/in", 200, "about")]
    [InlineData("/.well-known/security.txt", 200, "contact")]
    [InlineData("/missing", 404, "")]
    [InlineData("/.env", 404, "")]
    [InlineData("/.git/config", 404, "")]
    [InlineData("/%2eenv", 404, "")]
    [InlineData("/../secret.txt", 404, "")]
    [InlineData("/%2e%2e/secret.txt", 404, "")]
    [InlineData("/..%2fsecret.txt", 404, "")]
    [InlineData("/..%5csecret.txt", 404, "")]
    [InlineData("/docs/..%2f..%2fsecret.txt", 404, "")]
    [InlineData("/docs/%2e%2e/%2e%2e/%2e%2e/secret.txt", 404, "")]
    [InlineData("/out.txt", 404, "")]
    [InlineData("/out/secret.txt", 404, "")]
    [InlineData("/out/site-secret/", 404, "")]
    [InlineData("/out/site-secret", 404, "")]
    [InlineData("/sibling/", 404, "")]
    [InlineData("/sibling/index.html", 404, "")]
    [InlineData("//docs", 404, "")]
    [InlineData("/docs//", 404, "")]
    [InlineData("//", 404, "")]
    [InlineData("/index.html%00.txt", 400, "")]
    [InlineData("/etc/passwd", 404, "")]
    public async Task A_path_finds_its_file_and_no_other(string path, int status, string body)
    {
        var answer = await _fixture.RawAsync($"GET {path} HTTP/1.1\r\nHost: site.localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.EndsWith(body, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_redirects_to_its_slash_on_this_site()
    {
        using var response = await _fixture.GetAsync("site.localhost", "/docs?x=1");
        Assert.Equal("/docs/?x=1", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_site_has_its_own_page_for_what_is_missing()
    {
        Write("404.html", "nothing here");
        using var response = await _fixture.GetAsync("site.localhost", "/missing");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("nothing here", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_known_file_is_not_sent_again()
    {
        using var first = await _fixture.GetAsync("site.localhost", "/big.css");
        Assert.Equal("text/css; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());

        using var byTag = _fixture.Request("site.localhost", "/big.css");
        byTag.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var same = await _fixture.Client.SendAsync(byTag, Stop);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);

        using var byDate = _fixture.Request("site.localhost", "/big.css");
        byDate.Headers.IfModifiedSince = first.Content.Headers.LastModified;
        using var unchanged = await _fixture.Client.SendAsync(byDate, Stop);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        File.AppendAllText(Path.Combine(Site, "big.css"), "b");
        using var again = _fixture.Request("site.localhost", "/big.css");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var changed = await _fixture.Client.SendAsync(again, Stop);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("bytes=0-1", 206, "<h", "bytes 0-1/13")]
    [InlineData("bytes=9-", 206, "/h1>", "bytes 9-12/13")]
    [InlineData("bytes=-3", 206, "h1>", "bytes 10-12/13")]
    [InlineData("bytes=5-99", 206, "ome</h1>", "bytes 5-12/13")]
    [InlineData("bytes=13-", 416, "", "bytes */13")]
    [InlineData("bytes=-0", 416, "", "bytes */13")]
    [InlineData("bytes=0-1,3-4", 200, "<h1>home</h1>", null)]
    [InlineData("lines=0-1", 200, "<h1>home</h1>", null)]
    public async Task A_range_gives_a_part(string range, int status, string body, string? contentRange)
    {
        using var request = _fixture.Request("site.localhost");
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.AcceptEncoding.ParseAdd("br");
        using var response = await _fixture.Client.SendAsync(request, Stop);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(contentRange, response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("/big.css", "gzip, br", "br")]
    [InlineData("/big.css", "gzip", "gzip")]
    [InlineData("/big.css", "br;q=0, *", "gzip")]
    [InlineData("/big.css", "identity", null)]
    [InlineData("/big.css", null, null)]
    [InlineData("/about.html", "br", null)]
    [InlineData("/pre.js", "br", "br")]
    public async Task Text_is_compressed_as_the_client_can_take_it(string path, string? accepted, string? encoding)
    {
        using var request = _fixture.Request("site.localhost", path);
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        }

        using var response = await _fixture.Client.SendAsync(request, Stop);
        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.FirstOrDefault());
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        var body = await response.Content.ReadAsStreamAsync(Stop);
        using var reader = new StreamReader(encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        });
        var expected = path switch { "/big.css" => new string('a', 5000), "/pre.js" => "ready", _ => "about" };
        Assert.Equal(expected, await reader.ReadToEndAsync(Stop));
    }

    [Fact]
    public async Task Only_reading_is_allowed_and_head_sends_no_body()
    {
        using var post = await _fixture.Client.SendAsync(_fixture.Request("site.localhost", "/", HttpMethod.Post), Stop);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
        using var head = await _fixture.Client.SendAsync(_fixture.Request("site.localhost", "/", HttpMethod.Head), Stop);
        Assert.Equal(13, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("app.3f9c1a2b.js", true)]
    [InlineData("assets/index-DiwrgTda.css", true)]
    [InlineData("chunk-A1B2C3D4.js.map", true)]
    [InlineData("main.8e1f22ab09.chunk.js", true)]
    [InlineData("app.js", false)]
    [InlineData("jquery-3.7.1.min.js", false)]
    [InlineData("getting-Started.js", false)]
    [InlineData("my-Introduction.js", false)]
    [InlineData("photo-20260101.jpg", false)]
    [InlineData("bootstrap.bundle.min.js", false)]
    [InlineData("page.3f9c1a2b.html", false)]
    [InlineData("3f9c1a2b.js", false)]
    public void A_digest_in_a_name_is_known_from_a_word(string path, bool fingerprinted) => Assert.Equal(fingerprinted, SitePath.IsFingerprinted(path));

    [Fact]
    public async Task A_fingerprinted_file_is_kept_for_ever()
    {
        using var response = await _fixture.GetAsync("site.localhost", "/app.3f9c1a2b.js");
        Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task A_named_pipe_in_the_site_blocks_nobody()
    {
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Site, "pipe")))
        {
            await mkfifo.WaitForExitAsync(Stop);
        }

        using var response = await _fixture.GetAsync("site.localhost", "/pipe");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private void Write(string path, string content)
    {
        var file = new FileInfo(Path.Combine(Site, path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, content);
    }

    private static byte[] Compressed(string text)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionMode.Compress, leaveOpen: true))
        {
            brotli.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }
}
