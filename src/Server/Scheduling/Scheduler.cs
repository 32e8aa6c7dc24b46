using System.Threading.Channels;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Server.Wire;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>
/// One thread that owns all sessions. In each round it admits who fits, reads a part of one prompt, and takes one step of all sequences that decode; so a long
/// prompt holds the others up by its parts alone.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    // What others wait for between two of their tokens.
    private const int MostTogether = 64;

    private const int KeptPerSlot = 4;

    private readonly LlamaModel model;
    private readonly SchedulerOptions options;
    private readonly TimeProvider time;
    private readonly CacheStore store;
    private readonly Admission admission;
    private readonly Thread thread;
    private readonly WaitingLine line;
    private readonly List<Sequence> running = [];
    private SessionBatch batch;
    private long promptTokens;
    private long sharedTokens;
    private long generatedTokens;
    private long steps;
    private bool cut;
    private long deadline;
    private volatile SchedulerState state;

    /// <summary>Starts.</summary>
    /// <param name="model">Outlives it.</param>
    /// <param name="options">How sequences are run.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The policies cannot keep the budget.</exception>
    public Scheduler(LlamaModel model, SchedulerOptions options, TimeProvider time)
    {
        (this.model, this.options, this.time) = (model, options, time);
        store = new CacheStore(options.Keep, KeptPerSlot * options.Slots, time);
        batch = new SessionBatch(model, options.Slots, options.Threads);
        admission = new Admission(model, options, store);
        line = new WaitingLine(options.Queue + options.Slots);
        state = Look();
        thread = new Thread(Run) { IsBackground = true, Name = "akv scheduler" };
        thread.Start();
    }

    /// <summary>Is told the time until each first token.</summary>
    public Action<TimeSpan>? FirstToken { get; init; }

    /// <summary>What it does.</summary>
    public SchedulerState State => state;

    /// <summary>Budget of all caches, what they take and took at most.</summary>
    public KvCache.CachePool Pool => admission.Pool;

    /// <summary>Most tokens of a sequence, prompt and continuation together.</summary>
    public int MostTokens => admission.MostTokens;

    /// <summary>The threads that run all sequences.</summary>
    internal ThreadTeam Team => batch.Team;

    /// <summary>Whether it takes no more sequences.</summary>
    public bool IsStopping => line.IsClosed;

    /// <summary>Lets sequences wait for their turn.</summary>
    /// <returns>What they gain, each until a piece with its result; fails with the first of them that does.</returns>
    /// <exception cref="ApiException">Too many wait, or the server is stopping.</exception>
    public ChannelReader<Piece> Submit(IReadOnlyList<SequenceRequest> requests)
    {
        if (requests.Count > options.Queue + options.Slots)
        {
            throw new ApiException(400, "too_many_sequences", $"{requests.Count} answers are asked for: this server runs {options.Slots} and lets {options.Queue} wait: ask for fewer at a time");
        }

        Channel<Piece> pieces = Channel.CreateUnbounded<Piece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Sequence[] sequences = [.. requests.Select((request, index) => new Sequence(request, index, pieces.Writer, model, time))];
        line.Add(sequences);
        return pieces.Reader;
    }

    /// <summary>Takes no more sequences, fails those that wait, and gives those that run some time.</summary>
    /// <returns>Whether all that ran ended by themselves.</returns>
    public bool Stop(TimeSpan grace)
    {
        Interlocked.Exchange(ref deadline, time.GetTimestamp() + (long)(grace.TotalSeconds * time.TimestampFrequency));
        line.Close();
        thread.Join();
        return !cut;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(TimeSpan.Zero);
        batch.Dispose();
        store.Dispose();
    }

    private void Run()
    {
        while (Wait())
        {
            DropCancelled();
            Admit();
            Guarded(running.Where(sequence => !sequence.HasRead).Take(1), ReadPrompt);
            Guarded(running.Where(sequence => sequence.HasRead), Decode);
            state = Look();
        }
    }

    // Until there is something to do; false when there never will be.
    private bool Wait()
    {
        while (running.Count == 0 && !line.Wait(store.NextEnd is { } next ? next + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan))
        {
            store.DropOld();
            state = Look();
        }

        if (!line.IsClosed)
        {
            return true;
        }

        cut |= line.Fail(_ => true, ApiException.Stopping) > 0;
        if (running.Count > 0 && time.GetTimestamp() >= Interlocked.Read(ref deadline))
        {
            cut = true;
            running.ToList().ForEach(sequence => End(sequence, ApiException.Stopping()));
        }

        return running.Count > 0;
    }

    private void DropCancelled()
    {
        line.Fail(sequence => sequence.Request.Cancellation.IsCancellationRequested, () => new OperationCanceledException());
        foreach (Sequence sequence in running.Where(sequence => sequence.Request.Cancellation.IsCancellationRequested).ToArray())
        {
            End(sequence, new OperationCanceledException());
        }
    }

    // In the order in which they came.
    private void Admit()
    {
        while (running.Count < options.Slots)
        {
            if (line.First is not { } next || !Begins(next))
            {
                return;
            }

            line.Remove(next);
        }
    }

    // Whether a sequence waits no longer.
    private bool Begins(Sequence next)
    {
        try
        {
            if (admission.Admit(next.Request, Math.Min(options.Slots - running.Count, Math.Max(line.Count, 2)), batch.Team) is not { } holder)
            {
                return running.Count == 0 ? throw new InvalidOperationException("the sequence does not fit into the whole budget") : false;
            }

            next.Begin(holder);
            running.Add(next);
            sharedTokens += holder.Shared;
        }
#pragma warning disable CA1031 // As below.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            next.Fail(exception);
        }

        return true;
    }

    private void ReadPrompt(IReadOnlyList<Sequence> sequences)
    {
        Sequence sequence = sequences[0];
        int before = sequence.Holder!.Cache.Count;
        sequence.Read(running.Count > 1 ? Math.Min(admission.Batch, MostTogether) : admission.Batch);
        promptTokens += sequence.Holder.Cache.Count - before;
        if (sequence.HasRead)
        {
            FirstToken?.Invoke(sequence.First);
        }
    }

    private void Decode(IReadOnlyList<Sequence> sequences)
    {
        AdaptiveSession[] sessions = [.. sequences.Select(sequence => sequence.Holder!.Session!)];
        NextTokenStatistics[] next = new NextTokenStatistics[sessions.Length];
        batch.Step(sessions, [.. sequences.Select(sequence => sequence.Next)], next);
        steps++;
        for (int i = 0; i < sessions.Length; i++)
        {
            sequences[i].Take(sessions[i].Logits, next[i]);
        }
    }

    // What fails takes its own sequences with it and no others.
    private void Guarded(IEnumerable<Sequence> chosen, Action<IReadOnlyList<Sequence>> work)
    {
        Sequence[] sequences = [.. chosen];
        if (sequences.Length == 0)
        {
            return;
        }

        Exception? failure = null;
        int before = sequences.Sum(sequence => sequence.Generated);
        try
        {
            work(sequences);
        }
#pragma warning disable CA1031 // The edge of the thread: what fails is told to those who wait.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        generatedTokens += sequences.Sum(sequence => sequence.Generated) - before;
        if (batch.Team.IsBroken)
        {
            Renew(failure!);
            return;
        }

        foreach (Sequence sequence in sequences.Where(sequence => failure is not null || sequence.Ended is not null))
        {
            End(sequence, failure);
        }
    }

    // Threads that broke in the middle of something take all who run with them, and what was half written; who comes next finds others.
    private void Renew(Exception failure)
    {
        running.ForEach(sequence => sequence.Fail(failure));
        running.Clear();
        store.Clear();
        batch.Dispose();
        batch = new SessionBatch(model, options.Slots, options.Threads);
    }

    private void End(Sequence sequence, Exception? failure)
    {
        CacheHolder holder = sequence.Holder!;
        running.Remove(sequence);
        if (failure is null)
        {
            sequence.End(holder.Session!.Policy.Name);
        }
        else
        {
            sequence.Fail(failure);
        }

        store.End(holder);
    }

    private SchedulerState Look() => new(
        running.Count,
        line.Count,
        promptTokens,
        sharedTokens,
        generatedTokens,
        steps,
        SchedulerState.Of(store.Holders),
        store.Holders.Where(holder => holder.Session is null).Sum(holder => holder.Bytes),
        model.CacheShape.ElementsPerToken);
}
