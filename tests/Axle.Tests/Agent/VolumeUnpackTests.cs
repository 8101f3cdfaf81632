using System.Formats.Tar;
using Axle.Agent.Volumes;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>What an archive may not do to the machine that unpacks it.</summary>
public sealed class VolumeUnpackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-unpack-").FullName;

    private string Inside => Directory.CreateDirectory(Path.Combine(_folder, "inside")).FullName;

    private string Outside => Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/etc/x")]
    [InlineData("../outside/x")]
    [InlineData("a/../../outside/x")]
    [InlineData("a//x")]
    [InlineData("./x")]
    [InlineData("missing/x")]
    public async Task Names_that_lead_out_are_refused(string name)
    {
        using var archive = await ArchiveAsync(whole: true, Folder("a/"), Text(name, "bad"));
        await Assert.ThrowsAsync<FormatException>(() => VolumeUnpack.RunAsync(archive, Inside, Stop));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Outside));
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        using var below = await ArchiveAsync(whole: true, Link("way", "../outside"), Text("way/x", "bad"));
        await Assert.ThrowsAsync<FormatException>(() => VolumeUnpack.RunAsync(below, Inside, Stop));
        using var folder = await ArchiveAsync(whole: true, Link("way2", "../outside"), Folder("way2/"), Text("way2/x", "good"));
        await VolumeUnpack.RunAsync(folder, Inside, Stop);
        await File.WriteAllTextAsync(Path.Combine(Outside, "victim"), "old", Stop);
        using var over = await ArchiveAsync(whole: true, Link("file", "../outside/victim"), Text("file", "new"));
        await VolumeUnpack.RunAsync(over, Inside, Stop);
        Assert.Equal(("old", "new", "good"), (await File.ReadAllTextAsync(Path.Combine(Outside, "victim"), Stop), await File.ReadAllTextAsync(Path.Combine(Inside, "file"), Stop), await File.ReadAllTextAsync(Path.Combine(Inside, "way2", "x"), Stop)));
        Assert.Equal(["victim"], Directory.EnumerateFileSystemEntries(Outside).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    public async Task Only_files_folders_and_links_are_unpacked(TarEntryType type)
    {
        var entry = new PaxTarEntry(type, "x");
        if (type == TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        using var archive = await ArchiveAsync(whole: true, entry);
        await Assert.ThrowsAsync<FormatException>(() => VolumeUnpack.RunAsync(archive, Inside, Stop));
    }

    [Fact]
    public async Task Half_an_archive_is_none_and_rights_that_lend_an_owners_are_left_out()
    {
        using var half = await ArchiveAsync(whole: false, Text("x", "text"));
        await Assert.ThrowsAsync<FormatException>(() => VolumeUnpack.RunAsync(half, Inside, Stop));
        var setuid = Text("tool", "text");
        setuid.Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser;
        using var whole = await ArchiveAsync(whole: true, Folder("closed/", UnixFileMode.UserRead | UnixFileMode.UserExecute), Text("closed/x", "text"), setuid);
        await VolumeUnpack.RunAsync(whole, Inside, Stop);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Inside, "tool")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Inside, "closed")));
        File.SetUnixFileMode(Path.Combine(Inside, "closed"), (UnixFileMode)0x1C0);
    }

    private static PaxTarEntry Folder(string name, UnixFileMode mode = (UnixFileMode)0x1ED) => new(TarEntryType.Directory, name) { Mode = mode };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static PaxTarEntry Text(string name, string text) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) };

    private static async Task<MemoryStream> ArchiveAsync(bool whole, params PaxTarEntry[] entries)
    {
        var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                await tar.WriteEntryAsync(entry, Stop);
            }

            if (whole)
            {
                await tar.WriteEntryAsync(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { [VolumeMarks.End] = "1" }), Stop);
            }
        }

        archive.Position = 0;
        return archive;
    }
}
