using Axle.Platform.Secrets;

namespace Axle.Tests.Secrets;

public sealed class SecretSweepTests : IAsyncDisposable
{
    private readonly SecretBench _bench = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task What_was_unset_is_destroyed_after_seven_days_and_not_before()
    {
        _bench.Store.Set(SecretScope.Organisation, "KEY", new SecretValue("a value"), "user:default/jane");
        _bench.Store.Set(SecretScope.Organisation, "STAYS", new SecretValue("a value"), "user:default/jane");
        _bench.Store.Remove(SecretScope.Organisation, "KEY", "user:default/jane");
        var sweep = _bench.Get<SecretSweep>();
        _bench.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await sweep.SweepAsync(Stop);
        Assert.NotNull(_bench.Store.Find(SecretScope.Organisation, "KEY"));
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await sweep.SweepAsync(Stop);
        Assert.Null(_bench.Store.Find(SecretScope.Organisation, "KEY"));
        Assert.NotNull(_bench.Store.Find(SecretScope.Organisation, "STAYS"));
        Assert.Equal("destroy", _bench.Store.Uses(SecretScope.Organisation, "KEY", 10)[0].Verb);
        Assert.Equal(0L, _bench.Database.Read("SELECT count(*) FROM versions WHERE name = 'KEY'", row => row.GetInt64(0))[0]);
    }

    [Fact]
    public async Task A_rotation_of_the_master_key_that_was_cut_off_is_finished_at_the_next_start()
    {
        for (var i = 0; i < 450; i++)
        {
            _bench.Store.Set(SecretScope.Organisation, $"KEY{i}", new SecretValue($"value {i}"), "user:default/jane");
        }

        // Killed after the new key was written, and after a part of the rows.
        _bench.Get<SecretKey>().Master.Rotate();
        await _bench.RestartAsync();
        Assert.Equal("value 7", _bench.Store.Find(SecretScope.Organisation, "KEY7")!.Current!.Value!.Reveal());
        Assert.Equal(451, _bench.Get<RotateKey>().Finish());
        Assert.Equal(0, _bench.Get<RotateKey>().Finish());

        // The earlier key is needed no more, except for backups.
        await _bench.RestartAsync(between: () =>
        {
            var file = Path.Combine(_bench.Folder, "keys", "master.key");
            File.WriteAllText(file, File.ReadAllLines(file)[0] + "\n");
        });
        Assert.Null(_bench.Secrets.Sealed);
        Assert.Equal("value 449", _bench.Store.Find(SecretScope.Organisation, "KEY449")!.Current!.Value!.Reveal());
    }
}
