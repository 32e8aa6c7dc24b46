namespace AdaptiveKv.Pipeline.Stages;

/// <summary>Hears how a run goes.</summary>
public interface IStageReporter
{
    /// <summary>One line for people.</summary>
    void Note(string line);

    /// <summary>Runs long work and shows how far it is.</summary>
    /// <param name="title">A verb and its object: "collecting rows".</param>
    /// <param name="total">What the last report will be.</param>
    /// <param name="unit">A plural noun: "items".</param>
    /// <param name="work">Reports the absolute amount done so far, from any one thread at a time.</param>
    /// <param name="initial">What an earlier attempt had done; rates leave it out.</param>
    T Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial = 0);
}
