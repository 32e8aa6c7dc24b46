using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The items of an evaluation: a random part of a file, as the stage's params say.</summary>
internal static class EvaluationItems
{
    /// <summary>Why shots and texts do not go together.</summary>
    public const string NoShots = "a text is scored as it is: take 'unit: endings', or no shots";

    /// <summary>Reads the dep <c>data</c>.</summary>
    /// <exception cref="ArgumentException">Nothing is left of the file, or too few items for the shots.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, too short, or a plain text, which has no endings.</exception>
    public static EncodedSample Read(StageContext context, EvaluateParams values, LlamaModel model)
    {
        bool isText = values.Unit == EvaluationUnit.Text;
        if (values.Shots > 0 && isText)
        {
            throw new ArgumentException($"shots: {NoShots}");
        }

        EncodedSample sample = EncodedSample.Read(
            context.Dep("data"),
            isText ? values.Window : 0,
            values.Part,
            values.Skip,
            values.Limit,
            values.Seed,
            text => model.Tokenizer.Encode(text),
            tokens => model.Tokenizer.Decode(tokens),
            Shots.From(context.Find("shot_items"), values.Shots, values.Seed));
        bool whole = isText && sample.Format != ItemFormat.PlainText;
        return whole ? sample with { Items = [.. sample.Items.Select(TextItems.Of)] } : sample;
    }
}
