using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Unit.Evaluation.Speed;

public sealed class SpeedConditionsTests
{
    [Fact]
    public void A_Release_build_with_AVX2_may_be_timed() => Assert.Empty(SpeedConditions.Examine(debugBuild: false, avx2: true));

    [Fact]
    public void Each_fault_names_its_remedy() => Assert.Equal(
        ["this is a Debug build: build with -c Release", "AVX2 is not in use: take a machine that has it, without DOTNET_EnableAVX2=0"],
        SpeedConditions.Examine(debugBuild: true, avx2: false));
}
