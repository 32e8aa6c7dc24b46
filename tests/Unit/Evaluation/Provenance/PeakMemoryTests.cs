using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Unit.Evaluation.Provenance;

public sealed class PeakMemoryTests
{
    [Fact]
    public void The_high_water_mark_is_read_in_kibibytes() => Assert.Equal(123_456L * 1024, PeakMemory.ParseStatus(["Name:\takv", "VmPeak:\t  999999 kB", "VmHWM:\t  123456 kB", "VmRSS:\t  1 kB"]));

    [Fact]
    public void A_status_without_it_gives_nothing() => Assert.Null(PeakMemory.ParseStatus(["Name:\takv"]));

    [Fact]
    public void The_peak_grows_with_touched_memory()
    {
        long before = PeakMemory.Bytes;
        byte[] touched = GC.AllocateUninitializedArray<byte>(256 << 20);
        touched.AsSpan().Fill(1);

        Assert.InRange(before, 1 << 20, long.MaxValue);
        Assert.True(PeakMemory.Bytes >= before);
        Assert.True(PeakMemory.Bytes >= 256 << 20);
        GC.KeepAlive(touched);
    }
}
