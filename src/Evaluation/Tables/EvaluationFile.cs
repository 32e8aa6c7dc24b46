using System.Text.Json;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>An evaluation on disk: what the stage evaluate writes and <c>akv evaluate --json</c> prints.</summary>
public static class EvaluationFile
{
    private static readonly ReportJson Strict = new(new JsonSerializerOptions(ReportJson.Default.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no evaluation, one without policies, or a number in it cannot be.</exception>
    public static EvaluationReport Read(string path)
    {
        EvaluationReport report = FigureFile.Read(path, Strict.EvaluationReport, "an evaluation ('akv evaluate --json')", EvaluationLimits.Of);
        return report.Policies.Count > 0 ? report : throw new InvalidDataException($"{path}: no policy was evaluated: run the evaluation again");
    }
}
