using System.Net;
using System.Text.Json;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Server;

public sealed class EndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_endpoint_declares_its_verb()
    {
        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.NotEmpty(endpoints);
        Assert.Empty(endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Verb>() is null).Select(endpoint => endpoint.DisplayName));
    }

    [Fact]
    public async Task Every_endpoint_that_is_not_open_to_all_refuses_a_stranger()
    {
        using var client = server.Client();
        var closed = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Verb>() != Verb.Anonymous)
            .ToList();
        Assert.NotEmpty(closed);
        foreach (var endpoint in closed)
        {
            var path = string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x"))));
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), "/" + path);
                request.Content = method is "POST" or "PUT" ? new StringContent("{}", null, "application/json") : null;
                using var answer = await client.SendAsync(request, Stop);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method} /{path} answers {(int)answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task The_api_describes_itself_in_openapi_3_1_and_leaves_no_route_out()
    {
        using var client = server.Client();
        using var answer = await client.GetAsync("/openapi.json", Stop);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        Assert.StartsWith("3.1.", document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);

        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))
            .ToHashSet();
        var mapped = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"))
            .ToList();
        Assert.NotEmpty(mapped);
        Assert.DoesNotContain(mapped, route => !described.Contains(route));

        var entityRef = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("EntityRef");
        Assert.Equal("string", entityRef.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Health_is_open_to_all_and_an_unknown_address_says_so()
    {
        using var client = server.Client();
        Assert.Equal("ok", await client.GetStringAsync("/healthz", Stop));
        Assert.Equal("ok", await client.GetStringAsync("/readyz", Stop));
        using var answer = await client.GetAsync("/api/nothing", Stop);
        var problem = await answer.ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal("http.nothing_here", problem.Code);
        Assert.NotNull(problem.Next);
        Assert.NotNull(problem.TraceId);
        using var method = await client.PostAsync("/healthz", null, Stop);
        Assert.Equal("Use GET.", (await method.ProblemAsync(HttpStatusCode.MethodNotAllowed)).Next);
        using var type = await client.PostAsync("/api/tokens", new StringContent("x"), Stop);
        Assert.Equal("http.content_type", (await type.ProblemAsync(HttpStatusCode.UnsupportedMediaType)).Code);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var client = server.Client();
        foreach (var path in new[] { "/healthz", "/login", "/api/me", "/nothing" })
        {
            using var answer = await client.GetAsync(path, Stop);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_broken_body_is_the_senders_mistake_and_names_the_field()
    {
        using var client = server.Admin();
        using var broken = await client.PostAsync("/api/tokens", new StringContent("""{"name":"x","days":"soon"}""", null, "application/json"), Stop);
        var problem = await broken.ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("http.body_invalid", problem.Code);
        Assert.Equal("days", Assert.Single(problem.Errors).Path);

        using var number = await client.GetAsync("/api/entities?limit=many", Stop);
        Assert.Equal("http.bad_request", (await number.ProblemAsync(HttpStatusCode.BadRequest)).Code);
    }

    [Fact]
    public async Task The_platform_tells_about_itself_also_without_an_agent()
    {
        using var client = server.Admin();
        using var answer = await client.GetAsync("/api/platform", Stop);
        var platform = await answer.ReadAsync<Axle.Contracts.PlatformView>();
        Assert.False(platform.AgentConnected);
        Assert.Equal(server.Folder, platform.DataFolder);
        Assert.Equal($"http://localhost:{server.Address.Port}", platform.Portal);
        Assert.Equal("http://*.localhost:7480", platform.Ingress);
    }
}
