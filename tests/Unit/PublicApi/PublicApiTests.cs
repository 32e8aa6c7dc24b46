using System.Reflection;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.PublicApi;

/// <summary>What the packages offer is written down beside them: a change of it is seen in review, and is never an accident.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("AdaptiveKv", "KvCache", "Files", "Policies", "Inference")]
    [InlineData("AdaptiveKv.Extensions.AI", "Extensions")]
    [InlineData("AdaptiveKv.ML", "Data", "Pipeline", "Collection", "Torch", "Training", "Evaluation")]
    public void What_a_package_offers_is_written_down(string package, params string[] assemblies)
    {
        string written = Path.Combine(SharedFiles.Repository, "eng", "packages", package, "PublicApi.txt");
        string actual = string.Concat(assemblies.Select(name => PublicSurface.Of(Assembly.Load($"AdaptiveKv.{name}"))));
        if (File.Exists(written) && File.ReadAllText(written).ReplaceLineEndings("\n") == actual)
        {
            return;
        }

        string fresh = Path.Combine(Path.GetTempPath(), $"{package}.PublicApi.txt");
        File.WriteAllText(fresh, actual);
        string[] before = File.Exists(written) ? File.ReadAllLines(written) : [], after = actual.Split('\n');
        Assert.Fail($"{package}: gone: {string.Join(" | ", before.Except(after).Take(5))}; new: {string.Join(" | ", after.Except(before).Take(5))}; where that is wanted: cp {fresh} {written}");
    }
}
