using System.Text.Json;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training;

namespace AdaptiveKv.Unit.Training;

/// <summary>A probe of tables in which the logarithm of a cost per later prediction is a known linear function of the normalized hidden state, and noise.</summary>
public sealed class ProbeStageTests : IDisposable
{
    private const int Width = 6;
    private const int PerItem = 30;
    private const double Bias = -5;

    private static readonly double[] Weights = [0.5, -1, 0, 0.25, 2, 0];
    private static readonly KvTier[] Tiers = [KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Three)];

    private readonly StageTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Fact]
    public void The_weights_are_found_and_what_they_explain_is_told()
    {
        Run(noise: 0);

        HiddenProbe probe = HiddenProbe.Read(trial["probe"]);
        JsonElement summary = trial.Json("summary");
        Assert.Equal((2, Width), (probe.Layer, probe.Width));
        float[] hidden = [1, 2, -3, 4, 0.5f, -1];
        double rms = Math.Sqrt(hidden.Sum(x => x * x) / Width);
        Assert.Equal(Expected(hidden, rms), probe.Of(hidden), 1e-2);
        Assert.Equal(1, summary.GetProperty("explained").GetDouble(), 1e-3);
        // Neither first tokens, nor last ones, which no prediction follows.
        Assert.Equal(40 * (PerItem - 2), summary.GetProperty("tokens").GetInt32());
        Assert.Equal(40, summary.GetProperty("items").GetInt32());
    }

    /// <summary>Of a prompt and its answer a cost is divided by the predictions of the answer alone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(PerItem / 2)]
    public void Predictions_that_do_not_count_do_not_count(int prompt)
    {
        Run(noise: 0, prompt: prompt);

        float[] hidden = [1, 2, -3, 4, 0.5f, -1];
        Assert.Equal(Expected(hidden, Math.Sqrt(hidden.Sum(x => x * x) / Width)), HiddenProbe.Read(trial["probe"]).Of(hidden), 1e-2);
        Assert.Equal(1, trial.Json("summary").GetProperty("explained").GetDouble(), 1e-3);
    }

    [Fact]
    public void What_cannot_be_explained_is_not()
    {
        Run(noise: 60);

        Assert.InRange(trial.Json("summary").GetProperty("explained").GetDouble(), -0.05, 0.08);
    }

    [Fact]
    public void The_same_inputs_give_the_same_bytes()
    {
        Run(noise: 1);
        byte[] first = File.ReadAllBytes(trial["probe"]);
        Run(noise: 1);

        Assert.Equal(first, File.ReadAllBytes(trial["probe"]));
    }

    [Theory]
    [InlineData(0, Width, 40, "it has no hidden states")]
    [InlineData(2, 0, 40, "a token has 0 numbers of hidden state: collect with hidden_layer")]
    [InlineData(2, Width, 1, "1 items have hidden states and costs: expected two at least")]
    public void Tables_without_what_is_needed_are_refused(int layer, int width, int items, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Run(noise: 1, layer, width, items)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_element_that_never_changes_is_named()
    {
        WriteTokens(trial["tokens"], layer: 2, Width, items: 40, constant: 3);
        WriteCosts(trial["costs"], noise: 1, Width, items: 40, CollectedTables.Model);

        string message = Assert.Throws<InvalidDataException>(() => trial.Run(ProbeStage.Kind, new Dictionary<string, string> { ["tokens"] = trial["tokens"], ["costs"] = trial["costs"] }, new { tiers = new[] { "2", "3" } })).Message;

        Assert.Contains("element 3 of the hidden states never changes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_of_another_model_are_refused() => Assert.Contains(
        "the costs are of another model than the tokens",
        Assert.Throws<InvalidDataException>(() => Run(noise: 1, model: new string('b', 64))).Message,
        StringComparison.Ordinal);

    private void Run(double noise, int layer = 2, int width = Width, int items = 40, string? model = null, int prompt = 0)
    {
        WriteTokens(trial["tokens"], layer, width, items, prompt: prompt);
        WriteCosts(trial["costs"], noise, width, items, model ?? CollectedTables.Model, prompt);
        trial.Run(ProbeStage.Kind, new Dictionary<string, string> { ["tokens"] = trial["tokens"], ["costs"] = trial["costs"] }, new { tiers = new[] { "2", "3" } });
    }

    private static void WriteTokens(string path, int layer, int width, int items, int? constant = null, int prompt = 0)
    {
        TableSchema schema = TokenTable.Of(TokenTable.Item, TokenTable.Position, TokenTable.Feature(SaliencyFeature.LogRemaining), TokenTable.Hidden);
        using TableWriter writer = new(path, schema, new Dictionary<string, string> { ["model_sha256"] = CollectedTables.Model, [TokenTable.HiddenLayer] = $"{layer}", [TokenTable.Prompts] = $"{prompt > 0}" });
        foreach ((string item, int position, float[] hidden) in Rows(width, items))
        {
            if (constant is { } element)
            {
                hidden[element] = 0;
            }

            writer.Add(item).Add(position).Add(MathF.Log(Math.Max(prompt - position, 1))).Add(hidden).EndRow();
        }

        writer.Complete();
    }

    private static void WriteCosts(string path, double noise, int width, int items, string model, int prompt = 0)
    {
        CounterRandom random = new(4);
        ulong row = 0;
        using TableWriter writer = new(path, TokenCostTable.Of([.. Tiers.Select(TokenCostTable.Cost)]), new Dictionary<string, string> { [TokenCostTable.Model] = model, [TokenTable.Prompts] = $"{prompt > 0}" });
        foreach ((string item, int position, float[] hidden) in Rows(width, items))
        {
            double rms = Math.Sqrt(hidden.Sum(x => (double)x * x) / Math.Max(width, 1));
            double chance = noise * (random.Uniform(row++, 0) - 0.5);
            double log = (width == 0 ? 0 : Expected(hidden, rms)) + chance + Math.Log(PerItem - 1 - Math.Max(position, prompt - 1));
            writer.Add(item).Add(position);
            foreach (double shift in (double[])[0.5, -0.5])
            {
                writer.Add(position == PerItem - 1 ? 0f : (float)Math.Exp(log + shift));
            }

            writer.EndRow();
        }

        writer.Complete();
    }

    private static double Expected(float[] hidden, double rms) => Weights.Zip(hidden, (w, x) => w * x / rms).Sum() + Bias;

    private static IEnumerable<(string Item, int Position, float[] Hidden)> Rows(int width, int items)
    {
        CounterRandom random = new(8);
        return from item in Enumerable.Range(0, items)
               from position in Enumerable.Range(0, PerItem)
               let row = (ulong)((item * PerItem) + position)
               select ($"item-{item}", position, Enumerable.Range(0, width).Select(i => (float)(random.Uniform(row, (ulong)i) - 0.5)).ToArray());
    }
}
