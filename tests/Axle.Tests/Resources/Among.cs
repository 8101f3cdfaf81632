using CsCheck;

namespace Axle.Tests.Resources;

internal static class Among
{
    /// <summary>One of some values.</summary>
    public static Gen<T> These<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
