using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Final norm and output matrix, only for the rows whose logits are asked for, a panel of rows at a time.</summary>
internal sealed unsafe class OutputPass : IDisposable
{
    /// <summary>Most rows whose logits are held at a time.</summary>
    public const int PanelRows = 32;

    private readonly LlamaModel model;
    private readonly ThreadTeam team;
    private readonly Activations normed;
    private readonly NativeBuffer unpacked;
    private readonly Action<int> run;
    private NativeBuffer logits;
    private int room = 1; // A row is large: as many as were asked for at most.
    private int rows;

    public OutputPass(LlamaModel model, ThreadTeam team)
    {
        this.model = model;
        this.team = team;
        LlamaShape shape = model.Shape;
        normed = new Activations(PanelRows, shape.Hidden, model.Arithmetic);
        logits = NativeBuffer.OfFloats(shape.Vocabulary);
        unpacked = NativeBuffer.OfFloats(team.Threads * MatrixProduct.ScratchFloats(shape.Hidden, PanelRows));
        run = Multiply;
    }

    /// <summary>Visits the logits after rows of a residual stream.</summary>
    public void Visit(float* stream, int firstRow, int count, LogitsVisitor visit)
    {
        LlamaShape shape = model.Shape;
        if (Math.Min(count, PanelRows) is var most && most > room)
        {
            NativeBuffer larger = NativeBuffer.OfFloats((long)most * shape.Vocabulary);
            logits.Dispose();
            (logits, room) = (larger, most);
        }

        for (int panel = 0; panel < count; panel += PanelRows)
        {
            rows = Math.Min(PanelRows, count - panel);
            normed.Expect(rows);
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<float> input = new(stream + ((long)(firstRow + panel + i) * shape.Hidden), shape.Hidden);
                RmsNorm.Apply(input, model.OutputNorm, shape.RmsEpsilon, normed.Row(i));
                normed.Ready(i);
            }

            team.Run(run);
            for (int i = 0; i < rows; i++)
            {
                Span<float> row = logits.FloatSpan((long)i * shape.Vocabulary, shape.Vocabulary);
                LogitsCheck.ThrowIfNotANumber(row);
                visit(firstRow + panel + i, row);
            }
        }
    }

    public void Dispose()
    {
        normed.Dispose();
        logits.Dispose();
        unpacked.Dispose();
    }

    private void Multiply(int member)
    {
        float* scratch = unpacked.Floats + (member * MatrixProduct.ScratchFloats(model.Shape.Hidden, PanelRows));
        normed.Multiply(model.Output, team, member, 0, rows, logits.Floats, model.Shape.Vocabulary, add: false, scratch);
    }
}
