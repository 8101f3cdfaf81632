using System.Text.Json;
using Axle.Contracts;
using Axle.EndToEndTests.House;
using Microsoft.Playwright;

namespace Axle.EndToEndTests;

/// <summary>The portal as people use it, in a real browser on the installed platform.</summary>
public sealed class PortalTests(Platform axle) : IAsyncLifetime
{
    private const float BuildMs = 180_000;

    // Waiting for an address polls; waiting for a navigation can miss the one that is over already.
    private const float PageMs = 30_000;

    private static readonly string[] s_flags =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly List<string> _complaints = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .SelectMany(folder => new[] { Path.Combine(folder, "chromium"), Path.Combine(folder, "google-chrome") })
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(chromium is null, "There is no browser: apt-get install chromium");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = s_flags });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    [Fact]
    public async Task A_component_is_created_watched_and_promoted_with_the_mouse_alone()
    {
        var page = await SignInAsync();

        // Create, from the catalogue on.
        await page.GetByRole(AriaRole.Link, new() { Name = "Create a component" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Use Static site" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("by-portal");
        await page.GetByLabel("Owner", new() { Exact = true }).SelectOptionAsync("group:default/team-shop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#preview .files li").First).ToBeVisibleAsync(new() { Timeout = PageMs });
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#task h1 .badge")).ToHaveTextAsync("Completed", new() { Timeout = PageMs });
        await page.Locator("#task .refs").GetByRole(AriaRole.Link, new() { Name = "by-portal" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(axle.Url + "/components/by-portal", new() { Timeout = PageMs });

        // The page follows build and rollout by itself.
        var staging = page.Locator("section[data-key=staging]");
        await Assertions.Expect(staging.Locator(".badge").First).ToHaveTextAsync("Healthy", new() { Timeout = BuildMs });
        await Assertions.Expect(staging.Locator(".release")).ToHaveTextAsync("v1");

        // A menu that is open stays open and keeps what was typed while the page is patched.
        await staging.Locator("details.more > summary").ClickAsync();
        var menu = staging.Locator(".menu");
        await Assertions.Expect(menu).ToBeVisibleAsync();
        await axle.AxleAsync("promote", "by-portal", "--to", "production").OkAsync();
        await Assertions.Expect(page.Locator("section[data-key=production] .release")).ToHaveTextAsync("v1", new() { Timeout = BuildMs });
        await Assertions.Expect(menu).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(menu).ToBeHiddenAsync();

        // The log of a build opens under it; that of one that was still running when the page came is open already.
        if (!await page.Locator("#builds details").First.EvaluateAsync<bool>("details => details.open"))
        {
            await page.Locator("#builds summary").First.ClickAsync();
        }

        await Assertions.Expect(page.Locator("#builds .log p").First).ToBeVisibleAsync(new() { Timeout = BuildMs });
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Without_scripts_a_refused_form_keeps_its_values_and_a_right_one_creates()
    {
        var page = await SignInAsync(scripts: false);
        await page.GotoAsync($"{axle.Url}/templates/static-site");
        await page.GetByLabel("Name").FillAsync("golden-taken");
        await page.GetByLabel("Owner", new() { Exact = true }).SelectOptionAsync("group:default/team-shop");
        await page.Locator("#wizard").EvaluateAsync("form => { form.noValidate = true; }");
        await page.GetByLabel("Name").FillAsync("Golden Taken");
        await page.GetByLabel("Description").FillAsync("The first of this name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review", Exact = true }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Name")).ToHaveValueAsync("Golden Taken");
        await Assertions.Expect(page.GetByLabel("Description")).ToHaveValueAsync("The first of this name");

        await page.GetByLabel("Name").FillAsync("golden-taken");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#task h1")).ToBeVisibleAsync(new() { Timeout = PageMs });
        await Assertions.Expect(page.Locator("[data-palette]")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_palette_goes_anywhere_by_keyboard()
    {
        var page = await SignInAsync();

        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(page.Locator("#hits li").First).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync("environ");
        await Assertions.Expect(page.Locator("#hits [aria-selected=true]")).ToContainTextAsync("Environments");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page).ToHaveURLAsync(axle.Url + "/environments", new() { Timeout = PageMs });
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#palette")).ToBeHiddenAsync();
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_form_is_filled_looked_over_run_and_approved_in_the_browser()
    {
        await axle.ApplyAsync("""
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: in-the-browser, title: In the browser}
            spec:
              type: demo
              owner: group:default/team-shop
              parameters:
                - title: About it
                  required: [name]
                  properties:
                    name: {type: string, title: Name, pattern: '^[a-z]+$', errorMessage: Small letters only.}
                    rows: {type: array, title: Endpoint, items: {type: object, required: [path], properties: {path: {type: string, title: Path}}}}
                - title: It depends
                  properties: {database: {type: boolean, title: Database, default: false}}
                  dependencies:
                    database:
                      oneOf:
                        - properties: {database: {const: false}}
                        - properties: {database: {const: true}, engine: {type: string, title: Engine, enum: [postgres, mariadb]}}
                          required: [engine]
              steps:
                - {id: write, name: Write a file, action: 'roadiehq:utils:fs:write', input: {path: README.md, content: '${{ parameters.name }} at ${{ parameters.rows[0].path }} on ${{ parameters.engine }}'}}
                - {id: ask, name: Ask the team, action: 'axle:approve', input: {approvers: [group:default/team-shop], message: May it be?, selfApproval: true}}
                - {id: wait, name: Wait a little, action: 'debug:wait', input: {seconds: 3}}
                - {id: say, name: Say it, action: 'debug:log', input: {message: 'said by ${{ steps.ask.output.approvedBy }}'}}
              output: {text: [{title: And now, content: 'It is **done**.'}]}
            """);
        var page = await SignInAsync();
        await page.GotoAsync($"{axle.Url}/templates/in-the-browser");

        // What does not fit is said at once, in the template's words.
        await page.GetByLabel("Name").FillAsync("Wrong 1");
        await page.GetByLabel("Name").BlurAsync();
        await Assertions.Expect(page.GetByText("Small letters only.")).ToBeVisibleAsync();
        await page.GetByLabel("Name").FillAsync("right");
        await Assertions.Expect(page.GetByText("Small letters only.")).ToBeHiddenAsync();

        // Records come one by one; what was typed stays, also when one goes back.
        await page.GetByRole(AriaRole.Button, new() { Name = "Add to Endpoint" }).ClickAsync();
        await page.GetByLabel("Path").FillAsync("/orders");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Name")).ToHaveValueAsync("right");
        await Assertions.Expect(page.GetByLabel("Path")).ToHaveValueAsync("/orders");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true }).Last.ClickAsync();

        // A question that another answer brings is there as soon as it is given.
        await page.GetByLabel("Database").CheckAsync();
        await page.GetByLabel("Engine").SelectOptionAsync("postgres");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".reviewed").First).ToContainTextAsync("Path: /orders");

        // The files before anything is made, and then in earnest.
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#preview .files")).ToContainTextAsync("right at /orders on postgres", new() { Timeout = PageMs });
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#task h1 .badge")).ToHaveTextAsync("Waiting", new() { Timeout = PageMs });
        await page.GetByLabel("Reason").FillAsync("As agreed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();

        // The page follows the steps by itself.
        await Assertions.Expect(page.Locator("#task h1 .badge")).ToHaveTextAsync("Completed", new() { Timeout = PageMs });
        await Assertions.Expect(page.Locator("#task .prose strong")).ToHaveTextAsync("done");
        await page.Locator("#task summary").Filter(new() { HasText = "Say it" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Log, new() { Name = "Log of Say it" })).ToContainTextAsync("said by user:");
        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_has_what_a_screen_reader_or_a_keyboard_trips_over(ColorScheme theme)
    {
        var script = await AxeAsync();
        var page = await SignInAsync(theme: theme);
        var found = new List<string>();
        foreach (var path in s_looked)
        {
            await page.GotoAsync(axle.Url + path);
            await page.EvaluateAsync(script);
            var problems = await page.EvaluateAsync<string[]>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.target.join(' ')).join(', '))");
            found.AddRange(problems.Select(problem => $"{path}: {problem}"));
        }

        Assert.Empty(found);
    }

    private static readonly string[] s_looked =
    [
        "/", "/?view=mine", "/?q=nothing-is-called-so", "/templates", "/templates?q=nothing-is-called-so", "/templates/node-service", "/tasks", "/drift", "/groups", "/groups/team-shop", "/activity",
        "/catalog/default/template/node-service", "/catalog/default/group/team-shop", "/catalog/default/group/team-shop/graph", "/catalog/default/group/team-shop/yaml", "/catalog/default/group/team-shop/history", "/environments", "/resources", "/secrets",
    ];

    /// <summary>axe-core from npm, for this run only.</summary>
    private async Task<string> AxeAsync()
    {
        var folder = axle.Folder("axe");
        var file = Path.Combine(folder, "package", "axe.min.js");
        if (!File.Exists(file))
        {
            var npm = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(one => Path.Combine(one, "npm")).FirstOrDefault(File.Exists);
            Assert.SkipWhen(npm is null, "There is no npm to get axe-core with: apt-get install npm");
            var packed = await Shell.RunAsync(npm!, ["pack", "--silent", "axe-core@4.14.1"], folder, new Dictionary<string, string>());
            Assert.SkipWhen(packed.ExitCode != 0, "npm has no axe-core to give");
            await Shell.RunAsync("tar", ["xzf", "axe-core-4.14.1.tgz"], folder, axle.Variables).OkAsync();
        }

        return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/templates")]
    [InlineData("/templates/node-service")]
    [InlineData("/environments")]
    [InlineData("/groups/team-shop")]
    [InlineData("/tasks")]
    [InlineData("/drift")]
    [InlineData("/catalog/default/group/team-shop/graph")]
    [InlineData("/activity")]
    public async Task A_narrow_screen_shows_every_page_without_scrolling_sideways(string path)
    {
        var page = await SignInAsync(width: 400);
        await page.GotoAsync(axle.Url + path);

        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than the screen");
        await Assertions.Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Activity" })).ToBeInViewportAsync();
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        var page = await SignInAsync();

        await page.Locator("details.me > summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(axle.Url + "/login", new() { Timeout = PageMs });
        await page.GotoAsync(axle.Url);

        Assert.StartsWith($"{axle.Url}/login", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cold_page_is_small()
    {
        var bytes = 0L;
        var page = await SignInAsync(cold: b => bytes += b);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Catalogue");

        Assert.InRange(bytes, 1, 150 << 10);
    }

    private async Task<IPage> SignInAsync(bool scripts = true, int width = 1480, Action<long>? cold = null, ColorScheme theme = ColorScheme.Light)
    {
        using var answer = await axle.Api.PostAsync(new Uri("/api/login-links", UriKind.Relative), null, TestContext.Current.CancellationToken);
        var link = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), AxleJson.Default.LoginLink)!;
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = scripts, ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = theme });
        var page = await context.NewPageAsync();

        // Whatever the content security policy stops, or a script throws, is a mistake of ours.
        page.Console += (_, message) => Complain(message.Type, message.Text);
        page.PageError += (_, error) => Complain("error", error);
        var sizes = new List<Task<long>>();
        if (cold is not null)
        {
            page.RequestFinished += (_, request) => sizes.Add(SizeAsync(request));
        }

        await page.GotoAsync(link.Url, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        foreach (var size in sizes.ToArray())
        {
            cold!(await size);
        }

        return page;
    }

    private static async Task<long> SizeAsync(IRequest request)
    {
        var sizes = await request.SizesAsync();
        return sizes.ResponseBodySize + sizes.ResponseHeadersSize;
    }

    private void Complain(string type, string text)
    {
        if (type == "error")
        {
            _complaints.Add(text);
        }
    }
}
