using System.Globalization;

namespace AdaptiveKv.Scoring.Tasks;

/// <summary>ARC (Clark et al. 2018): grade-school science questions with 3 to 5 choices, asked with lm-evaluation-harness's prompt.</summary>
internal static class Arc
{
    public static MultipleChoiceItem FromJson(JsonRow row, int number)
    {
        JsonRow question = row.Object("question");
        JsonRow[] choices = question.Objects("choices");
        string key = row.NameOr("answerKey", "");

        // Some questions label their choices A to E, others 1 to 5.
        int label = Array.FindIndex(choices, choice => choice.NameOr("label", "") == key);
        if (key.Length == 0 || label < 0)
        {
            throw row.Error("answerKey", $"'{key}' is the label of no choice: expected one of {string.Join(", ", choices.Select(choice => choice.NameOr("label", "?")))}");
        }

        return new MultipleChoiceItem(
            row.NameOr("id", number.ToString(CultureInfo.InvariantCulture)),
            $"Question: {question.Text("stem")}\nAnswer:",
            [.. choices.Select(choice => choice.Text("text"))],
            label);
    }
}
