using System.Diagnostics;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Unit.Policies.Control;

[Collection(Alone.Name)]
public sealed class ControllerSpeedTests
{
    [Theory]
    [InlineData(128)]
    [InlineData(128, 128)]
    public void A_choice_takes_a_few_microseconds(params int[] hidden)
    {
        const int Choices = 20_000;
        Controller controller = Sample.Controller(SaliencyFeatures.All, hidden);
        float[] saliency = Sample.Numbers(SaliencyFeatures.All.Count, 3, 4f);
        double best = double.PositiveInfinity;
        for (int run = 0; run < 5; run++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Choices; i++)
            {
                controller.Choose(saliency, i);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Choices);
        }

        TestContext.Current.SendDiagnosticMessage($"a choice through [{string.Join(", ", hidden)}]: {best:F2} us");
        Assert.InRange(best, 0, 25);
    }
}
