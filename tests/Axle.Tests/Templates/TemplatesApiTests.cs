using System.Net;
using System.Net.Http.Json;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Templates;

/// <summary>Axle's own doors to templates.</summary>
public sealed class TemplatesApiTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_component_is_created_over_http()
    {
        using var client = await server.UserAsync("jane", ["shop"]);
        var templates = await client.GetFromJsonAsync("/api/templates", AxleJson.Default.ListTemplateView, Stop);
        Assert.Contains(templates!, t => t is { Name: "worker", Title: "Worker with a cron job", Type: "worker" });

        var response = await client.PostAsJsonAsync("/api/create", new CreateRequest("worker", "orders", "shop"), AxleJson.Default.CreateRequest, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        Assert.Equal("/api/components/orders", response.Headers.Location?.ToString());
        Assert.Equal(EntityRef.Of("component", "orders"), System.Text.Json.JsonSerializer.Deserialize(text, AxleJson.Default.CreateAnswer)!.Component);

        // It was a task, and the component knows its template.
        var task = (await client.GetFromJsonAsync("/api/tasks?createdBy=jane", AxleJson.Default.TaskPage, Stop))!.Items.Single(one => one.Template == EntityRef.Of("template", "worker"));
        Assert.Equal("completed", task.Phase);
        Assert.Equal("template:default/worker", server.Entities.Find(EntityRef.Of("component", "orders"))!.Metadata.Annotations[Annotations.SourceTemplate]);

        var again = await client.PostAsJsonAsync("/api/create", new CreateRequest("worker", "orders", "shop"), AxleJson.Default.CreateRequest, Stop);
        Assert.Equal("templates.exists", (await again.ProblemAsync(HttpStatusCode.Conflict)).Code);
    }

    [Fact]
    public async Task An_empty_request_is_refused_in_words()
    {
        using var client = server.Admin();
        var response = await client.PostAsync("/api/create", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Stop);

        Assert.Equal("templates.name", (await response.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
    }

    [Fact]
    public async Task A_template_says_what_it_asks_and_does_and_a_file_is_checked_with_its_places()
    {
        using var client = server.Admin();
        var worker = (await client.GetFromJsonAsync("/api/templates/worker", AxleJson.Default.TemplateDetail, Stop))!;
        Assert.Equal(("shipped", "worker"), (worker.Origin, worker.Type));
        Assert.Contains("publish:axle", worker.Steps.Select(step => step.GetProperty("action").GetString()));
        Assert.Contains((await client.GetFromJsonAsync("/api/template-actions", AxleJson.Default.ListTemplateActionView, Stop))!, action => action is { Id: "fetch:template", DryRun: true });

        var check = await client.PostAsync("/api/templates/check?file=template.yaml", new StringContent("""
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: mine}
            spec:
              type: service
              steps:
                - action: fetch:nothing
            """, System.Text.Encoding.UTF8, "application/yaml"), Stop);
        var found = System.Text.Json.JsonSerializer.Deserialize(await check.Content.ReadAsStringAsync(Stop), AxleJson.Default.TemplateCheck)!;
        Assert.StartsWith("template.yaml:7:7: spec.steps[0].action: there is no action 'fetch:nothing'; there are fetch:plain", Assert.Single(found.Problems).ToString(), StringComparison.Ordinal);
    }
}
