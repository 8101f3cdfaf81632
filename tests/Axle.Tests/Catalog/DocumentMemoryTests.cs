using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Catalog.Locations;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axle.Tests.Catalog;

/// <summary>What is known of documents over a restart: all of it, or nothing.</summary>
public sealed class DocumentMemoryTests : IDisposable
{
    private const string Location = "01J8ZQ0000000000000000000A";

    private static readonly KnownDocument[] s_documents =
    [
        new(UInt128.MaxValue, EntityRef.Parse("component:default/orders"), "01J8ZQ0000000000000000000B", 3),
        new(7, EntityRef.Parse("group:shop/ü"), "01J8ZQ0000000000000000000C", long.MaxValue),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-documents-").FullName;

    private string File => Path.Combine(_folder, "catalog", "documents", Location);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_saved_is_there_after_a_start()
    {
        Memory().Save(Location, "1 True", s_documents);

        Assert.Equal(s_documents, Memory().Load(Location, "1 True"));
        Assert.Empty(Memory().Load(Location, "2 True"));
        Assert.Empty(Memory().Load("01J8ZQ0000000000000000000Z", "1 True"));

        Memory().Forget(Location);
        Assert.Empty(Memory().Load(Location, "1 True"));
    }

    [Fact]
    public void Another_version_of_the_code_knows_nothing()
    {
        Memory().Save(Location, "1 True", s_documents);
        Assert.Empty(Memory([]).Load(Location, "1 True"));
    }

    [Fact]
    public void A_file_that_was_cut_or_changed_anywhere_is_as_none()
    {
        var memory = Memory();
        memory.Save(Location, "1 True", s_documents);
        var whole = System.IO.File.ReadAllBytes(File);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[1, 255], Gen.Bool).Sample(
            (place, change, cut) =>
            {
                var damaged = cut ? whole[..place] : [.. whole];
                if (!cut)
                {
                    damaged[place] ^= (byte)change;
                }

                System.IO.File.WriteAllBytes(File, damaged);
                Assert.Empty(memory.Load(Location, "1 True"));
            },
            iter: 500,
            threads: 1);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_stops_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "catalog"));
        System.IO.File.WriteAllText(Path.Combine(_folder, "catalog", "documents"), "a file where the folder should be");
        var memory = Memory();

        memory.Save(Location, "1 True", s_documents);
        memory.Forget(Location);
        Assert.Empty(memory.Load(Location, "1 True"));
    }

    private DocumentMemory Memory(IEnumerable<EntityKind>? kinds = null) => new(
        new PlatformOptions { DataFolder = _folder, PublicUrl = "http://localhost", IngressPort = 0 },
        new EntityKinds(kinds ?? CatalogKinds.All),
        NullLogger<DocumentMemory>.Instance);
}
