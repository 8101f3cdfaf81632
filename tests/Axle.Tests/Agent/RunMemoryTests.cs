using Axle.Agent;
using Axle.Agent.Isolation;
using Axle.Agent.Machine;
using Axle.Engines;
using DataFolder = Axle.Cli.Machine.DataFolder;

namespace Axle.Tests.Agent;

public sealed class RunMemoryTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _place = Directory.CreateTempSubdirectory("axle-memory-").FullName;
    private readonly AgentFolders _folders = new(Directory.CreateTempSubdirectory("axle-data-").FullName);

    private string Root => Path.Combine(_place, $"{_folders.Mark}-{Native.User}");

    public void Dispose()
    {
        Directory.Delete(_place, recursive: true);
        if (Directory.Exists(_folders.Data))
        {
            Directory.Delete(_folders.Data, recursive: true);
        }
    }

    [Fact]
    public void Runs_have_a_closed_folder_in_memory_and_leftovers_go()
    {
        var memory = RunMemory.Open(_folders, ["/nowhere", null, _place], [$"tmpfs {_place} tmpfs rw 0 0"]);
        Assert.Equal(Path.Combine(Root, "a"), memory.For("a", []));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Root));
        memory.For("b", []);
        memory.RemoveAllBut(new HashSet<string> { "b" });
        Assert.Equal(["b"], Directory.GetDirectories(Root).Select(Path.GetFileName));
        memory.RemoveEmpty();
        memory.Remove("b", null);
        memory.RemoveEmpty();
        Assert.False(Directory.Exists(Root));
    }

    [Theory]
    [InlineData("ext4 rw")]
    [InlineData(null)]
    public void What_is_on_a_disk_is_no_memory(string? mount)
    {
        var memory = RunMemory.Open(_folders, [_place], mount is null ? [] : [$"disk {_place} {mount} 0 0"]);
        Assert.Equal(Path.Combine(_folders.Runs, "a"), memory.For("a", []));
        Assert.False(File.Exists(_folders.Memory));
    }

    [Fact]
    public void A_program_is_not_placed_where_nothing_is_executed()
    {
        var memory = RunMemory.Open(_folders, [_place], ["/ / ext4 rw 0 0", $"shm {_place} tmpfs rw,nosuid,noexec 0 0"]);
        Assert.StartsWith(Root, memory.For("a", [new FileSpec("/x", "", "0644")]), StringComparison.Ordinal);
        Assert.StartsWith(_folders.Runs, memory.For("a", [new FileSpec("/x", "", "0755")]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_somebody_else_has_put_there_is_not_used()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_place, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Root, elsewhere);
        Assert.StartsWith(_folders.Runs, RunMemory.Open(_folders, [_place], [$"tmpfs {_place} tmpfs rw 0 0"]).For("a", []), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));

        Assert.SkipUnless(Native.IsRoot, "Only root can give a folder to somebody else.");
        Directory.Delete(Root);
        Directory.CreateDirectory(Root);
        Native.Chown(Root, 65534);
        Assert.StartsWith(_folders.Runs, RunMemory.Open(_folders, [_place], [$"tmpfs {_place} tmpfs rw 0 0"]).For("a", []), StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_the_platform_removes_what_a_killed_agent_left_in_memory()
    {
        var data = new DataFolder(_folders.Data);
        File.WriteAllText(Path.Combine(_folders.Data, "version"), "1\n");
        RunMemory.Open(_folders, [_place], [$"tmpfs {_place} tmpfs rw 0 0"]).For("a", []);
        data.Purge();
        Assert.Empty(Directory.GetFileSystemEntries(_place));
        Assert.False(data.Exists);
    }
}
