using Axle.Platform.Source;

namespace Axle.Tests.Source;

public sealed class PushTests
{
    [Fact]
    public async Task A_push_shows_what_the_platform_does_with_it_and_the_clone_has_it()
    {
        await using var host = await SourceHost.StartAsync();
        await host.AddAsync("orders");
        var copy = await host.CopyAsync("orders");
        var commit = await host.CommitAsync(copy);

        var said = await host.MustAsync(copy, "push", "origin", "main");

        Assert.Contains($"remote: Building {commit[..7]} of orders", said, StringComparison.Ordinal);
        Assert.Contains("remote: Live at", said, StringComparison.Ordinal);
        var push = Assert.Single(host.Listener.Finished);
        Assert.Equal(new Pushed("orders", "main", commit, "user:default/jane"), push);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(await host.CopyAsync("orders"), "README.md"), TestContext.Current.CancellationToken));
    }
}
