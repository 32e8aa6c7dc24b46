using AdaptiveKv.Files;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Packing;
using AdaptiveKv.KvCache;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Parameters;

namespace AdaptiveKv.Kernels;

/// <summary>One matrix product on one thread: a decoded token, eight sequences that decode together, or a prefill tile of 64. The matrices fit in the caches.</summary>
public unsafe class MatrixBenchmarks
{
    private WeightArena arena = null!;
    private PackedMatrix weights = null!;
    private QuantizedRows inputs = null!;
    private NativeBuffer outputs = null!;
    private NativeBuffer scratch = null!;

    [Params("Q4", "Q8")]
    public string Weights { get; set; } = "";

    /// <summary>Rows x columns: attention, gate or up, down, output.</summary>
    [Params("576x576", "1536x576", "576x1536", "49152x576")]
    public string Shape { get; set; } = "";

    [Params(1, 8, 64)]
    public int Tokens { get; set; }

    /// <summary>int8 planes of an activation.</summary>
    [Params(2, 1)]
    public int Planes { get; set; }

    [GlobalSetup]
    public void Pack()
    {
        (int rows, int columns) = Dimensions(Shape);
        WeightKind kind = Enum.Parse<WeightKind>(Weights);
        arena = new WeightArena(WeightArena.Rounded(PackedMatrix.BytesOf(kind, rows, columns)));
        weights = new PackedMatrix(kind, rows, columns, arena);
        byte[] stored = new byte[columns / PackedMatrix.BlockColumns * (kind == WeightKind.Q4 ? 20 : 34)];
        float[] values = new float[columns];
        for (int row = 0; row < rows; row++)
        {
            Draw(stored, kind, (ulong)row);
            RowPacker.Pack(
                kind == WeightKind.Q4 ? TensorType.Q4_1 : TensorType.Q8_0, stored, kind, weights.Octet(row / PackedMatrix.OctetRows), row % PackedMatrix.OctetRows, values);
        }

        inputs = new QuantizedRows(Tokens, columns, single: Planes == 1);
        outputs = NativeBuffer.OfFloats((long)Tokens * rows);
        scratch = NativeBuffer.OfFloats(MatrixProduct.ScratchFloats(columns, Tokens));
        fixed (float* source = SmolLm.Normal(Tokens * columns, seed: 1))
        {
            for (int token = 0; token < Tokens; token++)
            {
                inputs.Quantize(token, columns, source + (token * columns), 0, columns);
            }
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        arena.Dispose();
        inputs.Dispose();
        outputs.Dispose();
        scratch.Dispose();
    }

    [Benchmark]
    public void Int8() => MatrixProduct.Int8(weights, 0, weights.Octets, inputs, 0, Tokens, outputs.Floats, weights.Rows, add: false, scratch.Floats);

    internal static Work WorkOf(ParameterInstances parameters)
    {
        (int rows, int columns) = Dimensions((string)parameters[nameof(Shape)]);
        WeightKind kind = Enum.Parse<WeightKind>((string)parameters[nameof(Weights)]);
        return new Work(PackedMatrix.BytesOf(kind, rows, columns), (double)rows * columns * (int)parameters[nameof(Tokens)]);
    }

    /// <summary>A stored row of random codes whose scales (and minima) are finite halves.</summary>
    private static void Draw(Span<byte> stored, WeightKind kind, ulong row)
    {
        CounterRandom random = new(row);
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] = (byte)random.Bits((ulong)i);
        }

        int blockBytes = kind == WeightKind.Q4 ? 20 : 34;
        ushort scale = BitConverter.HalfToUInt16Bits((Half)0.01f);
        for (int block = 0; block < stored.Length; block += blockBytes)
        {
            BitConverter.TryWriteBytes(stored[block..], scale);
            if (kind == WeightKind.Q4)
            {
                BitConverter.TryWriteBytes(stored[(block + 2)..], scale);
            }
        }
    }

    private static (int Rows, int Columns) Dimensions(string shape) => shape.Split('x') is [var rows, var columns]
        ? (int.Parse(rows), int.Parse(columns))
        : throw new FormatException($"{shape}: expected ROWSxCOLUMNS");
}
