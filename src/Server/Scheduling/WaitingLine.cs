using AdaptiveKv.Server.Wire;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>Sequences that wait for their turn, in the order in which they came. Safe for use by several threads.</summary>
/// <param name="most">Most that wait.</param>
internal sealed class WaitingLine(int most)
{
    private readonly object gate = new();
    private readonly List<Sequence> waiting = [];
    private bool closed;

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Whether it takes no more.</summary>
    public bool IsClosed => Volatile.Read(ref closed);

    /// <summary>The one that came first; null where none waits.</summary>
    public Sequence? First
    {
        get
        {
            lock (gate)
            {
                return waiting.FirstOrDefault();
            }
        }
    }

    /// <summary>Adds sequences, all or none.</summary>
    /// <exception cref="ApiException">There are too many, or it is closed.</exception>
    public void Add(IReadOnlyCollection<Sequence> sequences)
    {
        lock (gate)
        {
            if (closed)
            {
                throw ApiException.Stopping();
            }

            if (waiting.Count + sequences.Count > most)
            {
                throw new ApiException(429, "queue_full", $"{waiting.Count} sequences wait and {sequences.Count} more would be too many for this server's --queue: try again later");
            }

            waiting.AddRange(sequences);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Takes out one that has its turn.</summary>
    public void Remove(Sequence sequence)
    {
        lock (gate)
        {
            waiting.Remove(sequence);
        }
    }

    /// <summary>Fails those that match.</summary>
    /// <returns>How many did.</returns>
    public int Fail(Predicate<Sequence> which, Func<Exception> why)
    {
        lock (gate)
        {
            waiting.FindAll(which).ForEach(sequence => sequence.Fail(why()));
            return waiting.RemoveAll(which);
        }
    }

    /// <summary>Takes no more.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Blocks until there is one, or it is closed, or some time has passed.</summary>
    /// <returns>Whether there is one, or it is closed.</returns>
    public bool Wait(TimeSpan time)
    {
        lock (gate)
        {
            return waiting.Count > 0 || closed || (Monitor.Wait(gate, time) && (waiting.Count > 0 || closed));
        }
    }
}
