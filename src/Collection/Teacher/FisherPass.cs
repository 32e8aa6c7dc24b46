using AdaptiveKv.Files;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>
/// Gradients of the log-likelihood of continuations that the model itself would choose, with respect to all keys and values as later tokens see them. With y drawn from the
/// predictions at every position and g the gradient of sum log p(y), E[(g.d)^2] / 2 is the KL that a small change d costs: E[g g'] is the Fisher information (Amari 1998).
/// </summary>
/// <remarks>
/// The forward pass keeps each layer's input alone; going back, a layer is computed again and its gradients are taken for all samples before the next one, so that memory
/// is that of one layer whatever the depth of the model.
/// </remarks>
/// <param name="model">The model.</param>
internal sealed class FisherPass(TorchLlama model)
{
    // Rows whose probabilities over the vocabulary are held at a time.
    private const int PieceRows = 64;

    private readonly Scalar lastToken = (model.Shape.Vocabulary - 1).ToScalar();

    /// <summary>Reads a text once and goes back through it once a sample.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="counted">The first prediction that counts, by the token that it follows.</param>
    /// <param name="samples">Continuations that are drawn at every position.</param>
    /// <param name="random">What they are drawn with; stream s is that of sample s.</param>
    /// <param name="visit">Sees a layer, from the last to the first: its keys and values, and for each sample their gradients in the same shape. All end with the call.</param>
    /// <param name="cancellation">Ends it between two layers.</param>
    public void Run(ReadOnlySpan<int> tokens, int counted, int samples, CounterRandom random, Action<int, LayerPass, IReadOnlyList<KvShift>> visit, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using TextFrame frame = new(model.Shape, tokens.Length, model.Device);
        Tensor[] inputs = Forward(tokens, frame, cancellation);
        Tensor[] gradients = AtLastState(inputs[^1], counted, samples, random);
        for (int layer = model.Shape.Layers - 1; layer >= 0; layer--)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope own = NewDisposeScope();
            Tensor input = inputs[layer].detach().requires_grad_();
            LayerPass pass = model.Block(layer, input, frame);
            using Tensor itself = Itself(pass, frame);
            KvShift[] found = new KvShift[samples];
            for (int sample = 0; sample < samples; sample++)
            {
                IList<Tensor> parts = autograd.grad([pass.Output], [input, pass.Keys, pass.Values, pass.Attended], [gradients[sample]], retain_graph: sample < samples - 1);
                gradients[sample].Dispose();
                gradients[sample] = parts[0].MoveToOuterDisposeScope();
                using IDisposable ungraded = no_grad();
                found[sample] = model.Attention.Later(pass, itself, new KvShift(parts[1], parts[2]), parts[3]);
            }

            visit(layer, pass, found);
        }
    }

    private Tensor Itself(LayerPass pass, TextFrame frame)
    {
        using IDisposable ungraded = no_grad();
        return model.Attention.Itself(pass.Queries, pass.Keys, frame);
    }

    // The input of every layer, and the state behind the last.
    private Tensor[] Forward(ReadOnlySpan<int> tokens, TextFrame frame, CancellationToken cancellation)
    {
        using IDisposable ungraded = no_grad();
        Tensor[] states = new Tensor[model.Shape.Layers + 1];
        states[0] = model.Embed(tokens);
        for (int layer = 0; layer < model.Shape.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope own = NewDisposeScope();
            states[layer + 1] = model.Block(layer, states[layer], frame).Output.MoveToOuterDisposeScope();
        }

        return states;
    }

    // By sample. The gradient of log p(y) with respect to the logits is 1 at y less the probabilities, and those are the same for all samples.
    private Tensor[] AtLastState(Tensor state, int counted, int samples, CounterRandom random)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = state.detach().requires_grad_();
        Tensor normalized = model.Normalized(leaf).narrow(0, counted, state.shape[0] - counted);
        Tensor[] drawn = new Tensor[samples];
        using (no_grad())
        {
            int rows = (int)state.shape[0];
            List<Tensor> expected = [], choices = [];
            for (int first = counted; first < rows; first += PieceRows)
            {
                using DisposeScope piece = NewDisposeScope();
                int count = Math.Min(PieceRows, rows - first);
                Tensor probabilities = normalized.narrow(0, first - counted, count).matmul(model.Output.t()).softmax(-1);
                expected.Add(probabilities.matmul(model.Output).MoveToOuterDisposeScope());
                choices.Add(Draw(probabilities, first, samples, random).MoveToOuterDisposeScope());
            }

            Tensor mean = cat(expected, 0), chosen = cat(choices, 0);
            for (int sample = 0; sample < samples; sample++)
            {
                drawn[sample] = model.Output.index_select(0, chosen.select(1, sample)) - mean;
            }
        }

        return [.. drawn.Select((gradient, sample) =>
            autograd.grad([normalized], [leaf], [gradient], retain_graph: sample < samples - 1)[0].MoveToOuterDisposeScope())];
    }

    // [rows, samples]. Of the distribution, by numbers that hang on position and sample alone.
    private Tensor Draw(Tensor probabilities, int first, int samples, CounterRandom random)
    {
        int rows = (int)probabilities.shape[0];
        double[] uniform = [.. from row in Enumerable.Range(first, rows) from sample in Enumerable.Range(0, samples) select random.Uniform((ulong)row, (ulong)sample)];
        Tensor sums = probabilities.to_type(ScalarType.Float64).cumsum(-1);
        Tensor wanted = tensor(uniform, rows, samples, device: model.Device) * sums.narrow(1, sums.shape[1] - 1, 1);
        return searchsorted(sums, wanted, right: true).clamp_max(lastToken);
    }
}
