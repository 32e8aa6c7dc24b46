using AdaptiveKv.Files;
using AdaptiveKv.Files.Onnx;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies.Control;

/// <summary>
/// A controller's network for other programs, in ONNX. Input "Features", float [rows, features]: as they come, NaN where one is unknown. Outputs "Logits", float [rows, tiers]: those of
/// <see cref="Controller.Logits"/> but for the rounding of sums; "Score", float [rows, tiers]: their probabilities; "Tier", int64 [rows, 1]: the place of the tier that the decoder takes at the price 0.
/// The names of features and tiers are in the metadata. Prices, budgets and rarities are not in it.
/// </summary>
public static class ControllerOnnx
{
    /// <summary>The input.</summary>
    public const string Features = "Features";

    /// <summary>The output that a price is taken off of.</summary>
    public const string Logits = "Logits";

    /// <summary>The probabilities.</summary>
    public const string Score = "Score";

    /// <summary>The choice.</summary>
    public const string Tier = "Tier";

    /// <summary>Writes the file whole or not at all; the same controller gives the same bytes.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, Controller controller) => OutputFile.Write(path, Of(controller));

    /// <summary>The bytes of the file.</summary>
    public static byte[] Of(Controller controller)
    {
        OnnxGraph graph = new("controller");
        int tiers = controller.Tiers.Count;
        string x = Known(graph, graph.Input(Features, controller.Features.Count), controller.Features);
        foreach ((int i, DenseLayer layer) in controller.Folded.Index())
        {
            bool isLast = i == controller.Folded.Count - 1;
            string weight = graph.Constant($"layer.{i}.weight", layer.Weights, layer.Outputs, layer.Inputs);
            string bias = graph.Constant($"layer.{i}.bias", layer.Bias, layer.Outputs);
            x = graph.Node("Gemm", isLast && !controller.PredictsLoss ? Logits : $"layer.{i}", [x, weight, bias], ("transB", 1));
            x = isLast ? x : graph.Node("Relu", $"units.{i}", [x]);
        }

        if (controller.PredictsLoss)
        {
            // As LossHead.
            string bounded = graph.Node("Min", "logarithm", [x, graph.Constant("most_logarithm", [(float)LossHead.Most])]);
            string loss = graph.Node("Mul", "loss", [graph.Node("Exp", "exponential", [bounded]), graph.Constant("lambda", [(float)controller.Record.Lambda])]);
            float[] costs = [.. controller.Costs.Select(cost => (float)cost)];
            graph.Node("Neg", Logits, [graph.Node("Add", "loss_and_cost", [loss, graph.Constant("costs", costs, tiers)])]);
        }

        graph.Node("Softmax", Score, [Logits], ("axis", 1));
        // Of equal ones the first, which has the fewest bits.
        graph.Node("ArgMax", Tier, [Logits], ("axis", 1), ("keepdims", 1));
        graph.Output(Logits, tiers);
        graph.Output(Score, tiers);
        graph.Output(Tier, 1, isWhole: true);
        return graph.ToFile("akv", controller.Record.Akv,
        [
            ("features", string.Join(',', controller.Features.Select(scale => SaliencyFeatures.Name(scale.Feature)))),
            ("tiers", string.Join(',', controller.Tiers.Select(cost => cost.Tier))),
        ]);
    }

    // What is not finite counts as the mean; comparing with NaN is never true.
    private static string Known(OnnxGraph graph, string features, IReadOnlyList<FeatureScale> scales)
    {
        string isKnown = graph.Node("Less", "is_known", [graph.Node("Abs", "size", [features]), graph.Constant("infinity", [float.PositiveInfinity])]);
        string filled = graph.Node("Where", "known", [isKnown, features, graph.Constant("means", [.. scales.Select(scale => scale.Mean)], scales.Count)]);
        return graph.Node("Clip", "bounded", [filled, graph.Constant("least", [-ControllerReach.MostFeature]), graph.Constant("most", [ControllerReach.MostFeature])]);
    }
}
