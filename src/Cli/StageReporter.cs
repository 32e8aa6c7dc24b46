using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli;

/// <summary>Shows on a terminal how a run of stages goes.</summary>
internal sealed class StageReporter(Terminal terminal) : IStageReporter
{
    public void Note(string line) => terminal.Note(line);

    public T Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial = 0) =>
        ProgressBar.Run(terminal, title, total, unit, work, initial);
}
