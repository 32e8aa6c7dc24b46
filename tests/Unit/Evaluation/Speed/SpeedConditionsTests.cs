using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Unit.Evaluation.Speed;

public sealed class SpeedConditionsTests
{
    [Fact]
    public void A_Release_build_with_vectors_may_be_timed() => Assert.Empty(SpeedConditions.Examine(debugBuild: false, vectors: true));

    [Fact]
    public void Each_fault_names_its_remedy() => Assert.Equal(
        ["this is a Debug build: build with -c Release", "neither AVX2 nor AdvSimd is in use: take a machine that has one, without DOTNET_EnableAVX2=0"],
        SpeedConditions.Examine(debugBuild: true, vectors: false));
}
