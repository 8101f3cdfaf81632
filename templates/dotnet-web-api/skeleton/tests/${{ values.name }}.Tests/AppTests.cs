using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Service.Tests;

/// <summary>Asks the real application over a real port.</summary>
public sealed class AppTests : IAsyncLifetime
{
    private readonly WebApplication _app = App.Build([], "http://127.0.0.1:0");
    private readonly HttpClient _client = new();

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "message", "Hello from ${{ values.name }}")]
    [InlineData("/greetings", "message", "Hello, world")]
    [InlineData("/greetings?name=Ada", "message", "Hello, Ada")]
    public async Task A_route_answers_with_json(string path, string field, string expected)
    {
        var json = JsonDocument.Parse(await _client.GetStringAsync(path, TestContext.Current.CancellationToken));

        Assert.Equal(expected, json.RootElement.GetProperty(field).GetString());
    }

    [Fact]
    public async Task Healthz_is_ok() => Assert.Equal("ok\n", await _client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));

    [Fact]
    public async Task What_is_not_there_is_404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("/nothing", TestContext.Current.CancellationToken)).StatusCode);
}
