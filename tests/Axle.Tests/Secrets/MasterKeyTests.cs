using System.Security.Cryptography;
using Axle.Engines.Sealing;
using CsCheck;

namespace Axle.Tests.Secrets;

public sealed class MasterKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-key-").FullName;

    private string File1 => Path.Combine(_folder, "keys", "master.key");

    private string IdFile => Path.Combine(_folder, "keys", "master.id");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_closed_opens_under_its_context_and_no_other()
    {
        var key = Open();
        Gen.Byte.Array[0, 300].Sample(value =>
        {
            var closed = key.Seal(value, "a|b|1");
            Assert.Equal(value, key.Unseal(closed, "a|b|1"));
            Assert.Throws<AuthenticationTagMismatchException>(() => key.Unseal(closed, "a|b|2"));
            Assert.NotEqual(closed, key.Seal(value, "a|b|1"));
        }, iter: 200);
    }

    [Fact]
    public void A_changed_byte_anywhere_is_noticed()
    {
        var key = Open();
        var closed = key.Seal("top secret"u8, "here");
        for (var at = 0; at < closed.Length; at++)
        {
            var wrong = closed.ToArray();
            wrong[at] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => key.Unseal(wrong, "here"));
        }
    }

    [Fact]
    public void What_was_cut_off_or_is_something_else_is_no_crash()
    {
        var key = Open();
        var closed = key.Seal("top secret"u8, "here");
        for (var length = 0; length < closed.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(() => key.Unseal(closed.AsSpan(0, length), "here"));
        }
    }

    [Fact]
    public void The_value_cannot_be_found_in_its_envelope()
    {
        var closed = Open().Seal("a value that is easy to find"u8, "here");
        Assert.True(closed.AsSpan().IndexOf("easy to find"u8) < 0);
    }

    [Fact]
    public void After_a_rotation_the_old_opens_and_the_new_key_closes()
    {
        var key = Open();
        var first = key.Id;
        var closed = key.Seal("value"u8, "here");
        key.Rotate();
        Assert.NotEqual(first, key.Id);
        Assert.Equal(2, key.Count);
        Assert.False(key.IsCurrent(closed));

        var again = key.Rewrap(closed, "here");
        Assert.True(key.IsCurrent(again));
        Assert.Equal("value"u8.ToArray(), key.Unseal(again, "here"));
        Assert.Throws<AuthenticationTagMismatchException>(() => key.Rewrap(closed, "elsewhere"));

        var reopened = Open();
        Assert.Equal(key.Id, reopened.Id);
        Assert.Equal("value"u8.ToArray(), reopened.Unseal(closed, "here"));
        Assert.Equal("value"u8.ToArray(), reopened.Unseal(again, "here"));
    }

    [Fact]
    public void A_process_finds_the_key_that_another_one_rotated_to()
    {
        var here = Open();
        var there = Open();
        there.Rotate();
        Assert.Equal("value"u8.ToArray(), here.Unseal(there.Seal("value"u8, "x"), "x"));
    }

    [Fact]
    public void A_key_that_went_missing_is_never_replaced()
    {
        Open();
        File.Delete(File1);
        var refused = Assert.IsType<MasterKeyMissing>(MasterKey.Open(_folder, null).Error);
        Assert.Equal(("secrets.sealed", 503), (refused.Code, refused.Status));
        Assert.False(File.Exists(File1));
    }

    [Fact]
    public void Another_key_is_named_and_refused()
    {
        var right = Open();
        var wrong = RandomNumberGenerator.GetBytes(32);
        File.WriteAllText(File1, Convert.ToBase64String(wrong) + "\n");
        var refused = Assert.IsType<MasterKeyWrong>(MasterKey.Open(_folder, null).Error);
        Assert.Contains(right.Id, refused.Message, StringComparison.Ordinal);
        Assert.IsType<MasterKeyWrong>(MasterKey.Open(_folder, Convert.ToBase64String(wrong)).Error);
        Assert.DoesNotContain(Convert.ToBase64String(wrong), refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    public void What_is_no_key_is_said_to_be_none(string content)
    {
        Open();
        File.WriteAllText(File1, content);
        Assert.IsType<MasterKeyUnreadable>(MasterKey.Open(_folder, null).Error);
    }

    [Fact]
    public void A_variable_gives_the_key_instead_of_a_file()
    {
        var one = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var two = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var key = MasterKey.Open(_folder, one).Value;
        Assert.True(key.FromVariable);
        Assert.False(File.Exists(File1));
        Assert.Throws<InvalidOperationException>(key.Rotate);

        var closed = key.Seal("value"u8, "x");
        var rotated = MasterKey.Open(_folder, $"{two},{one}").Value;
        Assert.NotEqual(key.Id, rotated.Id);
        Assert.Equal("value"u8.ToArray(), rotated.Unseal(closed, "x"));
    }

    [Fact]
    public void Files_are_the_owners_alone()
    {
        Open().Rotate();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(IdFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(File1)!));
        var files = Directory.GetFiles(Path.GetDirectoryName(File1)!);
        Assert.Equal(["master.id", "master.key", "master.lock"], files.Select(Path.GetFileName).Order());
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Many_that_start_at_once_use_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Open, TestContext.Current.CancellationToken)));
        var closed = keys[0].Seal("value"u8, "x");
        Assert.All(keys, key => Assert.Equal("value"u8.ToArray(), key.Unseal(closed, "x")));
        Assert.Single(keys.Select(key => key.Id).Distinct());
    }

    private MasterKey Open() => MasterKey.Open(_folder, null).Value;
}
