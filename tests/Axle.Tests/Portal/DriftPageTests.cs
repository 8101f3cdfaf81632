using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Portal;

/// <summary>The page of components that are behind their template, with more of them than a page looks at.</summary>
public sealed class DriftPageTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        for (var i = 0; i < 120; i++)
        {
            // No repository remembers how they were made, which the page has to say of each.
            var made = TestServer.Component($"made-{i:000}", "group:default/platform");
            var annotations = new Dictionary<string, string> { [Annotations.Repository] = $"made-{i:000}", [Annotations.SourceTemplate] = "template:default/gone" };
            Assert.True((await _server.Entities.PutAsync(made with { Metadata = made.Metadata with { Annotations = annotations } }, "system:test", stop: Stop)).Ok);
        }
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("/drift", 0, 50, "50 components looked at: 1 to 50 of 120", "Page 1 of 3")]
    [InlineData("/drift?page=2", 50, 50, "50 components looked at: 51 to 100 of 120", "Page 2 of 3")]
    [InlineData("/drift?page=3", 100, 20, "20 components looked at: 101 to 120 of 120", "Page 3 of 3")]
    [InlineData("/drift?page=99999999", 100, 20, "101 to 120 of 120", "Page 3 of 3")]
    [InlineData("/drift?page=-1", 0, 50, "1 to 50 of 120", "Page 1 of 3")]
    public async Task A_page_says_which_of_them_it_looked_at(string address, int first, int count, string looked, string page)
    {
        using var admin = _server.Admin();
        var html = await admin.GetStringAsync(address, Stop);

        Assert.Contains(looked, html, StringComparison.Ordinal);
        Assert.Contains(page, html, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(first, count), Enumerable.Range(0, 120).Where(i => html.Contains($"made-{i:000}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("2", "/drift?page=2&done=")]
    [InlineData("1", "/drift?done=")]
    [InlineData("2&x=//evil", "/drift?done=")]
    public async Task A_button_comes_back_to_its_page(string page, string back)
    {
        using var admin = _server.Admin();
        using var answer = await admin.PostAsync("/drift/update", new FormUrlEncodedContent([new("component", "component:made-070"), new("page", page)]), Stop);

        Assert.StartsWith(back, answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }
}
