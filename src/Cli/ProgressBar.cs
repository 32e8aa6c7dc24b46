using Spectre.Console;

namespace AdaptiveKv.Cli;

/// <summary>Shows how far long work is, at what rate, and the time left: a live bar on a screen, an occasional line elsewhere.</summary>
internal static class ProgressBar
{
    /// <summary>Runs <paramref name="work"/> and shows what it reports.</summary>
    /// <param name="terminal">Where to draw.</param>
    /// <param name="title">A verb and its object: "scoring static-4".</param>
    /// <param name="total">What the last report will be.</param>
    /// <param name="unit">A plural noun ("items"), or <see cref="Amount.Bytes"/>.</param>
    /// <param name="work">Reports the absolute amount done so far, from any one thread at a time.</param>
    /// <returns>What <paramref name="work"/> returns.</returns>
    public static T Run<T>(Terminal terminal, string title, long total, string unit, Func<IProgress<long>, T> work)
    {
        if (terminal.Screen is { } screen)
        {
            return screen.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RateColumn(unit), new RemainingTimeColumn())
                .Start(context => work(new Bar(context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total)))));
        }

        ProgressLines lines = new(terminal, title, total, unit);
        T result = work(lines);
        lines.Complete();
        return result;
    }

    private sealed class Bar(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }
}
