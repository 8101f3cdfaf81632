using System.Formats.Tar;
using Axle.Agent;
using Axle.Agent.Machine;
using Axle.Agent.Volumes;
using Axle.Engines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axle.Tests.Agent;

/// <summary>Folders that last, cut off anywhere; and archives of folders that do not hold still.</summary>
public sealed class LastingVolumesTests : IDisposable
{
    private readonly AgentFolders _folders = new(Directory.CreateTempSubdirectory("axle-lasting-").FullName);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LastingVolumes Volumes => new(_folders, NullLogger<LastingVolumes>.Instance);

    public void Dispose() => Directory.Delete(_folders.Data, recursive: true);

    [Fact]
    public async Task What_a_kill_leaves_of_a_removal_or_of_a_fill_is_cleared_away_and_volumes_are_not()
    {
        await WriteAsync(Volumes.Place("kept.staging", "/nowhere", user: null), "word", "kept");
        await WriteAsync(Directory.CreateDirectory(Path.Combine(_folders.Lasting, ".gone-abc", "deep")).FullName, "word", "gone");
        await WriteAsync(Directory.CreateDirectory(Path.Combine(_folders.Lasting, ".filling-other")).FullName, "word", "half");
        await Volumes.SweepAsync();
        Assert.Equal(["kept.staging"], Directory.EnumerateFileSystemEntries(_folders.Lasting).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Every_verb_may_be_said_twice_and_none_writes_over_a_volume()
    {
        await WriteAsync(Volumes.Place("a", "/nowhere", user: null), "word", "a");
        using var archive = await ArchiveAsync("a");
        await Volumes.FillAsync("fill--1", archive, Stop);
        await Assert.ThrowsAsync<FormatException>(() => Volumes.FillAsync("fill--1", archive, Stop));
        Assert.Throws<FormatException>(() => Volumes.Rename("fill--1", "a"));
        Volumes.Rename("fill--1", "b");
        Volumes.Rename("fill--1", "b");
        Assert.Throws<FormatException>(() => Volumes.Rename("fill--1", "c"));
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(_folders.Lasting, "b", "word"), Stop));

        // A fill that fails leaves nothing.
        using var half = new MemoryStream(archive.ToArray()[..700]);
        await Assert.ThrowsAsync<FormatException>(() => Volumes.FillAsync("fill--2", half, Stop));
        Volumes.Remove("b");
        Volumes.Remove("b");
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_folders.Lasting).Select(Path.GetFileName));
        Assert.All(["..", ".gone-x", "a/b", ""], name => Assert.Throws<FormatException>(() => Volumes.Remove(name)));
    }

    [Fact]
    public async Task What_a_link_leads_to_is_neither_read_nor_removed_nor_given_away()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folders.Data, "outside")).FullName;
        await WriteAsync(outside, "secret", "not yours");
        var folder = Volumes.Place("links", "/nowhere", user: null);
        Directory.CreateSymbolicLink(Path.Combine(folder, "folder"), outside);
        File.CreateSymbolicLink(Path.Combine(folder, "file"), Path.Combine(outside, "secret"));
        using (var archive = await ArchiveAsync("links"))
        {
            Assert.Equal([("file", TarEntryType.SymbolicLink), ("folder", TarEntryType.SymbolicLink)], await EntriesAsync(archive));
        }

        using (var open = OpenFolder.Open(folder)!)
        {
            Assert.Null(open.Folder("folder"));
            Assert.Null(open.File("file"));
        }

        Assert.Null(OpenFolder.Open(Path.Combine(folder, "folder")));
        Volumes.Remove("links");
        Assert.Equal("not yours", await File.ReadAllTextAsync(Path.Combine(outside, "secret"), Stop));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_read_again_and_one_that_never_rests_is_counted()
    {
        var folder = Volumes.Place("busy", "/nowhere", user: null);
        await WriteAsync(folder, "once", "old");
        await WriteAsync(folder, "always", "0");
        using var open = OpenFolder.Open(folder)!;
        var (archive, writes) = (new Meddling(), 0);
        archive.Before = () =>
        {
            File.WriteAllText(Path.Combine(folder, "always"), new string('x', ++writes));
            if (writes == 1)
            {
                File.AppendAllText(Path.Combine(folder, "once"), " and new");
            }
        };
        await VolumeArchive.WriteAsync(open, archive, Stop);

        // Of each name the last one counts, and an archive of them can be unpacked.
        var target = Directory.CreateDirectory(Path.Combine(_folders.Data, "unpacked")).FullName;
        archive.Position = 0;
        await VolumeUnpack.RunAsync(archive, target, Stop);
        Assert.Equal("old and new", await File.ReadAllTextAsync(Path.Combine(target, "once"), Stop));
        archive.Position = 0;
        await using var tar = new TarReader(archive);
        var marks = new Dictionary<string, string>();
        while (await tar.GetNextEntryAsync(copyData: false, Stop) is { } entry)
        {
            if (entry is PaxGlobalExtendedAttributesTarEntry global)
            {
                marks = global.GlobalExtendedAttributes.ToDictionary();
            }
        }

        Assert.Equal(("1", "1"), (marks[VolumeMarks.End], marks[VolumeMarks.Changing]));
    }

    private static Task WriteAsync(string folder, string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text, Stop);

    private static async Task<List<(string Name, TarEntryType Type)>> EntriesAsync(Stream archive)
    {
        var entries = new List<(string, TarEntryType)>();
        await using var tar = new TarReader(archive, leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, Stop) is { } entry)
        {
            if (entry is not PaxGlobalExtendedAttributesTarEntry)
            {
                entries.Add((entry.Name, entry.EntryType));
            }
        }

        return entries;
    }

    private async Task<MemoryStream> ArchiveAsync(string name)
    {
        var archive = new MemoryStream();
        using var open = Volumes.Open(name);
        await VolumeArchive.WriteAsync(open, archive, Stop);
        archive.Position = 0;
        return archive;
    }

    /// <summary>Does something before each piece that is written.</summary>
    private sealed class Meddling : MemoryStream
    {
        public Action Before { get; set; } = () => { };

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Before();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
