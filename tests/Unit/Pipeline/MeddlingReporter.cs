using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Unit.Pipeline;

/// <summary>Does something when long work begins.</summary>
internal sealed class MeddlingReporter(Action meddle) : IStageReporter
{
    public void Note(string line)
    {
    }

    public T Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial)
    {
        meddle();
        return work(new Progress<long>());
    }
}
