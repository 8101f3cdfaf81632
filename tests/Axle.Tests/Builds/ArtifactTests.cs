using System.Security.Cryptography;
using System.Text;
using Axle.Platform;
using Axle.Platform.Builds;
using CsCheck;

namespace Axle.Tests.Builds;

/// <summary>Artifacts: named by content, whole or absent, shared with nobody.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ArtifactTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("axle-artifacts");
    private readonly BuildsOptions _options = new();

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void The_digest_depends_on_the_files_and_not_on_their_order() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 8].HashSet[1, 12], Gen.Int).Sample((paths, seed) =>
        {
            var files = paths.Select(p => (Path: p, Executable: p.Length % 2 == 0, Hash: SHA256.HashData(Encoding.UTF8.GetBytes(p)))).ToList();
            var digest = Digest(files);
            var shuffled = files.ToArray();
#pragma warning disable CA5394 // Shuffling for a test.
            new Random(seed).Shuffle(shuffled);
#pragma warning restore CA5394
            var other = files.ToList();
            other[0] = other[0] with { Executable = !other[0].Executable };
            var changed = files.ToList();
            changed[^1] = changed[^1] with { Hash = SHA256.HashData([1]) };
            return digest == Digest(shuffled) && digest != Digest(other) && digest != Digest(changed) && digest != Digest(files.Skip(1));
        });

    [Fact]
    public async Task Equal_folders_give_equal_artifacts_with_normalised_files()
    {
        var stop = TestContext.Current.CancellationToken;
        var (one, two) = (Source("one"), Source("two"));
        foreach (var source in (string[])[one, two])
        {
            Write(source, "bin/run", "#!/bin/sh\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Write(source, "a.txt", "hello", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.SetLastWriteTimeUtc(Path.Combine(two, "a.txt"), DateTime.UnixEpoch);
        var store = Store();
        var first = (await store.AddAsync(one, "", _ => true, _ => { }, stop)).Value;
        var second = (await store.AddAsync(two, "", _ => true, _ => { }, stop)).Value;

        Assert.Equal(first, second);
        var folder = store.Folder(first)!;
        Assert.Equal(0b111_101_101, (int)File.GetUnixFileMode(Path.Combine(folder, "bin/run")));
        Assert.Equal(0b110_100_100, (int)File.GetUnixFileMode(Path.Combine(folder, "a.txt")));
        Assert.Equal(0b111_101_101, (int)File.GetUnixFileMode(Path.Combine(folder, "bin")));
    }

    [Fact]
    public async Task Links_that_lead_outside_pipes_and_the_sources_own_changes_stay_out()
    {
        var stop = TestContext.Current.CancellationToken;
        var source = Source("links");
        Write(source, "lib/tool.js", "1");
        Directory.CreateDirectory(Path.Combine(source, "node_modules/.bin"));
        File.CreateSymbolicLink(Path.Combine(source, "node_modules/.bin/tool"), "../../lib/tool.js");
        File.CreateSymbolicLink(Path.Combine(source, "passwd"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(source, "lib/up"), "../../other");
        File.CreateSymbolicLink(Path.Combine(source, "lib/sly"), "../node_modules/../../../etc");
        File.CreateSymbolicLink(Path.Combine(source, "etc"), "/etc");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(source, "pipe")]))
        {
            await mkfifo.WaitForExitAsync(stop);
        }

        var remarks = new List<string>();
        var store = Store();
        var digest = (await store.AddAsync(source, "", _ => true, remarks.Add, stop)).Value;
        await File.WriteAllTextAsync(Path.Combine(source, "lib/tool.js"), "2", stop);

        var folder = store.Folder(digest)!;
        Assert.Equal(["lib/tool.js", "node_modules/.bin/tool"], Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal));
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(folder, "node_modules/.bin/tool"), stop));
        Assert.Equal(5, remarks.Count);
    }

    [Fact]
    public async Task A_crash_before_the_rename_leaves_nothing_that_looks_like_an_artifact()
    {
        var stop = TestContext.Current.CancellationToken;
        var source = Source("crash");
        Write(source, "a.txt", "hello");
        var store = Store();
        store.BeforeRename = () => throw new InvalidOperationException("killed here");
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.AddAsync(source, "", _ => true, _ => { }, stop));

        // A killed process does not clean up: its folder is what the collector finds later.
        var half = Directory.CreateDirectory(Path.Combine(_data.FullName, "artifacts", ".new-0"));
        half.LastWriteTimeUtc = DateTime.UnixEpoch;
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.Combine(_data.FullName, "artifacts")), d => Path.GetFileName(d).Length == 64);

        store = Store();
        var digest = (await store.AddAsync(source, "", _ => true, _ => { }, stop)).Value;
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(store.Folder(digest)!, "a.txt"), stop));
        store.Collect(new HashSet<string>());
        Assert.False(Directory.Exists(half.FullName));
    }

    [Fact]
    public async Task The_collector_removes_what_no_release_names_once_it_is_old()
    {
        var stop = TestContext.Current.CancellationToken;
        var store = Store();
        var digests = new List<string>();
        foreach (var name in (string[])["kept", "young", "old"])
        {
            var source = Source(name);
            Write(source, "a.txt", name);
            digests.Add((await store.AddAsync(source, "", _ => true, _ => { }, stop)).Value);
        }

        Directory.SetLastWriteTimeUtc(store.Folder(digests[0])!, DateTime.UnixEpoch);
        Directory.SetLastWriteTimeUtc(store.Folder(digests[2])!, DateTime.UnixEpoch);

        Assert.Equal(1, store.Collect(new HashSet<string> { digests[0] }));
        Assert.Equal([true, true, false], digests.Select(d => store.Folder(d) is not null));
    }

    [Theory]
    [InlineData("sha256:../../etc")]
    [InlineData("")]
    [InlineData("sha256:ABCDEF")]
    public void A_digest_that_is_none_has_no_folder(string digest) => Assert.Null(Store().Folder(digest));

    [Fact]
    public async Task Too_many_files_and_none_at_all_are_refused()
    {
        var stop = TestContext.Current.CancellationToken;
        var source = Source("limits");
        Assert.Equal("builds.artifact_empty", (await Store().AddAsync(source, "", _ => true, _ => { }, stop)).Error?.Code);
        Write(source, "a", "1");
        Write(source, "b", "1");
        _options.ArtifactFilesMax = 1;
        Assert.Equal("builds.artifact_too_large", (await Store().AddAsync(source, "", _ => true, _ => { }, stop)).Error?.Code);
    }

    private static string Digest(IEnumerable<(string Path, bool Executable, byte[] Hash)> files)
    {
        var manifest = new Manifest();
        foreach (var (path, executable, hash) in files)
        {
            manifest.AddFile(path, executable, path.Length, hash);
        }

        return manifest.Digest();
    }

    private ArtifactStore Store() =>
        new(new PlatformOptions { DataFolder = _data.FullName, PublicUrl = "", IngressPort = 0 }, _options, TimeProvider.System);

    private string Source(string name) => Directory.CreateDirectory(Path.Combine(_data.FullName, "src-" + name)).FullName;

    private static void Write(string folder, string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        File.SetUnixFileMode(full, mode);
    }
}
