using System.Text.Json;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>An evaluation on disk: what the stage evaluate writes and <c>akv evaluate --json</c> prints.</summary>
public static class EvaluationFile
{
    private static readonly ReportJson Strict = new(new JsonSerializerOptions(ReportJson.Default.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no evaluation, or one without policies.</exception>
    public static EvaluationReport Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            EvaluationReport report = JsonSerializer.Deserialize(file, Strict.EvaluationReport) ?? throw new JsonException("it is null");
            return report.Policies.Count > 0 ? report : throw new InvalidDataException($"{path}: no policy was evaluated: run the evaluation again");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: expected an evaluation ('akv evaluate --json'): {exception.Message}", exception);
        }
    }
}
