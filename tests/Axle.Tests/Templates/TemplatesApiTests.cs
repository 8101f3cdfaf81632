using System.Net;
using System.Net.Http.Json;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Templates;

public sealed class TemplatesApiTests : IAsyncLifetime
{
    private TemplatesHost _host = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await TemplatesHost.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(o => o.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddSingleton(_host.Library).AddSingleton(_host.Create);
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Features.Set(_host.Jane);
            return next(context);
        });
        _app.UseRouting();
        _app.MapTemplates();
        await _app.StartAsync(Stop);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_component_is_created_over_http()
    {
        var templates = await _client.GetFromJsonAsync<List<TemplateView>>("/api/templates", Stop);
        Assert.Contains(templates!, t => t is { Name: "worker", Title: "Worker with a cron job", Type: "worker" });

        var response = await _client.PostAsJsonAsync("/api/create", new CreateRequest("worker", "orders", "shop"), AxleJson.Default.CreateRequest, Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/api/components/orders", response.Headers.Location?.ToString());
        Assert.Equal(EntityRef.Of("component", "orders"), (await response.Content.ReadFromJsonAsync(AxleJson.Default.CreateAnswer, Stop))!.Component);

        var again = await _client.PostAsJsonAsync("/api/create", new CreateRequest("worker", "orders", "shop"), AxleJson.Default.CreateRequest, Stop);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("templates.exists", (await again.Content.ReadFromJsonAsync(AxleJson.Default.ProblemDetails, Stop))!.Code);
    }

    [Fact]
    public async Task An_empty_request_is_refused_in_words()
    {
        var response = await _client.PostAsync("/api/create", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Stop);

        Assert.Equal("templates.name", (await response.Content.ReadFromJsonAsync(AxleJson.Default.ProblemDetails, Stop))!.Code);
    }

    [Fact]
    public void Every_endpoint_declares_its_verb() =>
        Assert.All(((IEndpointRouteBuilder)_app).DataSources.SelectMany(d => d.Endpoints), e => Assert.NotNull(e.Metadata.GetMetadata<Verb>()));
}
