using Spectre.Console;
using Spectre.Console.Rendering;

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
    /// <param name="initial">What an earlier attempt had done; rates leave it out.</param>
    /// <returns>What <paramref name="work"/> returns.</returns>
    public static T Run<T>(Terminal terminal, string title, long total, string unit, Func<IProgress<long>, T> work, long initial = 0)
    {
        if (terminal.Screen is { } screen)
        {
            return Live(screen, unit).Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(VisibleText.OnOneLine(title)), maxValue: Math.Max(1, total));
                task.Value = initial;
                return work(new Bar(task));
            });
        }

        ProgressLines lines = new(terminal, title, total, unit, initial);
        T result = work(lines);
        lines.Complete();
        return result;
    }

    /// <summary>The same for work in parts that only the work itself knows, such as files to download: a bar, or lines, for each.</summary>
    public static T RunParts<T>(Terminal terminal, string unit, Func<IProgress<PartProgress>, T> work)
    {
        if (terminal.Screen is { } screen)
        {
            return Live(screen, unit).Start(context => work(new PartBars(context)));
        }

        PartLines lines = new(terminal, unit);
        T result = work(lines);
        lines.Complete();
        return result;
    }

    private static Progress Live(IAnsiConsole screen, string unit) => screen.Progress().Columns(
        new TaskDescriptionColumn { Alignment = Justify.Left },
        new ProgressBarColumn(),
        new PercentageColumn(),
        new RateColumn(unit),
        new RemainingTimeColumn());

    private sealed class Bar(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }

    private sealed class PartBars(ProgressContext context) : IProgress<PartProgress>
    {
        private readonly Dictionary<string, ProgressTask> bars = [];

        public void Report(PartProgress value)
        {
            if (!bars.TryGetValue(value.Title, out ProgressTask? bar))
            {
                bars[value.Title] = bar = context.AddTask(Markup.Escape(VisibleText.OnOneLine(value.Title)), maxValue: Math.Max(1, value.Total));
            }

            bar.Value = value.Done;
        }
    }

    private sealed class PartLines(Terminal terminal, string unit) : IProgress<PartProgress>
    {
        private string? title;
        private ProgressLines? lines;

        public void Report(PartProgress value)
        {
            if (title != value.Title)
            {
                Complete();
                title = value.Title;
                lines = new ProgressLines(terminal, value.Title, value.Total, unit, value.Done);
            }

            lines!.Report(value.Done);
        }

        public void Complete() => lines?.Complete();
    }
}

/// <summary>A column of a live progress bar: amount per second.</summary>
/// <param name="unit">As in <see cref="Amount.Text(double, string)"/>.</param>
internal sealed class RateColumn(string unit) : ProgressColumn
{
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.Speed is { } speed ? Amount.Text(speed, unit) + "/s" : string.Empty);
}
