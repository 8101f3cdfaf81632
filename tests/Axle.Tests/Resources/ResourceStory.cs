using System.Diagnostics;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources;

/// <summary>The life of one resource with logins, as its consumers live through it; what is the same for every type.</summary>
[Trait("Speed", "Slow")]
public abstract class ResourceStory(ResourceHouse house, ITestOutputHelper output)
{
    private protected ResourceHouse House => house;

    protected abstract string Type { get; }

    /// <summary>For the claims of the story.</summary>
    protected virtual object? Params => null;

    /// <summary>Whether all that a client needs is one address.</summary>
    protected virtual bool HasUri => true;

    /// <summary>Whether there are two users for ever; otherwise each version of the credential has its own.</summary>
    protected virtual bool TakesTurns => true;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Logs in and asks something; null when that works, else the reason.</summary>
    protected abstract Task<string?> LoginAsync(Given given);

    protected abstract Task WriteAsync(Given given);

    /// <summary>Whether what was written is there.</summary>
    protected abstract Task<bool> ReadAsync(Given given);

    /// <summary>A connection that stays open until it is disposed, and one way to see whether it still works.</summary>
    protected abstract Task<Session> OpenAsync(Given given);

    /// <summary>Fails when anything of the claim is left in the server, or when its server is there that stood alone.</summary>
    private protected abstract Task NothingLeftAsync(Claim before);

    protected sealed record Session(Func<Task<bool>> Works, Func<ValueTask> Close);

