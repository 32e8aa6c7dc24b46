using AdaptiveKv.Inference.Timing;

namespace AdaptiveKv.Inference.Threads;

/// <summary>
/// The caller and persistent workers that run one body together (single program, multiple data). A body may call <see cref="Barrier"/>;
/// all threads of the team must then call it equally often. Waiting spins for a moment, then yields the processor, then gives it up. Where the
/// threads outnumber the processors it gives it up at once: another member needs it.
/// </summary>
/// <remarks>
/// A team has no more members than the process has processors, however many threads it is asked for: those beyond would only wait for each other, and what a
/// team computes does not depend on its members, to the bit.
/// </remarks>
public sealed class ThreadTeam : IDisposable
{
    /// <summary>The most threads of a team: more than any machine has use for.</summary>
    public const int MostThreads = 512;

    // .NET's pauses are normalized: a round takes about 0.2 microseconds on every machine.
    private const int PausesPerRound = 8;
    private const int BarrierRounds = 200; // 45 microseconds: a member that takes longer has lost its core.
    private const int BarrierYields = 5000; // Some milliseconds: sleeping and being woken takes as long as a part of a layer.
    private const int IdleRounds = 2000; // 0.4 milliseconds: longer than the sampling between two steps.

    private readonly Thread[] workers;
    private readonly ManualResetEventSlim[] wake;
    private readonly WorkTickets tickets;
    private readonly object gate = new(); // Of those that gave up their processor at a barrier.
    private readonly bool crowded;
    private Action<int>? body;
    private Exception? failure;
    private int round;
    private int arrived;
    private int generation;
    private int parked;
    private bool stopping;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Threads of the team, the caller included; 1 to <see cref="MostThreads"/>. Where the processors are fewer, there are as many as those.</param>
    public ThreadTeam(int threads)
        : this(threads, Processors.Logical)
    {
    }

    private ThreadTeam(int wanted, int processors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, 1, "threads");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, MostThreads, "threads");
        int threads = Math.Min(wanted, processors);
        Threads = threads;
        crowded = threads > Processors.Logical;
        tickets = new WorkTickets(threads);
        workers = new Thread[threads - 1];
        wake = new ManualResetEventSlim[threads - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int member = i + 1;
            wake[i] = new ManualResetEventSlim(false, 0);
            workers[i] = new Thread(() => Work(member)) { IsBackground = true, Name = $"akv worker {member}" };
            workers[i].Start();
        }
    }

    /// <summary>Threads of the team, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Hears of loops and barriers; null where nobody asks.</summary>
    internal WorkLog? Log { get; set; }

    /// <summary>A team of so many members, also where the processors are fewer: to see what a larger machine would do.</summary>
    internal static ThreadTeam Of(int members) => new(members, MostThreads);

    /// <summary>Whether a member failed: it runs nothing any more.</summary>
    internal bool IsBroken => Volatile.Read(ref failure) is not null;

    /// <summary>Runs <paramref name="work"/> with every member's number, 0 being the caller; returns when all are done.</summary>
    /// <param name="work">Keep the delegate in a field: nothing is allocated here.</param>
    public void Run(Action<int> work)
    {
        if (Volatile.Read(ref failure) is { } earlier)
        {
            throw new InvalidOperationException("the thread team is broken by an earlier failure", earlier);
        }

        Log?.Begin();

        // A full fence: a worker that cleared its signal before the round was counted must be seen by IsSet, or nobody wakes it.
        body = work;
        Interlocked.Increment(ref round);
        foreach (ManualResetEventSlim signal in wake)
        {
            if (!signal.IsSet)
            {
                signal.Set();
            }
        }

        Guarded(work, 0);
        if (Volatile.Read(ref failure) is { } error)
        {
            throw new InvalidOperationException("a member of the thread team failed: " + error.Message, error);
        }
    }

    /// <summary>Waits until every member of the team is here.</summary>
    public void Barrier()
    {
        if (Threads == 1)
        {
            Log?.EndRegion();
            return;
        }

        int seen = Volatile.Read(ref generation);
        if (Interlocked.Increment(ref arrived) == Threads)
        {
            Volatile.Write(ref arrived, 0);
            Log?.EndRegion(); // All others wait.
            Interlocked.Increment(ref generation); // A full fence: who is not counted as parked yet sees the new generation.
            WakeParked();
            return;
        }

        for (int i = crowded ? BarrierRounds + BarrierYields : 0; Volatile.Read(ref generation) == seen; i++)
        {
            if (Volatile.Read(ref failure) is not null)
            {
                throw new InvalidOperationException("another member of the thread team failed");
            }

            if (i < BarrierRounds)
            {
                Thread.SpinWait(PausesPerRound);
            }
            else if (i < BarrierRounds + BarrierYields)
            {
                Thread.Yield(); // A member lost its core; let it have this one.
            }
            else
            {
                Park(seen);
            }
        }
    }

    /// <summary>Shares out the items of a loop among all members, who run the same loops. What they write in it is there for the others after a barrier, not before.</summary>
    /// <param name="count">Items.</param>
    /// <param name="member">Who asks.</param>
    internal WorkParts Parts(int count, int member)
    {
        if (member == 0)
        {
            Log?.Loop(count);
        }

        return tickets.Begin(count, member);
    }

    /// <summary>The same, item by item.</summary>
    internal WorkItems Items(int count, int member) => new(Parts(count, member));

    /// <summary>Stops the workers.</summary>
    public void Dispose()
    {
        Volatile.Write(ref stopping, true);
        Volatile.Write(ref round, round + 1);
        for (int i = 0; i < workers.Length; i++)
        {
            wake[i].Set();
            workers[i].Join();
            wake[i].Dispose();
        }
    }

    private void Work(int member)
    {
        ManualResetEventSlim signal = wake[member - 1];
        int done = 0;
        while (true)
        {
            for (int i = crowded ? IdleRounds : 0; Volatile.Read(ref round) == done; i++)
            {
                if (i < IdleRounds)
                {
                    Thread.SpinWait(PausesPerRound);
                }
                else
                {
                    signal.Wait();
                    signal.Reset(); // The round was counted before the signal was set: looking again cannot miss it.
                }
            }

            done++;
            if (Volatile.Read(ref stopping))
            {
                return;
            }

            Guarded(body!, member);
        }
    }

    // The first failure breaks the team: members that wait at a barrier stop waiting, and the caller reports it.
    private void Guarded(Action<int> work, int member)
    {
        try
        {
            work(member);
            Barrier();
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref failure, error, null);
            WakeParked();
        }
    }

    private void Park(int seen)
    {
        lock (gate)
        {
            Interlocked.Increment(ref parked);
            while (Volatile.Read(ref generation) == seen && Volatile.Read(ref failure) is null)
            {
                Monitor.Wait(gate);
            }

            parked--;
        }
    }

    private void WakeParked()
    {
        if (Volatile.Read(ref parked) > 0)
        {
            lock (gate)
            {
                Monitor.PulseAll(gate);
            }
        }
    }
}
