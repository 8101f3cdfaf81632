using Axle.Platform.Workloads;

namespace Axle.Tests.Workloads;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("500m", 500)]
    [InlineData("1", 1000)]
    [InlineData("1.5", 1500)]
    [InlineData("0.0001", 1)]
    [InlineData("0", 0)]
    [InlineData("007", 7000)]
    [InlineData("1.5m", null)]
    [InlineData("1.", null)]
    [InlineData(".5", null)]
    [InlineData("-1", null)]
    [InlineData("1 ", null)]
    [InlineData("1\n", null)]
    [InlineData("١", null)]
    [InlineData("99999999999999999999999999999999", null)]
    public void Cpu_is_read_in_thousandths(string text, int? millis) => Assert.Equal(millis, Quantity.CpuMillis(text));

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("0.5", 1L)]
    [InlineData("128Mi", 128L << 20)]
    [InlineData("1.5Gi", 3L << 29)]
    [InlineData("1K", 1000L)]
    [InlineData("2M", 2_000_000L)]
    [InlineData("1E", 1_000_000_000_000_000_000L)]
    [InlineData("7Ei", 7L << 60)]
    [InlineData("8Ei", null)]
    [InlineData("0", null)]
    [InlineData("01M", null)]
    [InlineData("1k", null)]
    [InlineData("1MiB", null)]
    [InlineData("1m", null)]
    [InlineData("1Mi\n", null)]
    [InlineData("", null)]
    public void Memory_is_read_in_bytes(string text, long? bytes) => Assert.Equal(bytes, Quantity.Bytes(text));
}