    private protected async Task LiveAsync()
    {
        // 1. The first one of its kind, which makes the server; and one more.
        var watch = Stopwatch.StartNew();
        var claim = await house.ClaimAsync(Type, $"orders-{Type}", Params);
        output.WriteLine($"{Type}: first claim ready after {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        var other = await house.ClaimAsync(Type, $"billing-{Type}", Params);
        output.WriteLine($"{Type}: second claim ready after {watch.ElapsedMilliseconds} ms");
        var first = house.Outputs(claim.Ref);
        Assert.Null(await LoginAsync(first));
        Assert.NotNull(await LoginAsync(With(first, house.Outputs(other.Ref).Password)));
        Assert.True(!HasUri || first["uri"].Contains(first.Password, StringComparison.Ordinal));
        await WriteAsync(first);
        Assert.True(await ReadAsync(first));
        await NobodyElseAsync(first, house.Outputs(other.Ref));

        // 2. Rotated while a consumer stays connected: both logins work until it goes, and at no moment none.
        var session = await OpenAsync(first);
        var refused = 0;
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var probe = Task.Run(async () =>
        {
            while (!probing.IsCancellationRequested)
            {
                // Whoever read the outputs just before they changed still gets in with them.
                refused += await LoginAsync(house.Outputs(claim.Ref)) is null || await LoginAsync(house.Outputs(claim.Ref)) is null ? 0 : 1;
                await Task.Delay(5);
            }
        }, Stop);
        watch.Restart();
        await house.ChangeAsync(claim.Ref, now => now! with { RotateAt = TimeProvider.System.GetUtcNow(), RotateBy = "user:test" });
        await house.UntilAsync(claim.Ref, now => now.Status.Rotation is { State: RotationStates.Published, Message: { } message } && message.Contains("session", StringComparison.Ordinal), "waiting for the open session");
        var second = house.Outputs(claim.Ref);
        Assert.NotEqual(first.Username, second.Username);
        Assert.Null(await LoginAsync(first));
        Assert.Null(await LoginAsync(second));
        Assert.True(await ReadAsync(second));
        Assert.True(await session.Works(), "A session of the old login broke while it was in use.");

        // Sessions of the new login are no reason to wait.
        var newer = await OpenAsync(second);
        await session.Close();
        var rotated = await house.UntilAsync(claim.Ref, now => now.Status.Rotation?.State == RotationStates.Done, "rotated");
        Assert.True(await newer.Works(), "A session of the new login broke when the old one was revoked.");
        await newer.Close();
        output.WriteLine($"{Type}: rotated after {watch.ElapsedMilliseconds} ms, with a session that stayed open");
        await probing.CancelAsync();
        await probe;
        Assert.Equal(0, refused);
        Assert.NotNull(await LoginAsync(first));
        Assert.Null(await LoginAsync(second));
        await WriteAsync(second);

        // 3. Once more, so that the first user is used again.
        await house.ChangeAsync(claim.Ref, now => now! with { RotateAt = TimeProvider.System.GetUtcNow(), RotateBy = "user:test" });
        rotated = await house.UntilAsync(claim.Ref, now => now.Status.Rotation is { State: RotationStates.Done, Version: 3 }, "rotated again");
        var third = house.Outputs(claim.Ref);
        Assert.Equal(TakesTurns, first.Username == third.Username);
        Assert.NotNull(await LoginAsync(first));
        Assert.NotNull(await LoginAsync(second));
        Assert.True(await ReadAsync(third));

        // 4. Looked at again, nothing changes.
        var driver = (ILoginDriver)house.Get<KnownProvisioners>().DriverOf(rotated.Status.Provisioner)!;
        var asked = new Claim(rotated, house.Get<KnownProvisioners>().Find(rotated.Status.Provisioner!)!);
        var before = (await house.Engine.ObserveAllAsync(Stop)).Select(seen => (seen.Id, seen.WantedRevision, seen.StartedAt)).Order().ToList();
        Assert.True((await driver.EnsureAsync(asked, Stop)).TryGet(out var again, out var error), error?.Message);
        Assert.Null(again.Waiting);
        Assert.Equal(before, (await house.Engine.ObserveAllAsync(Stop)).Select(seen => (seen.Id, seen.WantedRevision, seen.StartedAt)).Order().ToList());
        Assert.Null(await LoginAsync(third));
        var facts = await driver.ObserveAsync(asked, Stop);
        Assert.NotNull(facts?.Version);

        // 5. Removed: refused, at once and for sessions too. Brought back: everything is there, and the same login works.
        session = await OpenAsync(third);
        await house.ChangeAsync(claim.Ref, now => now! with { Removal = new ResourceRemoval(DateTimeOffset.UnixEpoch, "user:test", DateTimeOffset.MaxValue) });
        await house.UntilAsync(claim.Ref, now => now.Status.Phase == ResourcePhases.Removed, "removed");
        Assert.NotNull(await LoginAsync(third));
        Assert.False(await session.Works(), "A session outlived the removal.");
        await session.Close();
        Assert.Null(await LoginAsync(house.Outputs(other.Ref)));
        watch.Restart();
        await house.ChangeAsync(claim.Ref, now => now! with { Removal = null });
        await house.UntilAsync(claim.Ref, now => now.Status.Phase == ResourcePhases.Ready, "back");
        output.WriteLine($"{Type}: back after {watch.ElapsedMilliseconds} ms");
        Assert.Null(await LoginAsync(third));
        Assert.True(await ReadAsync(third));

        // 6. Taken away.
        var last = new Claim(house.Find(claim.Ref)!, asked.Provisioner);
        await house.ChangeAsync(claim.Ref, now => now! with { Removal = new ResourceRemoval(DateTimeOffset.UnixEpoch, "user:test", DateTimeOffset.UnixEpoch) });
        await house.UntilGoneAsync(claim.Ref);
        Assert.NotNull(await LoginAsync(third));
        await NothingLeftAsync(last);
        Assert.Null(await LoginAsync(house.Outputs(other.Ref)));
    }

    /// <summary>What one consumer may not do to another one's.</summary>
    protected abstract Task NobodyElseAsync(Given mine, Given others);

    protected static Given With(Given given, string password)
    {
        var values = given.Values.EnumerateObject().ToDictionary(one => one.Name, one => one.Value);
        values[given.PasswordName] = System.Text.Json.JsonSerializer.SerializeToElement(password);
        return new Given(System.Text.Json.JsonSerializer.SerializeToElement(values));
    }
}
