namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Gives memory back after work that needed several times what stays, such as reading a large catalogue. The collector itself
/// would keep it for a load that does not come again. Everything stands still meanwhile, about half a second for 100,000 entities.
/// </summary>
internal static class HeapCompaction
{
    public static void Run() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
