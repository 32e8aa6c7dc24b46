using System.Runtime.ExceptionServices;

namespace AdaptiveKv.Collection;

/// <summary>
/// Collectors side by side, each with an item of its own: items are short, and threads that share one wait for each other at every layer. What they find does
/// not hang on how many they are.
/// </summary>
/// <typeparam name="T">A collector.</typeparam>
internal sealed class SideBySide<T> : IDisposable
    where T : IDisposable
{
    private const long MostBytes = 1L << 30;

    private readonly List<T> collectors = [];

    /// <summary>Makes them.</summary>
    /// <param name="threads">Threads of all together; those that the memory leaves no collector for go to the others.</param>
    /// <param name="bytes">Memory that each takes.</param>
    /// <param name="make">Makes one that has some threads.</param>
    public SideBySide(int threads, long bytes, Func<int, T> make)
    {
        int count = (int)Math.Clamp(MostBytes / bytes, 1, threads);
        try
        {
            for (int i = 0; i < count; i++)
            {
                collectors.Add(make(threads / count));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Goes through items; whoever is free takes the next one.</summary>
    /// <returns>What was found of each, in their order.</returns>
    public IReadOnlyList<TResult> Collect<TItem, TResult>(IEnumerable<TItem> items, Func<T, TItem, TResult> collect)
    {
        SortedDictionary<int, TResult> found = [];
        using IEnumerator<TItem> source = items.GetEnumerator();
        int taken = 0;
        Exception? failure = null;
        Task[] tasks = [.. collectors.Select(collector => Task.Factory.StartNew(() => Work(collector), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(tasks);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return [.. found.Values];

        void Work(T collector)
        {
            try
            {
                while (Next(out TItem item) is var index && index >= 0)
                {
                    TResult result = collect(collector, item);
                    lock (found)
                    {
                        found.Add(index, result);
                    }
                }
            }
#pragma warning disable CA1031 // The edge of the thread: whoever waits for the items is told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        }

        int Next(out TItem item)
        {
            lock (source)
            {
                bool more = Volatile.Read(ref failure) is null && source.MoveNext();
                item = more ? source.Current : default!;
                return more ? taken++ : -1;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => collectors.ForEach(collector => collector.Dispose());
}
