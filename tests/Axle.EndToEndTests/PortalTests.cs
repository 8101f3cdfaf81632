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
        await page.GetByLabel("Owner").SelectOptionAsync("group:default/team-shop");
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
        await page.GetByLabel("Owner").SelectOptionAsync("group:default/team-shop");
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

    [Theory]
    [InlineData("/")]
    [InlineData("/templates")]
    [InlineData("/templates/node-service")]
    [InlineData("/environments")]
    [InlineData("/groups/team-shop")]
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

    private async Task<IPage> SignInAsync(bool scripts = true, int width = 1480, Action<long>? cold = null)
    {
        using var answer = await axle.Api.PostAsync(new Uri("/api/login-links", UriKind.Relative), null, TestContext.Current.CancellationToken);
        var link = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), AxleJson.Default.LoginLink)!;
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = scripts, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
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
