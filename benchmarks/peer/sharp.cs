#:package LLamaSharp@0.30.0
#:package LLamaSharp.Backend.Cpu@0.30.0
#:property ManagePackageVersionsCentrally=false
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
#:property ImportDirectoryBuildTargets=false
#:property JsonSerializerIsReflectionEnabledByDefault=true

// One process of LLamaSharp: llama.cpp as C# programs have it. Takes the job of llama.mjs as JSON in its only argument and prints what that prints; a step is one
// Decode of the native context with the token's logits, which is llama_decode.
using System.Diagnostics;
using System.Text.Json;
using LLama;
using LLama.Common;
using LLama.Native;

const int MostBatch = 512;
const int WarmUpTokens = 128; // As many as akv bench.

NativeLibraryConfig.All.WithLogCallback((level, message) => { });
Job job = JsonSerializer.Deserialize<Job>(args[0], new JsonSerializerOptions(JsonSerializerDefaults.Web))!;
int[] ids = JsonSerializer.Deserialize<int[]>(File.ReadAllText(job.Ids))!;
int longest = Math.Max(Math.Max(job.Depths[^1] + job.Tokens, job.PrefillDepths.Append(0).Max() + job.Prefill), WarmUpTokens);
using LLamaWeights weights = LLamaWeights.LoadFromFile(Parameters(1, longest));
LLamaBatch batch = new();
Measured measured = Alone();
Console.WriteLine(JsonSerializer.Serialize(measured with { Batches = job.Batch.Length == 0 ? [] : Together() }, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }));

ModelParams Parameters(int sequences, int length) => new(job.Model)
{
    ContextSize = (uint)(sequences * (length + 2)),
    SeqMax = (uint)sequences,
    BatchSize = MostBatch,
    UBatchSize = MostBatch,
    Threads = job.Threads,
    BatchThreads = job.Threads,
    GpuLayerCount = 0,
    FlashAttention = job.Flash,
    TypeK = Enum.Parse<GGMLType>($"GGML_TYPE_{job.Type}"),
    TypeV = Enum.Parse<GGMLType>($"GGML_TYPE_{job.Type}"),
};

Measured Alone()
{
    using LLamaContext context = weights.CreateContext(Parameters(1, longest));
    SafeLLamaContextHandle native = context.NativeHandle;
    Read(native, 0, 0, job.Prefill, logits: false);
    Forget(native, 0, 0);
    for (int i = 0; i < WarmUpTokens; i++)
    {
        Step(native, 1, i, ids[i % ids.Length]);
    }

    Forget(native, 0, 0);
    List<Prefill> prefills = [new(0, job.Prefill, Read(native, 0, 0, job.Prefill, logits: false))];
    Forget(native, 0, 0);
    double first = Read(native, 0, 0, job.Prefill, logits: true);
    Forget(native, 0, 0);
    List<DecodeTimes> decodes = [];
    int filled = 0;
    foreach (int depth in job.Depths.Union(job.PrefillDepths).Where(depth => depth > 0).Order())
    {
        Read(native, 0, filled, depth, logits: false);
        filled = depth;
        if (job.PrefillDepths.Contains(depth))
        {
            prefills.Add(new(depth, job.Prefill, Read(native, 0, depth, depth + job.Prefill, logits: false)));
            Forget(native, 0, depth);
        }

        if (job.Depths.Contains(depth))
        {
            long bytes = (long)native.GetStateSize();
            List<double> steps = [];
            List<int> next = [];
            for (int i = 0; i < job.Tokens; i++)
            {
                steps.Add(Step(native, 1, depth + i, ids[depth + i]));
                ReadOnlySpan<float> logits = native.GetLogitsIth(0);
                next.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits));
            }

            decodes.Add(new(depth, Median(steps), bytes, steps, next));
            Forget(native, 0, depth);
        }
    }

    using Process process = Process.GetCurrentProcess();
    return new Measured(context.GenerationThreads, new(prefills[0].Tokens, prefills[0].Ms, first), prefills, decodes, [], process.PeakWorkingSet64);
}

List<BatchTimes> Together()
{
    int most = job.Batch[^1];
    using LLamaContext context = weights.CreateContext(Parameters(most, job.BatchDepths[^1] + job.Tokens));
    SafeLLamaContextHandle native = context.NativeHandle;
    List<BatchTimes> all = [];
    int filled = 0;
    foreach (int depth in job.BatchDepths)
    {
        for (int sequence = 0; sequence < most; sequence++)
        {
            Read(native, sequence, filled, depth, logits: false);
        }

        filled = depth;
        foreach (int size in job.Batch)
        {
            List<double> steps = [.. Enumerable.Range(0, job.Tokens).Select(i => Step(native, size, depth + i, ids[depth + i]))];
            for (int sequence = 0; sequence < size; sequence++)
            {
                Forget(native, sequence, depth);
            }

            all.Add(new(depth, size, Median(steps), steps));
        }
    }

    return all;
}

// Milliseconds of a prompt, a batch at a time.
double Read(SafeLLamaContextHandle native, int sequence, int from, int to, bool logits)
{
    double time = 0;
    for (int start = from; start < to; start += MostBatch)
    {
        batch.Clear();
        int end = Math.Min(start + MostBatch, to);
        for (int i = start; i < end; i++)
        {
            batch.Add(ids[i], i, (LLamaSeqId)sequence, logits && i == to - 1);
        }

        time += Decode(native);
    }

    return time;
}

// Milliseconds of a token of each of some sequences.
double Step(SafeLLamaContextHandle native, int sequences, int position, int token)
{
    batch.Clear();
    for (int sequence = 0; sequence < sequences; sequence++)
    {
        batch.Add(token, position, (LLamaSeqId)sequence, true);
    }

    return Decode(native);
}

double Decode(SafeLLamaContextHandle native)
{
    long start = Stopwatch.GetTimestamp();
    DecodeResult result = native.Decode(batch);
    native.Synchronize();
    double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    return result == DecodeResult.Ok ? time : throw new InvalidOperationException($"llama_decode returned {result}");
}

void Forget(SafeLLamaContextHandle native, int sequence, int from) => native.MemorySequenceRemove((LLamaSeqId)sequence, from, -1);

static double Median(IReadOnlyList<double> values)
{
    double[] sorted = [.. values.Order()];
    return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

internal sealed record Job(string Model, string Ids, string Type, bool Flash, int[] Depths, int Tokens, int Prefill, int[] PrefillDepths, int[] Batch, int[] BatchDepths, int Threads);

internal sealed record Measured(int Threads, FirstPrefill Prefill, IReadOnlyList<Prefill> Prefills, IReadOnlyList<DecodeTimes> Decodes, IReadOnlyList<BatchTimes> Batches, long PeakRssBytes);

internal sealed record FirstPrefill(int Tokens, double Ms, double FirstTokenMs);

internal sealed record Prefill(int Depth, int Tokens, double Ms);

internal sealed record DecodeTimes(int Depth, double Ms, long KvBytes, IReadOnlyList<double> StepMs, IReadOnlyList<int> Next);

internal sealed record BatchTimes(int Depth, int Sessions, double Ms, IReadOnlyList<double> StepMs);
