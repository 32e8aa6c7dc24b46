using AdaptiveKv.Torch;

namespace AdaptiveKv.Unit.Torch;

/// <summary>Tests that train skip, with the reason, where libtorch is not there.</summary>
internal static class TorchHere
{
    public static void Require()
    {
        Assert.SkipUnless(TorchRuntime.Missing is null, TorchRuntime.Missing ?? string.Empty);
        TorchRuntime.Load();
    }
}
