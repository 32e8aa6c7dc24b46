using System.Globalization;

namespace AdaptiveKv.Data.Tasks;

/// <summary>
/// ARC (Clark et al. 2018): grade-school science questions with 3 to 5 choices, asked with lm-evaluation-harness's prompt. Read in its own form,
/// <c>question: {stem, choices: [{text, label}]}</c>, and in Hugging Face's, <c>question, choices: {text: [], label: []}</c>.
/// </summary>
internal static class Arc
{
    /// <summary>Whether a row is of one of the two forms.</summary>
    public static bool IsOne(JsonRow row) => row.HasObject("question") || row.HasObject("choices");

    public static MultipleChoiceItem FromJson(JsonRow row, int number)
    {
        (string question, string[] texts, string[] labels) = row.HasObject("question") ? Own(row.Object("question")) : HuggingFace(row);
        if (labels.Index().FirstOrDefault(label => Array.IndexOf(labels, label.Item) < label.Index) is { Item: not null } twice)
        {
            throw row.Error("choices", $"label '{twice.Item}' is given twice: expected a label of its own for each choice");
        }

        // Some questions label their choices A to E, others 1 to 5.
        string key = row.NameOr("answerKey", "");
        int label = Array.IndexOf(labels, key);
        return label >= 0
            ? new MultipleChoiceItem(row.NameOr("id", number.ToString(CultureInfo.InvariantCulture)), $"Question: {question}\nAnswer:", texts, label)
            : throw row.Error("answerKey", key.Length == 0
                ? "missing or empty: a split without answers cannot be scored: use the validation split"
                : $"'{key}' is the label of no choice: expected one of {string.Join(", ", labels)}");
    }

    private static (string Question, string[] Texts, string[] Labels) Own(JsonRow question)
    {
        JsonRow[] choices = question.Objects("choices");
        return (question.Text("stem"), [.. choices.Select(choice => choice.Text("text"))], [.. choices.Select(choice => choice.Name("label"))]);
    }

    private static (string Question, string[] Texts, string[] Labels) HuggingFace(JsonRow row)
    {
        JsonRow choices = row.Object("choices");
        (string[] texts, string[] labels) = (choices.Texts("text"), choices.Names("label"));
        return texts.Length == labels.Length
            ? (row.Text("question"), texts, labels)
            : throw row.Error("choices", $"{texts.Length} texts and {labels.Length} labels: expected a label for each text");
    }
}
