using AdaptiveKv.Inference;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Scoring.Tasks;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The items of an evaluation: a random part of a file, as the stage's params say.</summary>
/// <param name="Chosen">The part, in file order.</param>
/// <param name="Format">What the file was recognized as.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Total">Items, or windows, of the file.</param>
/// <param name="Unit">What is scored of each.</param>
internal sealed record EvaluationItems(EncodedItem[] Chosen, ItemFormat Format, string Sha256, int Total, EvaluationUnit Unit)
{
    /// <summary>Reads the dep <c>data</c>.</summary>
    /// <exception cref="ArgumentException">A plain text has no endings, or nothing is left of the file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or too short.</exception>
    public static EvaluationItems Read(StageContext context, LlamaModel model)
    {
        string path = context.Dep("data");
        EvaluationUnit unit = context.Params.Text("unit") == "text" ? EvaluationUnit.Text : EvaluationUnit.Endings;
        if (!ItemFile.IsOne(path) && unit == EvaluationUnit.Text)
        {
            TextFile text = TextFile.Read(path);
            IReadOnlyList<EncodedItem> windows = TextItems.Windows(text, (int)context.Params.Integer("window"), model.Tokenizer);
            return new EvaluationItems([.. Part(context, windows)], ItemFormat.PlainText, text.Sha256, windows.Count, unit);
        }

        ItemFile file = ItemFile.Read(path);
        IEnumerable<EncodedItem> items = Part(context, file.Items).Select(item => EncodedItem.Encode(item, text => model.Tokenizer.Encode(text)));
        return new EvaluationItems([.. unit == EvaluationUnit.Text ? items.Select(TextItems.Of) : items], file.Format, file.Sha256, file.Items.Count, unit);
    }

    private static IReadOnlyList<T> Part<T>(StageContext context, IReadOnlyList<T> all) =>
        ItemSample.Part(all, (int)context.Params.Integer("skip"), (int)context.Params.Integer("limit"), (ulong)context.Params.Integer("seed"));
}
